"""The workers of a node: who does what, what they say, and what happens when one of them ends."""

import base64
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count

from passerby.apps.city import CameraSection
from passerby.apps.node.grounds import Grounds
from passerby.apps.node.house import House
from passerby.apps.node.memory import held
from passerby.apps.node.pipe import Message
from passerby.apps.node.placement import Placement
from passerby.apps.node.process import PROGRAM, Death, WorkerProcess
from passerby.apps.node.releasing import Closed, Releasing
from passerby.apps.node.status import CameraState, StatusBoard
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.edge.transfer import from_rows
from passerby.gate.mandate import NotAuthorizedError
from passerby.gate.mandate.authorize import to_terms

LOOK_SECONDS = 0.2
HANG_SECONDS = 20.0
"""A camera that did nothing for so long, and waits for nothing, hangs: longer than the slowest stream takes to open."""
START_SECONDS = 60.0
PLATE_SECONDS = 3.0
MOST_TRIES = 3
"""How often a recording may crash its worker; a live camera is tried again for ever."""


@dataclass(slots=True)
class Job:
    """One camera under one mandate. ``number``: its name in the report of a crash. ``begun``: when it was first put to
    work. ``waiting``: how often it waits for the gate. ``verdict``: what stopped it. ``comes_back``: it leaves its
    process for one that it shares. ``left``: what its open window holds, should its process end; secret."""

    name: str
    number: int
    section: CameraSection
    mandate: Mandate
    process: WorkerProcess | None = None
    begun: datetime | None = None
    waiting: int = 0
    still: float = 0.0
    verdict: tuple[CameraState, str] | None = None
    ended: bool = False
    comes_back: bool = False
    left: Message | None = field(default=None, repr=False)


@dataclass(slots=True)
class Plate:
    """A question to a worker."""

    came: threading.Event = field(default_factory=threading.Event)
    png: bytes | None = None


class Fleet:
    """Keeps every job at work in some process until it ends by itself. A crash costs the others of its process a few
    seconds; who is to blame is tried again alone, ever more seldom.
    """

    def __init__(self, house: House, board: StatusBoard, workers: int, program: Sequence[str] = PROGRAM) -> None:
        """``workers``: processes that share the cameras. ``program``: what they run."""
        self._house, self._board, self._program = house, board, program
        self._placement = Placement(workers)
        self._releasing = Releasing(house, board)
        self._grounds = Grounds(house.city.state)
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._processes: dict[int, WorkerProcess] = {}
        self._leaving: set[WorkerProcess] = set()
        self._blamed: dict[WorkerProcess, set[str]] = {}
        self._plates: dict[int, Plate] = {}
        self._calls = count()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._thread.start()

    def take(self, section: CameraSection, mandate: Mandate) -> None:
        """Put a camera to work under a mandate; nothing where it is at work already."""
        name = f"{section.id} {mandate.hash}"
        with self._lock:
            if name not in self._jobs:
                self._jobs[name] = Job(name, next(self._calls), section, mandate)

    def has(self, camera: str, mandate: str = "") -> bool:
        """Whether a camera is at work, under any mandate or the one of a hash."""
        with self._lock:
            return any(job.section.id == camera and mandate in ("", job.mandate.hash) for job in self._jobs.values())

    def pids(self) -> dict[str, int]:
        """Process of each camera that is at work in one."""
        with self._lock:
            return {job.section.id: job.process.pid for job in self._jobs.values() if job.process is not None}

    def memory(self) -> int:
        """Bytes that the workers and this process hold; 0 while one of them did not say."""
        with self._lock:
            workers = [process.memory for process in self._processes.values()]
        return held() + sum(workers) if all(workers) else 0

    def plate(self, camera: str) -> bytes | None:
        """PNG of a camera's empty background, None where there is none or its worker does not answer."""
        with self._lock:
            found = [job for job in self._jobs.values() if job.section.id == camera and job.process is not None]
            asked = [(next(self._calls), job) for job in found if job.mandate.background_plate]
            plates = {call: Plate() for call, _ in asked}
            self._plates |= plates
        end = time.monotonic() + PLATE_SECONDS
        for call, job in asked:
            if job.process is not None:
                job.process.send({"what": "plate", "job": job.name, "call": call})
        try:
            for plate in plates.values():
                if plate.came.wait(max(0.0, end - time.monotonic())) and plate.png is not None:
                    return plate.png
        finally:
            with self._lock:
                for call in plates:
                    del self._plates[call]
        return None

    def close(self) -> None:
        """End every worker and release what they had given; nothing is released after that."""
        self._stop.set()
        self._thread.join()
        self._releasing.close()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            now = time.monotonic()
            with self._lock:
                self._end_who_hangs_or_is_idle(now)
                for job in tuple(self._jobs.values()):
                    if job.process is None and not job.waiting and self._placement.may_start(job.name, now):
                        self._begin(job)
        with self._lock:
            for group in tuple(self._processes):
                self._dismiss(group)
            leaving = tuple(self._leaving)
        for process in leaving:
            process.join()

    def _dismiss(self, group: int) -> None:
        process = self._processes.pop(group)
        self._leaving.add(process)
        process.hang_up()

    def _begin(self, job: Job) -> None:
        group = self._placement.group_of(job.name)
        process = self._processes.get(group)
        if process is None:
            try:
                process = self._processes[group] = WorkerProcess(self._heard, self._died, self._program)
            except OSError as error:
                self._placement.failed_to_start(group, time.monotonic())
                self._board.update(job.section.id, state="outage", note=f"no worker: {error.strerror}")
                return
        now = datetime.now(UTC)
        since = self._released_until(job) or job.begun
        job.process, job.still, job.begun = process, 0.0, job.begun or now
        process.send(
            {
                "what": "work",
                "job": job.name,
                "number": job.number,
                "camera": job.section.model_dump(mode="json"),
                "mandate": job.mandate.document,
                "begin": now.isoformat(),
                "since": None if since is None else since.isoformat(),
                "ground": self._grounds.read(job.section.id),
                "left": job.left,
            }
        )

    def _released_until(self, job: Job) -> datetime | None:
        finest = min(resolution.seconds for resolution in job.mandate.resolutions)
        until = self._house.gate.released_until(job.mandate.hash, job.section.id, finest)
        return datetime.strptime(until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if until else None

    def _end_who_hangs_or_is_idle(self, now: float) -> None:
        for group, process in tuple(self._processes.items()):
            jobs = [job for job in self._jobs.values() if job.process is process]
            stuck = {job.name for job in jobs if job.still > HANG_SECONDS}
            silent = now - process.heard_at > (HANG_SECONDS if process.ready else START_SECONDS)
            if (stuck or silent) and process not in self._blamed:
                self._blamed[process] = stuck
                process.kill()
            elif process.ready and not jobs:
                self._dismiss(group)

    def _heard(self, process: WorkerProcess, message: Message) -> None:
        """In the thread of the worker. Raises what a message that makes no sense raises."""
        if message["what"] == "ready":
            process.ready = True
            return
        if message["what"] == "memory":
            process.memory = int(message["bytes"])
            return
        if message["what"] == "work":
            for name, cost in message["jobs"].items():
                if (job := self._job(name, process)) is not None:
                    job.still = float(cost.pop("still"))
                    self._board.update(job.section.id, **cost)
            return
        if message["what"] == "plate":
            self._show_plate(int(message["call"]), message["png"])
            return
        job = self._job(str(message["job"]), process)
        if job is None:
            return
        match message["what"]:
            case "ask":
                self._answer(process, job, int(message["call"]), datetime.fromisoformat(message["instant"]))
            case "measuring":
                self._show_opened(job, message)
            case "measures":
                self._release(job, message)
            case "open window":
                measures = from_rows(message["left"]["rows"])
                if measures and all(measure.cell.sensor == job.section.id for measure in measures):
                    job.left = message["left"]
            case "ground":
                with suppress(OSError):
                    self._grounds.write(job.section.id, message["record"])
            case "ended":
                job.verdict = job.verdict or (_state(message["state"]), str(message["note"]))
                job.ended = True
                self._later(job, [], partial(self._finish, job))

    def _job(self, name: str, process: WorkerProcess) -> Job | None:
        """The job of a name if it is this worker's."""
        with self._lock:
            job = self._jobs.get(name)
            return job if job is not None and job.process is process else None

    def _answer(self, process: WorkerProcess, job: Job, call: int, instant: datetime) -> None:
        answer: dict[str, object] = {"what": "answer", "call": call}
        try:
            answer["terms"] = to_terms(self._house.authorize(job.mandate.hash, job.section.id, instant))
        except (PasserbyError, OSError) as error:
            answer |= {"note": str(error), "asleep": isinstance(error, NotAuthorizedError)}
        process.send(answer)

    def _release(self, job: Job, message: Message) -> None:
        measures, job.left = from_rows(message["rows"]), None
        if job.verdict is None and all(measure.cell.sensor == job.section.id for measure in measures):
            self._later(job, measures, partial(self._bring_back, job))

    def _later(self, job: Job, measures: Sequence[Measure], done: Callable[[], None]) -> None:
        """Through the gate, in turn; then ``done``."""

        def settle() -> None:
            with self._lock:
                job.waiting -= 1
                done()

        with self._lock:
            job.waiting += 1
        self._releasing.put(Closed(job.mandate, job.section.id, measures, partial(self._fail, job), settle))

    def _fail(self, job: Job, error: PasserbyError | OSError) -> None:
        """Stop a job whose numbers cannot be released."""
        state: CameraState = "asleep" if isinstance(error, NotAuthorizedError) else "outage"
        with self._lock:
            job.verdict = job.verdict or (state, str(error))
            if job.process is not None:
                job.process.send({"what": "leave", "job": job.name})

    def _bring_back(self, job: Job) -> None:
        """Let a live camera that was put apart share a process again, at the end of a window: little of it is lost."""
        steady = self._placement.may_come_back(job.name, time.monotonic())
        if steady and job.section.rtsp and job.process is not None and not job.ended:
            job.comes_back = True
            job.process.send({"what": "leave", "job": job.name})

    def _finish(self, job: Job) -> None:
        """A job has ended, and what it gave is released."""
        state, note = job.verdict or ("ended", "")
        if job.comes_back and state == "ended":
            job.process, job.verdict, job.ended, job.comes_back = None, None, False, False
            self._placement.come_back(job.name)
            return
        self._board.update(job.section.id, state=state, note=note)
        self._placement.leave(job.name)
        self._jobs.pop(job.name, None)

    def _show_opened(self, job: Job, message: Message) -> None:
        rtsp = job.section.rtsp
        self._board.update(
            job.section.id,
            state="measuring",
            note=self._history(job),
            slow=bool(message["slow"]),
            stream="sub" if message["stream"] == "sub" else "main",
            why=str(message["why"]),
            has_substream=rtsp is not None and rtsp.substream is not None,
        )

    def _show_plate(self, call: int, png: str | None) -> None:
        with self._lock:
            plate = self._plates.get(call)
        if plate is not None:
            plate.png = None if png is None else base64.b64decode(png)
            plate.came.set()

    def _died(self, process: WorkerProcess, death: Death) -> None:
        """In the thread of the worker, after all that it said was heard."""
        now = time.monotonic()
        with self._lock:
            if process in self._leaving:
                self._leaving.remove(process)
                return
            group = next(number for number, one in self._processes.items() if one is process)
            del self._processes[group]
            jobs = [job for job in self._jobs.values() if job.process is process and not job.ended]
            for job in jobs:
                job.process, job.comes_back = None, False
            hangs = self._blamed.pop(process, None)
            cause = death.cause if hangs is None else "it hangs"
            guilty = hangs or {job.name for job in jobs if job.number == death.job}
            if process.ready:
                guilty = self._placement.crashed(group, guilty, now)
            else:
                self._placement.failed_to_start(group, now)
            for job in jobs:
                self._mourn(job, cause, guilty)

    def _mourn(self, job: Job, cause: str, guilty: set[str]) -> None:
        names = ", ".join(sorted(name.partition(" ")[0] for name in guilty))
        if job.verdict is not None:
            self._finish(job)
            return
        note = f"its worker ended ({cause}{f'; {names} is to blame' if names else ''})"
        if job.name in guilty:
            note = f"{cause}; again in {self._placement.wait(job.name):.0f} s, in a process of its own"
            if job.section.recording and self._placement.crashes(job.name) >= MOST_TRIES:
                job.verdict = ("outage", f"{cause}, {MOST_TRIES} times: given up")
                self._finish(job)
                return
        self._board.update(job.section.id, state="outage", note=note)

    def _history(self, job: Job) -> str:
        crashes = self._placement.crashes(job.name)
        if not crashes:
            return ""
        alone = "in a process of its own since " if self._placement.is_apart(job.name) else ""
        return f"{alone}it ended its worker {crashes} times"


def _state(text: str) -> CameraState:
    states: dict[str, CameraState] = {"asleep": "asleep", "ended": "ended", "outage": "outage"}
    return states[text]
