"""Every camera of a city at work: waits for mandates, measures while they stand, goes on after a fault."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from passerby.apps.city import CameraSection
from passerby.apps.node.cameras import StoppedError, run_camera
from passerby.apps.node.house import House
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import State
from passerby.edge.pipeline import Pipeline
from passerby.gate.mandate import NotAuthorizedError

LOOK_SECONDS, WATCH_SECONDS = 5.0, 0.2
END_SECONDS = 15.0


class Node:
    """One thread that looks for mandates, and one for each camera that measures under one.

    A fault of one camera is told on its status and tried again; others go on. A camera asleep costs a line of memory.
    """

    def __init__(self, house: House, board: StatusBoard) -> None:
        self._house = house
        self._board = board
        self._stop = threading.Event()
        self._pipelines: dict[str, Pipeline] = {}
        self._workers: dict[str, dict[str, threading.Thread]] = {section.id: {} for section in house.city.camera}
        self._thread = threading.Thread(target=self._run, name="cameras", daemon=True)

    def start(self) -> None:
        """Begin to look for mandates."""
        self._thread.start()

    def stop(self) -> None:
        """End every camera; nothing is released after that. Waits for them at most ``END_SECONDS``."""
        self._stop.set()
        end = time.monotonic() + END_SECONDS
        for thread in (self._thread, *(worker for workers in self._workers.values() for worker in workers.values())):
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def join(self) -> None:
        """Wait until every recording has ended."""
        self._thread.join()

    def plate(self, camera: str) -> bytes | None:
        """PNG of a camera's empty background; None until one is proven empty, and where no mandate allows it now."""
        pipeline = self._pipelines.get(camera)
        return None if pipeline is None else pipeline.plate()

    def _run(self) -> None:
        waiting = list(self._house.city.camera)
        while waiting and not self._stop.is_set():
            mandates = self._mandates()
            if mandates is not None:
                waiting = [section for section in waiting if self._tend(section, mandates.get(section.id, []))]
            busy = any(section.recording and self._works(section) for section in waiting)
            self._stop.wait(WATCH_SECONDS if busy else LOOK_SECONDS)

    def _mandates(self) -> dict[str, list[Mandate]] | None:
        """Mandates in force by camera; None where nobody knows now."""
        try:
            standings = self._house.standings()
        except (PasserbyError, OSError) as error:
            for section in self._house.city.camera:
                if not self._works(section):
                    self._board.update(section.id, state="outage", note=str(error))
            return None
        found: dict[str, list[Mandate]] = {}
        for mandate in (standing.mandate for standing in standings if standing.state is State.IN_FORCE):
            for sensor in mandate.sensors:
                found.setdefault(sensor, []).append(mandate)
        return found

    def _tend(self, section: CameraSection, mandates: Sequence[Mandate]) -> bool:
        """Put a camera to work where it should work and does not; whether it needs another look."""
        workers = self._workers[section.id]
        for mandate in mandates:
            worker = workers.get(mandate.hash)
            if (worker is None or (section.rtsp and not worker.is_alive())) and self._may_work(section, mandate):
                workers[mandate.hash] = threading.Thread(
                    target=self._work, args=(section, mandate), name=f"{section.id} {mandate.id}", daemon=True
                )
                workers[mandate.hash].start()
        if not workers and not mandates:
            self._board.update(section.id, state="not-mandated")
        return not (section.recording and workers and not self._works(section))

    def _works(self, section: CameraSection) -> bool:
        return any(worker.is_alive() for worker in self._workers[section.id].values())

    def _may_work(self, section: CameraSection, mandate: Mandate) -> bool:
        """Whether the mandate covers this camera and hour; what does not may sleep without a thread."""
        try:
            self._house.authorize(mandate.hash, section.id, datetime.now(UTC))
        except NotAuthorizedError as error:
            self._board.update(section.id, state="asleep", note=str(error))
            return False
        except (PasserbyError, OSError) as error:
            self._board.update(section.id, state="outage", note=str(error))
            return False
        return True

    def _work(self, section: CameraSection, mandate: Mandate) -> None:
        def opened(pipeline: Pipeline) -> None:
            self._pipelines[section.id] = pipeline
            self._board.watch(section.id, pipeline.work)

        try:
            run_camera(self._house, section, mandate, self._board, datetime.now(UTC), self._stop, opened)
        except NotAuthorizedError as error:
            self._board.update(section.id, state="asleep", note=str(error))
        except StoppedError:
            self._board.update(section.id, state="ended")
        except PasserbyError as error:
            self._board.update(section.id, state="outage", note=str(error))
        except Exception as error:
            self._board.update(section.id, state="outage", note=f"a fault: {type(error).__name__}")
