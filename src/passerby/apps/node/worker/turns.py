"""Fair shares of a worker that has more to decode than it can."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LATE_SECONDS = 0.5
"""A live camera that is so far behind its stream has too little of the machine: somebody must rest."""
HELPLESS_SECONDS, CAUGHT_UP_SECONDS = 1.5, 0.2
"""A camera so far behind rests itself, until it has caught up."""
REST_SECONDS, ORDER_SECONDS = 12.0, 1.0
"""How long a rest is: long against the tracks that it breaks, for what is counted around a break lacks 0.4 s. Rests are
ordered at most once in ``ORDER_SECONDS``."""
USE_SECONDS = 60.0
"""Over about so long it is remembered who used how much."""
ABOVE, AT_ONCE = 1.1, 8
"""Only who used so many times the mean rests for others, and by one order one in so many."""


@dataclass(slots=True)
class Account:
    """CPU time of one camera, fading (s), as of ``at``, and until when it rests (s of a steady clock).

    ``share``: of the last minute in which it rested."""

    at: float
    used: float = 0.0
    rests_until: float = float("-inf")
    catches_up: bool = False
    share: float = 0.0


class Turns:
    """When somebody is late, whoever used the most lately rests; so nobody who is content with a fair share ever does.

    Cameras that need the same rest in turn, and one that floods rests alone. A rest is time that is not covered.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self._ordered = float("-inf")

    def join(self, camera: str) -> None:
        """A camera comes. It begins with the mean of the others, so that coming anew is no advantage."""
        with self._lock:
            now = self._clock()
            used = [_faded(account, now) for account in self._accounts.values()]
            self._accounts[camera] = Account(now, sum(used) / len(used) if used else 0.0)

    def leave(self, camera: str) -> None:
        """A camera goes."""
        with self._lock:
            self._accounts.pop(camera, None)

    def rests(self, camera: str, late: float, spent: float) -> bool:
        """Whether a camera rests now. ``late``: s that it is behind. ``spent``: CPU time since it was last asked, s."""
        with self._lock:
            now, account = self._clock(), self._accounts[camera]
            fading = math.exp((account.at - now) / USE_SECONDS)
            account.at = now
            account.used = account.used * fading + spent
            resting = now < account.rests_until
            if late > LATE_SECONDS and not resting and now - self._ordered >= ORDER_SECONDS:
                self._ordered = now
                self._order(now)
            account.catches_up = late > (CAUGHT_UP_SECONDS if account.catches_up else HELPLESS_SECONDS)
            resting = account.catches_up or now < account.rests_until
            account.share = account.share * fading + (1.0 - fading) * resting
            return resting

    def rest(self, camera: str) -> float:
        """Share of the last minute, about, in which a camera rested."""
        with self._lock:
            account = self._accounts.get(camera)
            return 0.0 if account is None else account.share

    def _order(self, now: float) -> None:
        awake = [account for account in self._accounts.values() if now >= account.rests_until]
        if len(awake) > 1:
            used = {id(account): _faded(account, now) for account in self._accounts.values()}
            fair = ABOVE * sum(used.values()) / len(used)
            awake.sort(key=lambda account: -used[id(account)])
            for account in awake[: max(1, len(awake) // AT_ONCE)]:
                if used[id(account)] >= fair:
                    account.rests_until = now + REST_SECONDS


class CameraTurn:
    """The turn of one camera, whose thread asks. ``whole``: every picture of its stream is decoded."""

    def __init__(self, turns: Turns, camera: str) -> None:
        self._turns, self._camera = turns, camera
        self._reading = time.thread_time()
        self.whole = True

    def rests(self, late: float, *, whole: bool) -> bool:
        """Whether this packet is left undecoded."""
        reading = time.thread_time()
        spent, self._reading, self.whole = reading - self._reading, reading, whole
        return self._turns.rests(self._camera, late, spent)


def _faded(account: Account, now: float) -> float:
    return account.used * math.exp((account.at - now) / USE_SECONDS)
