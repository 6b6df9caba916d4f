"""Cameras as threads of one process, told what to do over a pipe."""

import base64
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from types import FunctionType
from typing import Any

from passerby.apps.city import CameraSection
from passerby.apps.node.memory import give_back, held
from passerby.apps.node.pipe import Message, Pipe
from passerby.apps.node.worker.camera import Opened, Task, run_camera
from passerby.apps.node.worker.pulse import Pulse, StoppedError
from passerby.apps.node.worker.turns import CameraTurn, Turns
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.measure import Measure
from passerby.edge.groundplane import GroundRecord
from passerby.edge.measurement import OpenWindow
from passerby.edge.pipeline import Pipeline
from passerby.edge.transfer import from_rows, to_rows
from passerby.gate.mandate import NotAuthorizedError, parse_document
from passerby.gate.mandate.authorize import from_terms
from passerby.machine import Core

TELL_SECONDS, MEMORY_EVERY = 0.5, 4
"""To read it takes a millisecond or two."""
END_SECONDS = 2.0


class RefusedError(PasserbyError):
    """The process of the gate could not say whether a mandate stands."""


@dataclass(slots=True)
class Running:
    """A camera at work."""

    thread: threading.Thread
    pulse: Pulse
    turn: CameraTurn
    pipeline: Pipeline | None = None


class Worker:
    """Does what comes through its pipe until that ends, and then is gone with all that it knew."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._running: dict[str, Running] = {}
        self._answers: dict[int, queue.SimpleQueue[Message]] = {}
        self._calls = count()
        self._turns = Turns()
        self._core = Core()

    def run(self) -> None:
        """Serve; does not return."""
        self._say({"what": "ready"})
        threading.Thread(target=self._tell, name="tell", daemon=True).start()
        while (message := self._pipe.receive()) is not None:
            self._take(message)
        for running in tuple(self._running.values()):
            running.pulse.stop.set()
        end = time.monotonic() + END_SECONDS
        for running in tuple(self._running.values()):
            running.thread.join(max(0.0, end - time.monotonic()))
        os._exit(0)

    def _say(self, message: Message) -> None:
        """Whoever speaks to nobody any more ends; ``run`` ends the process."""
        try:
            self._pipe.send(message)
        except OSError:
            raise SystemExit from None

    def _take(self, message: Message) -> None:
        match message["what"]:
            case "work":
                target = _named(Worker._work, f"camera_{int(message['number'])}")
                threading.Thread(target=target, args=(self, message), daemon=True).start()
            case "leave":
                if (running := self._running.get(message["job"])) is not None:
                    running.pulse.stop.set()
            case "plate":
                threading.Thread(target=self._plate, args=(message,), name="plate", daemon=True).start()
            case "answer":
                if (waiting := self._answers.get(message["call"])) is not None:
                    waiting.put(message)

    def _work(self, message: Message) -> None:
        job, pulse = message["job"], Pulse(self._core)
        self._turns.join(job)
        running = self._running[job] = Running(threading.current_thread(), pulse, CameraTurn(self._turns, job))
        try:
            task = _task(message)

            def authorize(instant: datetime) -> Authorization:
                if pulse.stop.is_set():
                    raise StoppedError("the node ends")
                with pulse.waiting():
                    terms = self._ask(job, instant)
                return from_terms(task.mandate, task.section.id, terms)

            def hand_over(measures: Sequence[Measure]) -> None:
                self._say({"what": "measures", "job": job, "rows": to_rows(measures)})

            def opened(one: Opened) -> None:
                running.pipeline = one.pipeline
                give_back()
                facts = {"slow": one.slow, "stream": one.choice.stream, "why": one.choice.why}
                self._say({"what": "measuring", "job": job, **facts})

            def keep(record: GroundRecord) -> None:
                self._say({"what": "ground", "job": job, "record": record.to_json()})

            def leave(window: OpenWindow) -> None:
                left = {"until": window.until.isoformat(), "rows": to_rows(window.measures)}
                self._say({"what": "open window", "job": job, "left": left})

            run_camera(task, authorize, hand_over, opened, keep, leave, pulse, running.turn, self._core)
            state, note = "ended", ""
        except NotAuthorizedError as error:
            state, note = "asleep", str(error)
        except StoppedError:
            state, note = "ended", ""
        except PasserbyError as error:
            state, note = "outage", str(error)
        except Exception as error:
            state, note = "outage", f"a fault: {type(error).__name__}"
        self._say({"what": "work", "jobs": {job: self._cost(job, running)}})
        del self._running[job]
        self._turns.leave(job)
        self._say({"what": "ended", "job": job, "state": state, "note": note})

    def _ask(self, job: str, instant: datetime) -> dict[str, Any]:
        call = next(self._calls)
        waiting = self._answers[call] = queue.SimpleQueue()
        try:
            self._say({"what": "ask", "job": job, "call": call, "instant": instant.isoformat()})
            answer = waiting.get()
        finally:
            del self._answers[call]
        if "terms" in answer:
            return dict(answer["terms"])
        raise (NotAuthorizedError if answer["asleep"] else RefusedError)(answer["note"])

    def _plate(self, message: Message) -> None:
        running = self._running.get(message["job"])
        png = None if running is None or running.pipeline is None else running.pipeline.plate()
        text = None if png is None else base64.b64encode(png).decode("ascii")
        self._say({"what": "plate", "call": message["call"], "png": text})

    def _tell(self) -> None:
        for number in count():
            time.sleep(TELL_SECONDS)
            jobs = {job: self._cost(job, one) for job, one in tuple(self._running.items())}
            self._say({"what": "work", "jobs": jobs})
            if number % MEMORY_EVERY == 0:
                self._say({"what": "memory", "bytes": held()})

    def _cost(self, job: str, running: Running) -> dict[str, Any]:
        if running.pipeline is None:
            return {"still": running.pulse.still}
        work, ground = running.pipeline.work, running.pipeline.ground
        return {
            "still": running.pulse.still,
            "frames": work.frames,
            "stream_seconds": work.stream_seconds,
            "delay_seconds": work.delay_seconds,
            "stages": work.stages.copy(),
            "rest": self._turns.rest(job),
            "rested_seconds": work.rested_seconds,
            "whole": running.turn.whole,
            "position_error_m": None if ground is None else ground.told_error_m,
            "moved_since": None if ground is None else ground.lapsed,
        }


def _named(function: Callable[..., None], name: str) -> Callable[..., None]:
    """The same function under another name, by which the report of a crash says whose thread it was."""
    return FunctionType(function.__code__.replace(co_name=name), function.__globals__)


def _task(message: Message) -> Task:
    since, ground, left = message["since"], message["ground"], message["left"]
    return Task(
        CameraSection.model_validate(message["camera"]),
        parse_document(message["mandate"]),
        datetime.fromisoformat(message["begin"]),
        None if since is None else datetime.fromisoformat(since),
        None if ground is None else GroundRecord.from_json(ground),
        None if left is None else OpenWindow(datetime.fromisoformat(left["until"]), tuple(from_rows(left["rows"]))),
    )
