"""A node with many cameras: whoever sleeps has no thread, and a fault of the log stops nobody's watch."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from passerby.apps.city import CameraSection, Rtsp
from passerby.apps.node import node as node_module
from passerby.apps.node.node import Node
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.standing import State
from passerby.gate.mandate import NotAuthorizedError

CAMERAS = 1000


def section(number: int) -> CameraSection:
    return CameraSection(
        id=f"cam-{number}",
        name=f"Camera {number}",
        latitude=50 + number / 1e4,
        longitude=1.0,
        zone="UTC",
        picture=(640, 480),
        rtsp=Rtsp(url=f"rtsp://10.0.0.1/{number}"),
    )


class House:
    """A log with one mandate for two cameras; it covers an hour for the first alone."""

    def __init__(self) -> None:
        self.city = SimpleNamespace(camera=tuple(section(k) for k in range(CAMERAS)))
        self.broken = False
        self.asked = 0

    def standings(self) -> list[Any]:
        self.asked += 1
        if self.broken:
            raise PasserbyError("the log cannot be read")
        mandate = SimpleNamespace(hash="h", id="m", sensors=("cam-0", "cam-1"))
        return [SimpleNamespace(state=State.IN_FORCE, mandate=mandate)]

    def authorize(self, _mandate: str, sensor: str, _instant: datetime) -> None:
        if sensor != "cam-0":
            raise NotAuthorizedError("the mandate does not cover this hour")


def wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Cameras that were put to work; each works until the node ends."""
    began: list[str] = []

    def run_camera(_house: Any, section: CameraSection, *rest: Any) -> None:
        began.append(section.id)
        stop = next(item for item in rest if isinstance(item, threading.Event))
        stop.wait()

    monkeypatch.setattr(node_module, "run_camera", run_camera)
    monkeypatch.setattr(node_module, "LOOK_SECONDS", 0.02)
    return began


def test_only_cameras_that_may_work_have_a_thread(at_work: list[str]) -> None:
    house = House()
    board = StatusBoard(tuple(camera.id for camera in house.city.camera))
    node = Node(house, board)  # type: ignore[arg-type]
    before = threading.active_count()
    node.start()
    wait(lambda: house.asked >= 3)
    assert threading.active_count() == before + 2
    node.stop()
    assert threading.active_count() == before
    assert at_work == ["cam-0"]
    assert board.of("cam-1").state == "asleep"
    assert "hour" in board.of("cam-1").note
    assert {board.of(f"cam-{k}").state for k in range(2, CAMERAS)} == {"not-mandated"}


def test_a_log_that_cannot_be_read_is_told_and_asked_again(at_work: list[str]) -> None:
    house = House()
    house.broken = True
    board = StatusBoard(tuple(camera.id for camera in house.city.camera))
    node = Node(house, board)  # type: ignore[arg-type]
    node.start()
    wait(lambda: house.asked >= 2)
    assert board.of("cam-0").state == "outage"
    assert not at_work
    house.broken = False
    wait(lambda: at_work == ["cam-0"])
    wait(lambda: board.of("cam-7").state == "not-mandated")
    node.stop()
