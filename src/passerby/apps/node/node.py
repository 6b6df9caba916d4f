"""Every camera of a city at work: waits for mandates, measures while they stand, goes on after a fault."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from passerby.apps.city import CameraSection
from passerby.apps.node.fleet import Fleet
from passerby.apps.node.house import House
from passerby.apps.node.status import CameraState, StatusBoard
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import State
from passerby.gate.mandate import NotAuthorizedError
from passerby.machine import cores

LOOK_SECONDS, WATCH_SECONDS = 5.0, 0.2


class Node:
    """One thread that looks for mandates; a fleet of workers does what they allow.

    A fault of one camera is told on its status and tried again; others go on. A camera asleep costs a line of memory.
    """

    def __init__(self, house: House, board: StatusBoard, fleet: Fleet | None = None) -> None:
        """``fleet``: as many workers as ``city.toml`` says, or as there are cores, where it is not given."""
        self._house = house
        self._board = board
        self._fleet = fleet or Fleet(house, board, house.city.workers or cores())
        self._stop = threading.Event()
        self._refused: dict[str, tuple[CameraState, str]] = {}
        self._begun: dict[str, set[str]] = {section.id: set() for section in house.city.camera}
        self._thread = threading.Thread(target=self._run, name="cameras", daemon=True)

    def start(self) -> None:
        """Begin to look for mandates."""
        self._thread.start()

    def stop(self) -> None:
        """End every camera; nothing is released after that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._fleet.close()

    def join(self) -> None:
        """Wait until every recording has ended."""
        self._thread.join()

    def memory(self) -> int:
        """Bytes that all processes of the node hold, each with its part of what they share; 0 where nobody knows."""
        return self._fleet.memory()

    def plate(self, camera: str) -> bytes | None:
        """PNG of a camera's empty background; None until one is proven empty, and where no mandate allows it now."""
        return self._fleet.plate(camera)

    def _run(self) -> None:
        waiting = list(self._house.city.camera)
        while waiting and not self._stop.is_set():
            mandates = self._mandates()
            self._refused.clear()
            if mandates is not None:
                waiting = [section for section in waiting if self._tend(section, mandates.get(section.id, []))]
            busy = any(section.recording and self._fleet.has(section.id) for section in waiting)
            self._stop.wait(WATCH_SECONDS if busy else LOOK_SECONDS)

    def _mandates(self) -> dict[str, list[Mandate]] | None:
        """Mandates in force by camera; None where nobody knows now."""
        try:
            standings = self._house.standings()
        except (PasserbyError, OSError) as error:
            for section in self._house.city.camera:
                if not self._fleet.has(section.id):
                    self._board.update(section.id, state="outage", note=str(error))
            return None
        found: dict[str, list[Mandate]] = {}
        for mandate in (standing.mandate for standing in standings if standing.state is State.IN_FORCE):
            for sensor in mandate.sensors:
                found.setdefault(sensor, []).append(mandate)
        return found

    def _tend(self, section: CameraSection, mandates: Sequence[Mandate]) -> bool:
        """Put a camera to work where it should work and does not; whether it needs another look."""
        begun = self._begun[section.id]
        for mandate in mandates:
            due = not self._fleet.has(section.id, mandate.hash) if section.rtsp else mandate.hash not in begun
            if due and self._may_work(section, mandate):
                begun.add(mandate.hash)
                self._fleet.take(section, mandate)
        if not begun and not mandates:
            self._board.update(section.id, state="not-mandated")
        return not (section.recording and begun and not self._fleet.has(section.id))

    def _may_work(self, section: CameraSection, mandate: Mandate) -> bool:
        """Whether the mandate covers this hour; who may not work sleeps without a thread. One answer serves all cameras
        of a mandate in one look: a thousand that sleep cost hardly more than one."""
        if mandate.hash not in self._refused:
            try:
                self._house.authorize(mandate.hash, section.id, datetime.now(UTC))
                return True
            except NotAuthorizedError as error:
                self._refused[mandate.hash] = "asleep", str(error)
            except (PasserbyError, OSError) as error:
                self._refused[mandate.hash] = "outage", str(error)
        state, note = self._refused[mandate.hash]
        self._board.update(section.id, state=state, note=note)
        return False
