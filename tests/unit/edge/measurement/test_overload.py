"""A camera that must rest, in simulated time: less is covered, but what is covered counts as much as before."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.tracks import Tracks
from passerby.edge.measurement import Measurement

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RATE, WINDOW, WINDOWS = 5, 300, 6
WALK_SECONDS, EVERY = 8.0, 1.73
"""How long somebody crosses the picture, and how often one comes."""
STANDING = 3
CROSSINGS = Cell("gate", Family.LINE_CROSSINGS, "middle", "person.backward")
SECONDS = Cell("gate", Family.PERSON_SECONDS, "all", "person")
MANDATE = Mandate(
    "0" * 64,
    "t",
    "T",
    NOON,
    NOON + timedelta(days=1),
    0,
    ZoneInfo("UTC"),
    (0, 24),
    (CROSSINGS, SECONDS),
    {cell.family: FamilyBudget(cell.family, Fraction(1), 100_000) for cell in (CROSSINGS, SECONDS)},
    (Resolution(WINDOW, Fraction(1)),),
    2,
    100,
    Fraction(2),
    False,
    None,
    {},
)
CAMERA = Camera(
    "gate",
    "Gate",
    Place(59.4, 24.7),
    (800, 600),
    (MeasurementLine("middle", (400.0, 0.0), (400.0, 600.0)),),
    (MeasurementArea("all", ((0.0, 0.0), (800.0, 0.0), (800.0, 600.0), (0.0, 600.0))),),
)


def street(seconds: float, slice_number: int) -> Tracks:
    """Three who stand, and those who walk from left to right; every rest breaks all tracks."""
    first = int(max(0.0, (seconds - WALK_SECONDS) // EVERY + 1))
    walkers = np.arange(first, int(seconds // EVERY) + 1)
    x = np.concatenate([np.full(STANDING, 50.0), 800.0 * (seconds - EVERY * walkers) / WALK_SECONDS])
    ids = np.concatenate([np.arange(STANDING), STANDING + walkers]) + 100_000 * slice_number
    xyxy = np.stack([x - 10, np.full_like(x, 400), x + 10, np.full_like(x, 500)], axis=1).astype(np.float32)
    nobody = np.zeros(len(x), np.uint8)
    return Tracks(ids.astype(np.int64), xyxy, nobody, NOON + timedelta(seconds=seconds))


def measure(work: float, rest: float) -> list[Measure]:
    """``work`` seconds at full cadence, then ``rest`` seconds of overload, again and again."""
    measurement = Measurement(CAMERA, MANDATE, longest_look=1 / RATE)
    closed: list[Measure] = []
    rested: float | None = None
    for step in range(RATE * WINDOW * WINDOWS + 1):
        seconds = step / RATE
        number, phase = divmod(seconds, work + rest)
        if phase >= work:
            rested = seconds if rested is None else rested
            continue
        if rested is not None:
            since, now = NOON + timedelta(seconds=rested), NOON + timedelta(seconds=seconds)
            closed += measurement.gap(Outage.OVERLOAD, since, now)
            rested = None
        closed += measurement.observe(street(seconds, int(number) if rest else 0), None)
    return [one for one in closed if one.window.start > NOON]


@pytest.mark.parametrize(("work", "rest"), [(6.0, 0.0), (6.0, 2.0), (6.0, 4.0), (20.0, 6.0)])
def test_what_is_covered_counts_as_much_as_ever(work: float, rest: float) -> None:
    measures = measure(work, rest)
    coverage = float(np.mean([one.coverage for one in measures]))
    assert coverage == pytest.approx(work / (work + rest), abs=0.04)
    for cell, a_second in ((CROSSINGS, 1 / EVERY), (SECONDS, STANDING + WALK_SECONDS / EVERY)):
        mine = [one for one in measures if one.cell == cell]
        values = [one.value for one in mine if one.value is not None]
        assert len(values) == len(mine) == WINDOWS - 1
        assert sum(values) / (coverage * WINDOW * len(values)) == pytest.approx(a_second, rel=0.05)


def test_less_than_half_is_an_outage_of_overload_and_no_number() -> None:
    measures = measure(6.0, 10.0)
    assert {(one.value, one.outage) for one in measures} == {(None, Outage.OVERLOAD)}
    assert all(0.3 < one.coverage < 0.5 for one in measures)
