"""Real processes that crash, hang and are killed; the cameras beside the culprit go on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.scenario.node import house as house_module
from tests.scenario.node.house import House, fleet_of

from passerby.apps.bench.camera import Clip, RtspServer, encode, serve
from passerby.apps.node import fleet as fleet_module
from passerby.apps.node import placement as placement_module
from passerby.datatypes.outage import Outage
from passerby.edge.transfer import from_rows

ROOT = Path(__file__).parents[3]
RATE = 10.0
DAY = 86_400


def still(aside: int) -> Clip:
    """A still picture with noise, shifted by ``aside`` px."""
    random = np.random.default_rng(2)
    ground = np.roll(np.kron(random.integers(40, 200, (12, 16, 3)), np.ones((10, 10, 1), int)), aside, axis=1)
    pictures = [(ground + random.integers(-4, 5, ground.shape)).astype(np.uint8) for _ in range(20)]
    return encode(pictures, rate=RATE)


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspServer]:
    with serve(still(0)) as server:
        yield server


def wait(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def numbers(house: House, camera: str) -> int:
    return sum(measure.value is not None for measure in house.released.get(camera, []))


def no_hole(house: House, camera: str) -> bool:
    windows = [measure.window for measure in house.released[camera]]
    return all(a.end == b.start for a, b in pairwise(windows))


def outages(house: House, camera: str) -> set[Outage | None]:
    return {measure.outage for measure in house.released[camera]} - {None}


def lives(pid: int) -> bool:
    """Whether a process runs; one that ended and was not yet taken leave of does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_camera_that_crashes_its_worker_does_so_once_to_the_others(camera: RtspServer) -> None:
    with fleet_of(["fine-a", "crash", "fine-b"], camera.url) as (fleet, house, board):
        wait(lambda: "SIGSEGV" in board.of("crash").note)
        assert "string_at" in board.of("crash").note, "where it crashed is told"
        assert "crash is to blame" in board.of("fine-a").note
        before = {name: numbers(house, name) for name in ("fine-a", "fine-b")}
        wait(lambda: len(fleet.pids()) == 3)
        together = fleet.pids()
        assert together["fine-a"] == together["fine-b"] != together["crash"]
        wait(lambda: board.of("crash").note.startswith("SIGSEGV") and "crash" not in fleet.pids())
        wait(lambda: all(numbers(house, name) > before[name] + 1 for name in before))
        after = fleet.pids()
        assert (after["fine-a"], after["fine-b"]) == (together["fine-a"], together["fine-b"])
        for name in before:
            assert no_hole(house, name)
            assert outages(house, name) <= {Outage.RESTART, Outage.NO_SIGNAL}
        assert Outage.RESTART in outages(house, "fine-a") | outages(house, "fine-b")


def test_a_worker_that_somebody_kills_is_started_again_and_nobody_is_blamed(camera: RtspServer) -> None:
    with fleet_of(["fine-a", "fine-b"], camera.url) as (fleet, house, board):
        wait(lambda: numbers(house, "fine-a") > 0)
        first = fleet.pids()["fine-a"]
        os.kill(first, signal.SIGKILL)
        wait(lambda: "SIGKILL" in board.of("fine-b").note)
        assert "blame" not in board.of("fine-b").note
        seen = numbers(house, "fine-b")
        wait(lambda: numbers(house, "fine-b") > seen)
        second = fleet.pids()
        assert second["fine-a"] == second["fine-b"] != first
        assert no_hole(house, "fine-b")
        for mandate in house.mandates:
            house.suspended.add(mandate)
        wait(lambda: board.of("fine-a").state == board.of("fine-b").state == "asleep", seconds=15)
        wait(lambda: not lives(second["fine-a"]), seconds=15)


def test_what_was_counted_before_a_worker_ended_is_not_lost(
    camera: RtspServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_module, "WINDOW", DAY)
    with fleet_of(["fine-a"], camera.url) as (fleet, house, _):

        def observed() -> float:
            left = next(iter(fleet._jobs.values())).left
            return 0.0 if left is None else DAY * from_rows(left["rows"])[0].coverage

        wait(lambda: observed() > 5.0)
        first = fleet.pids()["fine-a"]
        os.kill(first, signal.SIGKILL)
        wait(lambda: fleet.pids().get("fine-a", first) != first)
        before = observed()
        wait(lambda: observed() != before)
        assert before < observed() < before + 5.0
        assert not house.released, "the window is still open"


def test_a_camera_that_was_put_apart_and_is_steady_comes_back(
    camera: RtspServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fleet_of(["fine-a", "fine-b"], camera.url) as (fleet, house, board):
        for _ in range(2):
            wait(lambda: len(fleet.pids()) == 2 and board.of("fine-a").state == board.of("fine-b").state == "measuring")
            os.kill(fleet.pids()["fine-b"], signal.SIGKILL)
            wait(lambda: "SIGKILL" in board.of("fine-b").note)
        wait(lambda: len(set(fleet.pids().values())) == 2)
        apart, stays = fleet.pids()["fine-a"], fleet.pids()["fine-b"]
        monkeypatch.setattr(placement_module, "FIRST_PROBATION", 1.0)
        wait(lambda: fleet.pids() == {"fine-a": stays, "fine-b": stays})
        wait(lambda: not lives(apart))
        seen = numbers(house, "fine-a")
        wait(lambda: numbers(house, "fine-a") > seen)
        assert no_hole(house, "fine-a")


def test_a_camera_that_hangs_is_put_apart(camera: RtspServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_module, "HANG_SECONDS", 2.5)
    with fleet_of(["fine-a", "hang"], camera.url) as (fleet, house, board):
        wait(lambda: "it hangs" in board.of("hang").note)
        assert board.of("hang").state == "outage"
        wait(lambda: len(fleet.pids()) == 2)
        assert fleet.pids()["fine-a"] != fleet.pids()["hang"]
        seen = numbers(house, "fine-a")
        wait(lambda: numbers(house, "fine-a") > seen)
        assert no_hole(house, "fine-a")


def test_a_node_that_is_killed_leaves_nobody_decoding(camera: RtspServer) -> None:
    command = [sys.executable, "-m", "tests.scenario.node.house", camera.url]
    node = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert node.stdout is not None
    workers = [int(pid) for pid in node.stdout.readline().split()]
    assert len(workers) == 2
    assert all(lives(pid) for pid in workers)
    for pid in workers:
        limits = Path(f"/proc/{pid}/limits").read_text("utf-8").splitlines()
        core = next(line for line in limits if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]
    node.kill()
    node.communicate()
    wait(lambda: not any(lives(pid) for pid in workers), seconds=10)


def test_a_camera_that_is_moved_loses_its_ground_and_that_is_written_down(tmp_path: Path) -> None:
    remembered = tmp_path / "ground/metres-a.json"
    with serve(still(0)) as camera, fleet_of(["metres-a"], camera.url, state=tmp_path) as (_, house, board):
        wait(lambda: len(house.released.get("metres-a", [])) >= 14)
        assert not remembered.exists()
        assert board.of("metres-a").moved_since is None
        camera.show(still(9))
        wait(lambda: board.of("metres-a").moved_since is not None)
        wait(remembered.exists)
        assert json.loads(remembered.read_text("utf-8"))["lapsed"] == board.of("metres-a").moved_since
        assert Outage.UNCALIBRATED in outages(house, "metres-a")
