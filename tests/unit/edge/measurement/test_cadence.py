"""The cadence follows from what a mandate measures, and the coverage from the looks that were taken."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget
from passerby.datatypes.outage import Outage
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.tracks import Tracks
from passerby.edge.measurement import FLOW, OCCUPANCY, Measurement, cadence_for

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
SQUARE = MeasurementArea("square", ((0, 0), (100, 0), (100, 100), (0, 100)))
CAMERA = Camera("gate", "Gate", Place(59.4, 24.7), (100, 100), areas=(SQUARE,))


def mandate(*families: Family, plate: bool = False) -> Any:
    cells = tuple(Cell("gate", family, "square", "person") for family in families)
    return SimpleNamespace(
        cells_of=lambda _: cells,
        background_plate=plate,
        zone=ZoneInfo("UTC"),
        resolutions=(Resolution(60, Fraction(1)),),
        budgets={family: FamilyBudget(family, Fraction(1), 1000) for family in families},
        track_seconds=120,
    )


def test_occupancy_alone_is_slow() -> None:
    assert cadence_for(CAMERA, mandate(Family.PERSON_SECONDS)) == OCCUPANCY
    assert cadence_for(CAMERA, mandate(Family.PERSON_SECONDS, plate=True)) == FLOW
    for family in (Family.AREA_ENTRIES, Family.LINE_CROSSINGS, Family.CLOSE_PAIR_SECONDS, Family.SPEED):
        assert cadence_for(CAMERA, mandate(Family.PERSON_SECONDS, family)) == FLOW


def window(step: float, longest_look: float) -> tuple[float, int | None, Outage | None]:
    """Coverage, person-seconds and outage of a minute in which one person stands there, looked at every ``step`` s."""
    measurement = Measurement(CAMERA, mandate(Family.PERSON_SECONDS), longest_look=longest_look)
    closed = []
    for k in range(round(60 / step) + 1):
        boxes = np.array([[40, 20, 60, 80]], np.float32)
        tracks = Tracks(np.array([7]), boxes, np.zeros(1, np.uint8), BEGIN + timedelta(seconds=k * step))
        closed += measurement.observe(tracks, None)
    assert len(closed) == 1
    return closed[0].coverage, closed[0].value, closed[0].outage


@pytest.mark.parametrize(("step", "longest"), [(0.2, FLOW.longest), (1.0, OCCUPANCY.longest), (2.0, OCCUPANCY.longest)])
def test_a_look_stands_for_the_time_until_the_next(step: float, longest: float) -> None:
    coverage, seconds, outage = window(step, longest)
    assert coverage == pytest.approx(1.0)
    assert seconds is not None
    assert 60 - step - 1 <= seconds <= 61
    assert outage is None


def test_looks_that_come_too_seldom_are_no_coverage() -> None:
    assert window(2.0, FLOW.longest) == (0.0, None, Outage.NO_SIGNAL)
    assert window(4.0, OCCUPANCY.longest) == (0.0, None, Outage.NO_SIGNAL)


def test_a_gap_that_is_known_late_is_off_the_coverage() -> None:
    measurement = Measurement(CAMERA, mandate(Family.PERSON_SECONDS))
    nobody = np.zeros((0, 4), np.float32), np.zeros(0, np.uint8)
    for second in range(31):
        seen = Tracks(np.zeros(0, np.int64), *nobody, BEGIN + timedelta(seconds=second))
        assert measurement.observe(seen, None) == []
    for second in (31, 32):
        since, now = BEGIN + timedelta(seconds=20), BEGIN + timedelta(seconds=second)
        assert measurement.gap(Outage.FROZEN, since, now) == []
    (measure,) = measurement.close()
    assert measure.coverage == pytest.approx(20 / 60)
    assert measure.outage is Outage.FROZEN
