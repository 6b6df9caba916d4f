"""Every camera of a city at work: waits for mandates, measures while they stand, goes on after a fault."""

import threading
import time
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

LOOK_SECONDS = 5.0
END_SECONDS = 15.0


class Node:
    """One thread for each camera and mandate. A fault of one is told on its status and tried again; others go on."""

    def __init__(self, house: House, board: StatusBoard) -> None:
        self._house = house
        self._board = board
        self._stop = threading.Event()
        self._pipelines: dict[str, Pipeline] = {}
        self._threads = [
            threading.Thread(target=self._camera, args=(section,), name=f"camera {section.id}", daemon=True)
            for section in house.city.camera
        ]

    def start(self) -> None:
        """Begin to look for mandates."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End every camera; nothing is released after that. Waits for them at most ``END_SECONDS``."""
        self._stop.set()
        end = time.monotonic() + END_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def join(self) -> None:
        """Wait until every recording has ended."""
        for thread in self._threads:
            thread.join()

    def plate(self, camera: str) -> bytes | None:
        """PNG of a camera's empty background; None until one is proven empty, and where no mandate allows it now."""
        pipeline = self._pipelines.get(camera)
        return None if pipeline is None else pipeline.plate()

    def _camera(self, section: CameraSection) -> None:
        workers: dict[str, threading.Thread] = {}
        while not self._stop.is_set():
            for mandate in self._mandates(section):
                if mandate.hash not in workers or (section.rtsp and not workers[mandate.hash].is_alive()):
                    workers[mandate.hash] = threading.Thread(
                        target=self._work, args=(section, mandate), name=f"{section.id} {mandate.id}", daemon=True
                    )
                    workers[mandate.hash].start()
            if not workers:
                self._board.update(section.id, state="not-mandated")
            elif section.recording and not any(worker.is_alive() for worker in workers.values()):
                return
            self._stop.wait(LOOK_SECONDS if not section.recording or not workers else 0.2)
        for worker in workers.values():
            worker.join()

    def _mandates(self, section: CameraSection) -> list[Mandate]:
        try:
            standings = self._house.standings()
        except (PasserbyError, OSError) as error:
            self._board.update(section.id, state="outage", note=str(error))
            return []
        return [s.mandate for s in standings if s.state is State.IN_FORCE and section.id in s.mandate.sensors]

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
