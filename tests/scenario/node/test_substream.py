"""A camera with two streams: the small one is taken where it is enough, and the reason is told."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import numpy as np
import pytest
from tests.scenario.node.house import fleet_of
from tests.scenario.node.program import SPEC

from passerby.apps.bench.camera import RtspServer, encode, serve
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.camera import Camera
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.place import Place
from passerby.edge import probe as probe_module
from passerby.edge.capture import RtspSource, SystemClock
from passerby.edge.detection import Detector, read_spec
from passerby.edge.groundplane import from_points
from passerby.edge.probe import Choice, Probe
from passerby.gate.mandate import NotAuthorizedError

PICTURE, HALF = (320, 240), (160, 120)


def pictures(width: int, height: int) -> list[np.ndarray]:
    random = np.random.default_rng(2)
    ground = np.kron(random.integers(40, 200, (height // 10, width // 10, 3)), np.ones((10, 10, 1), int))
    return [(ground + random.integers(-4, 5, ground.shape)).astype(np.uint8) for _ in range(8)]


@pytest.fixture(scope="module")
def main() -> Iterator[RtspServer]:
    with serve(encode(pictures(*PICTURE), rate=20.0)) as server:
        yield server


@pytest.fixture(scope="module")
def sub() -> Iterator[RtspServer]:
    with serve(encode(pictures(*HALF), rate=10.0)) as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "PROBE_LOOKS", 6)
    monkeypatch.setattr(probe_module, "LEAST_FOUND", 6)


@dataclass
class Finder:
    """Finds so many people in a picture of a width (px)."""

    people: dict[int, int]
    spec = replace(read_spec(SPEC), width=PICTURE[0], height=PICTURE[1])

    def detect(self, frame: Frame) -> Detections:
        number = self.people.get(frame.size[0], 0)
        boxes = np.tile(np.array([[10, 10, 20, 40]], np.float32), (number, 1))
        return Detections(boxes, np.full(number, 0.9, np.float32), np.zeros(number, np.uint8), frame.instant)


def proof(instant: datetime) -> Authorization:
    hour = timedelta(hours=1)
    return Authorization(cast(Mandate, None), "gate", instant - hour, instant + hour, 1, instant)


def choose(
    main: str, sub: str, *, wide_m: float | None = None, people: dict[int, int] | None = None, seconds: float = 0.2
) -> Choice:
    """``wide_m``: metres across the far end of the picture, where there is a calibration."""
    ground = None
    if wide_m is not None:
        corners = [(0.0, 20.0), (320.0, 20.0), (320.0, 240.0), (0.0, 240.0)]
        metres = [(0.0, 30.0), (wide_m, 30.0), (wide_m, 0.0), (0.0, 0.0)]
        ground = from_points(corners, metres, standard_error_m=0.1)
    line = MeasurementLine("far", (100.0, 30.0), (220.0, 30.0))
    camera = Camera("gate", "Gate", Place(59.4, 24.7), PICTURE, (line,), (), ground)
    finder = cast(Detector, Finder(people or {}))
    probe = Probe(camera, RtspSource(main), RtspSource(sub), finder, Cadence(seconds), proof, SystemClock())
    return probe.choose()


def test_people_are_large_enough(main: RtspServer, sub: RtspServer) -> None:
    before = main.served
    assert choose(main.url, sub.url, wide_m=6.0) == Choice("sub", "people are at least 45 px tall in it")
    assert main.served == before, "the main stream is not opened for it"


def test_people_are_too_small(main: RtspServer, sub: RtspServer) -> None:
    choice = choose(main.url, sub.url, wide_m=12.0)
    assert choice == Choice("main", "people far away are 23 px tall in the substream, 40 are needed")


def test_without_a_calibration_the_detector_says(main: RtspServer, sub: RtspServer) -> None:
    assert choose(main.url, sub.url, people={320: 3, 160: 3}) == Choice("sub", "the detector sees as well in it")
    worse, nobody = (choose(main.url, sub.url, people=found) for found in ({320: 3, 160: 2}, {}))
    assert worse == nobody, "the reason does not say whether anybody was there"
    assert worse.stream == "main"


def test_looks_are_too_seldom(main: RtspServer, sub: RtspServer) -> None:
    choice = choose(main.url, sub.url, wide_m=6.0, seconds=0.05)
    assert choice == Choice("main", "the substream gives 10.0 looks a second, 20.0 are needed")


def test_another_part_of_the_view(main: RtspServer) -> None:
    with serve(encode(pictures(160, 90), rate=10.0)) as cropped:
        assert "another shape" in choose(main.url, cropped.url, wide_m=6.0).why


def test_no_substream_answers(main: RtspServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_module, "PROBE_LIMIT", timedelta(seconds=1))
    assert choose(main.url, "rtsp://127.0.0.1:9/none").why == "the substream does not answer"


def test_no_mandate_no_probe(main: RtspServer, sub: RtspServer) -> None:
    def refuse(_: datetime) -> Authorization:
        raise NotAuthorizedError("it is suspended")

    before = main.served, sub.served
    camera = Camera("gate", "Gate", Place(59.4, 24.7), PICTURE)
    finder, clock = cast(Detector, Finder({})), SystemClock()
    probe = Probe(camera, RtspSource(main.url), RtspSource(sub.url), finder, Cadence(0.2), refuse, clock)
    with pytest.raises(NotAuthorizedError):
        probe.choose()
    assert (main.served, sub.served) == before


def test_the_node_says_which_it_takes(sub: RtspServer) -> None:
    """No address is shown, and windows are counted on what was chosen."""
    with ExitStack() as stack:
        other = stack.enter_context(serve(encode(pictures(*HALF), rate=10.0)))
        fleet, house, board = stack.enter_context(fleet_of(["fine-a"], sub.url, substream=other.url))
        end = time.monotonic() + 60
        while not any(measure.value is not None for measure in house.released.get("fine-a", [])):
            assert time.monotonic() < end, "it took too long"
            time.sleep(0.05)
        status = board.of("fine-a")
        assert fleet.has("fine-a")
        assert (status.stream, status.has_substream) == ("main", True)
        assert "too little to compare" in status.why
        assert "rtsp" not in repr(status)
