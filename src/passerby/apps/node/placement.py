"""Which cameras share a process, and who must be alone: policy, without a process in it."""

from collections import defaultdict
from dataclasses import dataclass, field

MOST_ALONE = 8
"""Processes for cameras that crashed one. More than so many share them: they harm none but each other."""
FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0
"""Seconds before a camera that crashed its process is tried again, doubled each time."""
GROUP_WAIT, LONGEST_GROUP_WAIT = 0.5, 60.0
CALM_SECONDS = 600.0
"""Crashes of a process that are further apart have nothing to do with each other."""
FIRST_PROBATION, LONGEST_PROBATION = 600.0, 86_400.0
"""Seconds without a crash after which a job that was put apart comes back, doubled with each crash of its own."""


@dataclass(slots=True)
class Group:
    """Jobs that share a process. ``crashes``: in a row, with nobody to blame. ``not_before``: of its next start."""

    jobs: set[str] = field(default_factory=set)
    crashes: int = 0
    last: float = float("-inf")
    not_before: float = 0.0


class Placement:
    """Spreads jobs over ``workers`` groups; who is to blame for a crash goes to a group of its own, and comes back when
    it was steady there.

    Where nobody is known to be to blame, the second crash halves the group, so that a few more find out. Times are s of
    one steady clock.
    """

    def __init__(self, workers: int) -> None:
        self._shared = workers
        self.groups: dict[int, Group] = {number: Group() for number in range(workers)}
        self._place: dict[str, int] = {}
        self._crashes: dict[str, int] = defaultdict(int)
        self._not_before: dict[str, float] = {}
        self._apart_since: dict[str, float] = {}

    def group_of(self, job: str) -> int:
        """Where a job is; one that is new goes where the fewest are, one that was put apart stays apart."""
        if job not in self._place:
            fewest = min(range(self._shared), key=lambda number: len(self.groups[number].jobs))
            self._move(job, self._quarantine() if self.is_apart(job) else fewest)
        return self._place[job]

    def leave(self, job: str) -> None:
        """A job has ended. What it did is remembered."""
        self._move(job, None)

    def may_start(self, job: str, now: float) -> bool:
        """Whether a job has waited long enough."""
        group = self.groups[self.group_of(job)]
        return now >= max(group.not_before, self._not_before.get(job, 0.0))

    def is_apart(self, job: str) -> bool:
        """Whether it was put apart."""
        return job in self._apart_since

    def may_come_back(self, job: str, now: float) -> bool:
        """Whether a job was put apart and has been steady for long enough since."""
        probation = min(LONGEST_PROBATION, FIRST_PROBATION * 2.0 ** max(0, self._crashes[job] - 1))
        return self.is_apart(job) and now - self._apart_since[job] >= probation

    def come_back(self, job: str) -> None:
        """From now on a job shares a process again."""
        self._move(job, None)
        self._apart_since.pop(job, None)

    def crashes(self, job: str) -> int:
        """How often a job was to blame."""
        return self._crashes[job]

    def wait(self, job: str) -> float:
        """Seconds that a job waits after its last crash."""
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (self._crashes[job] - 1)) if self._crashes[job] else 0.0

    def crashed(self, number: int, culprits: set[str], now: float) -> set[str]:
        """The process of a group ended; returns who is to blame: ``culprits``, or the only one who was there."""
        group = self.groups[number]
        if not culprits and len(group.jobs) == 1:
            culprits = set(group.jobs)
        self._apart_since |= dict.fromkeys(self._apart_since.keys() & group.jobs, now)
        for job in culprits:
            self._crashes[job] += 1
            self._not_before[job] = now + self.wait(job)
            if number < self._shared or len(group.jobs) > 1:
                self._put_apart(job, self._quarantine(), now)
        if not culprits:
            self._halve(number, now)
        return culprits

    def failed_to_start(self, number: int, now: float) -> None:
        """The process of a group ended before it was ready: nobody's camera is to blame."""
        self._count(self.groups[number], now)

    def _halve(self, number: int, now: float) -> None:
        group = self.groups[number]
        self._count(group, now)
        if group.crashes > 1 and len(group.jobs) > 1:
            other = self._quarantine()
            for job in sorted(group.jobs)[::2]:
                self._put_apart(job, other, now)

    def _count(self, group: Group, now: float) -> None:
        group.crashes = group.crashes + 1 if now - group.last < CALM_SECONDS else 1
        group.last = now
        wait = 0.0 if group.crashes == 1 else min(LONGEST_GROUP_WAIT, GROUP_WAIT * 2.0**group.crashes)
        group.not_before = now + wait

    def _quarantine(self) -> int:
        """A group for who must be apart: an empty one, else a new one, else the smallest."""
        apart = [number for number in self.groups if number >= self._shared]
        empty = [number for number in apart if not self.groups[number].jobs]
        if not empty and len(apart) >= MOST_ALONE:
            return min(apart, key=lambda number: len(self.groups[number].jobs))
        number = empty[0] if empty else max(self.groups) + 1
        self.groups[number] = Group()
        return number

    def _put_apart(self, job: str, number: int, now: float) -> None:
        self._move(job, number)
        self._apart_since[job] = now

    def _move(self, job: str, number: int | None) -> None:
        before = self._place.pop(job, None)
        if before is not None:
            self.groups[before].jobs.discard(job)
        if number is not None:
            self.groups[number].jobs.add(job)
            self._place[job] = number
