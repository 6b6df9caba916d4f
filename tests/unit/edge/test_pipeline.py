"""From a clip to exact values: the whole edge at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.family import Family
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.place import Place
from passerby.edge.capture import RecordingSource
from passerby.edge.detection import Detector, DetectorSpec
from passerby.edge.groundplane import Ground, GroundRecord, from_points
from passerby.edge.pipeline import Pipeline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORWARD = Cell("gate", Family.LINE_CROSSINGS, "middle", "person.forward")
BACKWARD = Cell("gate", Family.LINE_CROSSINGS, "middle", "person.backward")
ENTRIES = Cell("gate", Family.AREA_ENTRIES, "right", "person")
SECONDS = Cell("gate", Family.PERSON_SECONDS, "all", "person")
SLOW = Cell("gate", Family.SPEED, "square", "0.0-1.0")
FAST = Cell("gate", Family.SPEED, "square", "1.0-up")
CELLS = (FORWARD, BACKWARD, ENTRIES, SECONDS)


class FastClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(0.0, seconds))


def camera(**more: Any) -> Camera:
    return Camera(
        "gate",
        "Gate",
        Place(59.4, 24.7),
        (64, 64),
        lines=(MeasurementLine("middle", (32.0, 64.0), (32.0, 0.0)),),
        areas=(
            MeasurementArea("right", ((36.0, 0.0), (64.0, 0.0), (64.0, 64.0), (36.0, 64.0))),
            MeasurementArea("all", ((0.0, 0.0), (64.0, 0.0), (64.0, 64.0), (0.0, 64.0))),
        ),
        **more,
    )


@pytest.fixture
def windows(walk: Path, bright_model: bytes, bright_spec: DetectorSpec, authorized: Any) -> Callable[..., list[Any]]:
    """Run the clip; returns the measures of each window."""

    def run(cells: tuple[Cell, ...] = CELLS, seen_by: Camera | None = None) -> list[list[Measure]]:
        pipeline = Pipeline(
            seen_by or camera(),
            RecordingSource(walk),
            Detector(bright_spec, bright_model),
            authorized(cells),
            begin=NOON,
            clock=FastClock(),
        )
        measures = [measure for closed in pipeline.run() for measure in closed]
        assert pipeline.work.frames == 30, "two and a half a second"
        return [list(window) for _, window in groupby(measures, key=lambda measure: measure.window.start)]

    return run


def total(closed: list[list[Measure]], cell: Cell) -> int:
    return sum(m.value for measures in closed for m in measures if m.cell == cell and m.value is not None)


def test_a_walk_there_and_back_is_one_crossing_each_way(windows: Any) -> None:
    closed = windows()
    assert [measures[0].window.start for measures in closed] == [NOON + timedelta(seconds=5 * k) for k in range(3)]
    assert (total(closed, FORWARD), total(closed, BACKWARD), total(closed, ENTRIES)) == (1, 1, 1)
    by_window = {m.window.start: m.value for measures in closed for m in measures if m.cell == FORWARD}
    assert by_window[NOON] == 1, "the crossing is in the window in which it happened, though it is reported later"


def test_person_seconds_are_the_seconds_of_the_clip(windows: Any) -> None:
    assert total(windows(), SECONDS) in (9, 10), "9.6 in the two windows that were seen, rounded by chance"


def test_a_window_that_was_half_seen_says_so(windows: Any) -> None:
    last = windows()[-1]
    assert all(0.3 < measure.coverage < 0.5 for measure in last)
    assert all(measure.value is None and measure.outage is not None for measure in last)


def test_a_metre_needs_a_calibration(windows: Any) -> None:
    measures = windows((SLOW, FAST))[0]
    assert all(measure.value is None for measure in measures)


def test_speeds_are_in_metres_a_second(windows: Any) -> None:
    corners = [(0, 0), (64, 0), (64, 64), (0, 64)]
    for metres_per_px, fast in ((0.01, 0), (2.0, 1)):
        ground = [(x * metres_per_px, y * metres_per_px) for x, y in corners]
        calibration = from_points(corners, ground, standard_error_m=0.1)
        closed = windows((SLOW, FAST), camera(calibration=calibration))
        assert total(closed, FAST) <= fast


def test_what_lapsed_before_a_restart_says_nothing_in_metres(
    walk: Path, bright_model: bytes, bright_spec: DetectorSpec, authorized: Any
) -> None:
    calibration = from_points(
        [(0, 0), (64, 0), (64, 64), (0, 64)], [(0, 0), (6, 0), (6, 6), (0, 6)], standard_error_m=0.1
    )
    kept: list[GroundRecord] = []
    before = Ground((64, 64), calibration, keep=kept.append)
    before.moved(NOON)
    pipeline = Pipeline(
        camera(calibration=calibration),
        RecordingSource(walk),
        Detector(bright_spec, bright_model),
        authorized((SLOW, FAST, SECONDS)),
        begin=NOON,
        clock=FastClock(),
        known=kept[-1],
    )
    first = next(pipeline.run())
    assert {(m.cell, m.outage) for m in first if m.value is None} == {
        (SLOW, Outage.UNCALIBRATED),
        (FAST, Outage.UNCALIBRATED),
    }


def test_a_mandate_without_metres_learns_no_ground(
    walk: Path, bright_model: bytes, bright_spec: DetectorSpec, authorized: Any
) -> None:
    grounds = []
    for cells in ((SECONDS,), (SLOW, FAST)):
        detector = Detector(bright_spec, bright_model)
        pipeline = Pipeline(camera(), RecordingSource(walk), detector, authorized(cells), begin=NOON, clock=FastClock())
        next(pipeline.run())
        grounds.append(pipeline.ground)
    assert grounds[0] is None
    assert grounds[1] is not None


def test_nothing_is_decoded_without_a_mandate(walk: Path, bright_model: bytes, bright_spec: DetectorSpec) -> None:
    asked = []

    def refuse(instant: datetime) -> Authorization:
        asked.append(instant)
        raise PasserbyError("no mandate stands")

    detector = Detector(bright_spec, bright_model)
    pipeline = Pipeline(camera(), RecordingSource(walk), detector, refuse, begin=NOON, clock=FastClock())
    with pytest.raises(PasserbyError, match="no mandate"):
        next(pipeline.run())
    assert asked == [NOON]
    assert pipeline.work.frames == 0


def test_a_mandate_that_ends_in_mid_clip_ends_the_decoding(
    walk: Path, bright_model: bytes, bright_spec: DetectorSpec, authorized: Any
) -> None:
    allow, calls = authorized(CELLS), iter(range(10))

    def until_four_seconds(instant: datetime) -> Authorization:
        if next(calls) > 0:
            raise PasserbyError("the mandate has ended")
        proof = allow(instant)
        end = NOON + timedelta(seconds=4)
        return Authorization(proof.mandate, proof.sensor, proof.valid_from, end, 1, instant)

    detector = Detector(bright_spec, bright_model)
    pipeline = Pipeline(camera(), RecordingSource(walk), detector, until_four_seconds, begin=NOON, clock=FastClock())
    run: Iterator[list[Measure]] = pipeline.run()
    with pytest.raises(PasserbyError, match="has ended"):
        next(run)
    assert pipeline.work.frames == 10


def test_the_window_that_was_over_when_the_mandate_ended_is_given_and_nothing_after_it(
    walk: Path, bright_model: bytes, bright_spec: DetectorSpec, authorized: Any
) -> None:
    allow, end = authorized(CELLS), NOON + timedelta(seconds=5)

    def until_the_hour(instant: datetime) -> Authorization:
        if instant >= end:
            raise PasserbyError("the hour is over")
        return Authorization(allow(instant).mandate, "gate", NOON, end, 1, instant)

    detector = Detector(bright_spec, bright_model)
    run = Pipeline(camera(), RecordingSource(walk), detector, until_the_hour, begin=NOON, clock=FastClock()).run()
    assert {measure.window.end for measure in next(run)} == {end}
    with pytest.raises(PasserbyError, match="hour is over"):
        next(run)
