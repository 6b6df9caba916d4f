"""A week of one camera, replayed fast: sessions break, nights pass, and nothing grows."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.detections import Detections
from passerby.datatypes.family import Family
from passerby.datatypes.frame import Frame
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.edge.capture import RtspSource, Turn, live
from passerby.edge.capture.stamps import Stamps
from passerby.edge.detection import REFERENCE, Detector
from passerby.edge.pipeline import Pipeline
from passerby.machine import Core

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 7
WINDOW, BURST, EVERY = 60, 10.0, 14400.0
"""Seconds: of a window; of pictures before the camera fails; between one beginning of pictures and the next."""
RANDOM = np.random.default_rng(9)
GROUND = np.kron(RANDOM.integers(40, 160, (9, 12)), np.ones((16, 16), int))
GREY = np.full((72, 96), 128, np.uint8)
CELL = Cell("gate", Family.PERSON_SECONDS, "all", "person")
AREA = MeasurementArea("all", ((0.0, 0.0), (192.0, 0.0), (192.0, 144.0), (0.0, 144.0)))


class Clock:
    """Only waiting moves it."""

    def __init__(self) -> None:
        self.time = BEGIN

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Spec:
    confident = 0.4


class Walkers:
    """Finds somebody new who crosses the picture in ten seconds, again and again."""

    spec, backend = Spec(), REFERENCE

    def at(self, _threshold: float) -> "Walkers":
        return self

    def prepare(self, frame: Frame) -> Frame:
        return frame

    def detect(self, frame: Frame) -> Detections:
        x = 19 * (frame.instant.timestamp() % 10)
        box = np.array([[x, 40, x + 16, 90]], np.float32)
        return Detections(box, np.ones(1, np.float32), np.zeros(1, np.uint8), frame.instant)

    find = detect


def mandate() -> Mandate:
    return Mandate(
        hash="0" * 64,
        id="week",
        title="Week",
        starts=BEGIN,
        expires=BEGIN + timedelta(days=2 * DAYS),
        notice_seconds=0,
        zone=ZoneInfo("UTC"),
        hours=(0, 24),
        cells=(CELL,),
        budgets={CELL.family: FamilyBudget(CELL.family, Fraction(1), 600)},
        resolutions=(Resolution(WINDOW, Fraction(1)),),
        tracks=2,
        track_seconds=120,
        sensor_cap=Fraction(2),
        background_plate=True,
        archive=None,
        document={},
    )


def session(clock: Clock) -> Callable[..., Iterator[tuple[datetime, Frame | None]]]:
    """Pictures for some seconds, then the network fails for four hours."""

    def pictures(
        _address: str, _transport: str, stamps: Stamps, _cadence: Cadence | None, _turn: Turn | None, _core: Core
    ) -> Iterator[tuple[datetime, Frame | None]]:
        since = (clock.now() - BEGIN).total_seconds()
        if since % EVERY >= 40:
            raise OSError("unreachable")
        stamps.begin()
        for number in range(round(2 * BURST)):
            clock.sleep(0.5)
            instant = stamps.instant(number / 2)
            assert instant is not None
            luma = np.clip(GROUND + RANDOM.integers(-4, 5, GROUND.shape), 0, 255).astype(np.uint8)
            yield instant, Frame(luma, GREY, GREY, instant)
        raise OSError("broken")

    return pictures


def test_nothing_grows_and_every_minute_is_accounted_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, proof = Clock(), mandate()
    monkeypatch.setattr(live, "_session", session(clock))
    camera = Camera("gate", "Gate", Place(59.4, 24.7), (192, 144), areas=(AREA,))
    pipeline = Pipeline(
        camera,
        RtspSource("rtsp://user:secret@127.0.0.1/live"),
        cast(Detector, Walkers()),
        lambda instant: Authorization(proof, "gate", BEGIN, BEGIN + timedelta(days=2 * DAYS), 1, instant),
        clock=clock,
    )
    held: list[int] = []
    measures: list[Measure] = []
    tracemalloc.start()
    try:
        for closed in pipeline.run():
            measures += closed
            if clock.now() >= BEGIN + timedelta(days=len(held) + 1):
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0] - 400 * len(measures))
            if len(held) == DAYS:
                break
    finally:
        tracemalloc.stop()
    assert held[-1] - held[1] < 500_000, "bytes between the second day and the seventh"
    assert all(a.window.end == b.window.start for a, b in pairwise(measures))
    assert (measures[-1].window.end - measures[0].window.start) > timedelta(days=DAYS - 1, hours=23)
    assert sum(measure.value is not None for measure in measures) > 0
    assert {measure.outage for measure in measures if measure.value is None} == {Outage.NO_SIGNAL}
    assert all(measure.value != 0 for measure in measures)
