"""A node with many cameras: whoever sleeps has no process, and a fault of the log stops nobody's watch."""

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
        self.city = SimpleNamespace(camera=tuple(section(k) for k in range(CAMERAS)), workers=1)
        self.broken = False
        self.asked = self.proofs = 0

    def standings(self) -> list[Any]:
        self.asked += 1
        if self.broken:
            raise PasserbyError("the log cannot be read")
        mandates = [
            SimpleNamespace(hash="h", id="m", sensors=("cam-0",)),
            SimpleNamespace(hash="night", id="n", sensors=("cam-1", "cam-2")),
        ]
        return [SimpleNamespace(state=State.IN_FORCE, mandate=mandate) for mandate in mandates]

    def authorize(self, mandate: str, _sensor: str, _instant: datetime) -> None:
        self.proofs += 1
        if mandate != "h":
            raise NotAuthorizedError("the mandate does not cover this hour")


class Fleet:
    """Takes jobs and keeps them."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str]] = []
        self.closed = False

    def take(self, section: CameraSection, mandate: Any) -> None:
        self.jobs.append((section.id, mandate.hash))

    def has(self, camera: str, mandate: str = "h") -> bool:
        return (camera, mandate) in self.jobs

    def close(self) -> None:
        self.closed = True


def wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "LOOK_SECONDS", 0.02)


def node_of(house: House) -> tuple[Node, StatusBoard, Fleet]:
    board, fleet = StatusBoard(tuple(camera.id for camera in house.city.camera)), Fleet()
    return Node(house, board, fleet), board, fleet  # type: ignore[arg-type]


def test_only_cameras_that_may_work_are_put_to_work() -> None:
    house = House()
    node, board, fleet = node_of(house)
    node.start()
    wait(lambda: house.asked >= 3)
    node.stop()
    assert fleet.closed
    assert fleet.jobs == [("cam-0", "h")]
    assert {board.of(f"cam-{k}").state for k in (1, 2)} == {"asleep"}
    assert "hour" in board.of("cam-2").note
    assert house.proofs <= 1 + house.asked, "sleepers of one mandate ask once"
    assert {board.of(f"cam-{k}").state for k in range(3, CAMERAS)} == {"not-mandated"}


def test_a_camera_whose_work_ended_is_put_to_work_again() -> None:
    node, _, fleet = node_of(House())
    node.start()
    wait(lambda: len(fleet.jobs) == 1)
    fleet.jobs.clear()
    wait(lambda: len(fleet.jobs) == 1)
    node.stop()


def test_a_log_that_cannot_be_read_is_told_and_asked_again() -> None:
    house = House()
    house.broken = True
    node, board, fleet = node_of(house)
    node.start()
    wait(lambda: house.asked >= 2)
    assert board.of("cam-0").state == "outage"
    assert not fleet.jobs
    house.broken = False
    wait(lambda: len(fleet.jobs) == 1)
    wait(lambda: board.of("cam-7").state == "not-mandated")
    node.stop()
