"""Leaving out one track changes all numbers of its family, over all cells and windows together, by at most its cap."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.apps.attack.walkers import FRAME_RATE, Walker, largest_change, measure
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.edge.measurement.nearness import largest_sum

SECONDS, TRACK_SECONDS = 5, 12
CAPS = {
    Family.AREA_ENTRIES: 2,
    Family.LINE_CROSSINGS: 2,
    Family.PERSON_SECONDS: 7,
    Family.CLOSE_PAIR_SECONDS: 16,
    Family.SPEED: 1,
}
CELLS = [
    *(Cell("c", Family.AREA_ENTRIES, area, kind) for area in ("left", "middle") for kind in ("person", "bicycle")),
    *(Cell("c", Family.PERSON_SECONDS, area, kind) for area in ("left", "middle") for kind in ("person", "bicycle")),
    *(Cell("c", Family.LINE_CROSSINGS, "gate", f"person.{way}") for way in ("forward", "backward")),
    *(Cell("c", Family.CLOSE_PAIR_SECONDS, "ground", distance) for distance in ("1.0m", "2.0m")),
    *(Cell("c", Family.SPEED, "ground", category) for category in ("0.0-1.0", "1.0-up")),
]
LEFT = MeasurementArea("left", ((0.0, 0.0), (60.0, 0.0), (60.0, 100.0), (0.0, 100.0)))
MIDDLE = MeasurementArea("middle", ((40.0, 0.0), (80.0, 0.0), (80.0, 100.0), (40.0, 100.0)))
CAMERA = Camera(
    "c",
    "c",
    Place(0, 0),
    (100, 100),
    (MeasurementLine("gate", (50.0, 0.0), (50.0, 100.0)),),
    (LEFT, MIDDLE),
    Calibration(np.diag([0.05, 0.05, 1.0]), 0.1, "test"),
)
MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
FRAMES = int(40 * FRAME_RATE)


def mandate(caps: dict[Family, int]) -> Mandate:
    return Mandate(
        hash="0" * 64,
        id="test",
        title="test",
        starts=MIDNIGHT,
        expires=MIDNIGHT + timedelta(days=9),
        notice_seconds=1,
        zone=ZoneInfo("UTC"),
        hours=(0, 24),
        cells=tuple(sorted(CELLS)),
        budgets=MappingProxyType({family: FamilyBudget(family, Fraction(1), cap) for family, cap in caps.items()}),
        resolutions=(Resolution(SECONDS, Fraction(1)),),
        tracks=1,
        track_seconds=TRACK_SECONDS,
        sensor_cap=Fraction(5),
        background_plate=False,
        archive=None,
        document={},
    )


@st.composite
def walkers(draw: st.DrawFn) -> list[Walker]:
    """Up to seven tracks that loiter, cross, jump and meet around midnight; none lives longer than ρ."""
    found = []
    for number in range(draw(st.integers(2, 7))):
        generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        length = draw(st.integers(1, int(TRACK_SECONDS * FRAME_RATE) - 1))
        step = draw(st.sampled_from((0.5, 5.0, 40.0)))
        feet = np.clip(generator.uniform(20, 80, 2) + np.cumsum(generator.normal(0, step, (length, 2)), axis=0), 0, 100)
        first = draw(st.integers(0, FRAMES - length))
        found.append(Walker(number + 1, first, feet, draw(st.sampled_from((Kind.PERSON, Kind.PERSON, Kind.BICYCLE)))))
    return found


def rolled(measures: list[Measure], seconds: int) -> list[Measure]:
    """Sums over coarser windows of the same grid."""
    sums: dict[Any, Measure] = {}
    for one in measures:
        key = (one.cell, int(one.window.start.timestamp()) // seconds)
        before = sums.get(key)
        sums[key] = one if before is None else replace(before, value=(before.value or 0) + (one.value or 0))
    return list(sums.values())


@given(walkers(), st.floats(0, 0.999), st.data())
@settings(max_examples=60, deadline=None)
def test_one_track_less(found: list[Walker], dither: float, data: st.DataObject) -> None:
    """Dither is held still, since what is added to one track's seconds is independent of every other track."""
    left_out = data.draw(st.integers(0, len(found) - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random, "random", lambda: dither)
        start = MIDNIGHT - timedelta(seconds=20)
        with_all = measure(found, CAMERA, mandate(CAPS), start, FRAMES)
        without = measure(found[:left_out] + found[left_out + 1 :], CAMERA, mandate(CAPS), start, FRAMES)
    assert [(m.cell, m.window, m.outage, m.coverage) for m in with_all] == [
        (m.cell, m.window, m.outage, m.coverage) for m in without
    ], "what is published beside the numbers depends on people"
    for seconds in (SECONDS, 20, 86400):
        changes = largest_change(rolled(with_all, seconds), rolled(without, seconds))
        assert all(changes[family] <= cap for family, cap in CAPS.items()), (seconds, changes)


def test_without_caps_one_track_would_change_more() -> None:
    """The property above can fail: one loiterer, every cap taken away."""
    zigzag = np.tile(np.array([[45.0, 50.0], [75.0, 50.0], [30.0, 50.0], [85.0, 50.0]]), (11, 1))
    crowd = [Walker(n, 0, np.tile(np.array([[50.0 + n, 50.0]]), (40, 1))) for n in range(2, 8)]
    open_caps = mandate(dict.fromkeys(CAPS, 10**6))
    with_all = measure([Walker(1, 0, zigzag), *crowd], CAMERA, open_caps, MIDNIGHT, FRAMES)
    changes = largest_change(with_all, measure(crowd, CAMERA, open_caps, MIDNIGHT, FRAMES))
    assert all(changes[family] > cap for family, cap in CAPS.items() if family is not Family.SPEED), changes


def test_a_walker_through_a_crowd_counts_for_its_share_alone() -> None:
    """Found by audit: an allowance for one of the two tracks of a pair bounds nothing."""
    crowd = [Walker(n, 0, np.tile(np.array([[2.0 * n, 50.0 * (n % 2)]]), (40, 1))) for n in range(2, 42)]
    walker = Walker(10**6, 0, np.linspace((0.0, 25.0), (100.0, 25.0), 40))
    with_all = measure([walker, *crowd], CAMERA, mandate(CAPS), MIDNIGHT, FRAMES)
    changes = largest_change(with_all, measure(crowd, CAMERA, mandate(CAPS), MIDNIGHT, FRAMES))
    assert changes[Family.CLOSE_PAIR_SECONDS] <= CAPS[Family.CLOSE_PAIR_SECONDS]


def test_a_cap_that_leaves_no_share_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="too small"):
        measure([], CAMERA, mandate({**CAPS, Family.CLOSE_PAIR_SECONDS: 7}), MIDNIGHT, 1)


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 9),
    max_size=20,
)


@given(PAIRS, st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_the_largest_sum_of_pairs_falls_by_at_most_one_share(weights: dict[tuple[int, int], int], share: int) -> None:
    whole = largest_sum(weights, share)
    assert whole <= sum(weights.values())
    for end in range(8):
        rest = {pair: weight for pair, weight in weights.items() if end not in pair}
        assert 0 <= whole - largest_sum(rest, share) <= share
    load = [sum(w for pair, w in weights.items() if end in pair) for end in range(8)]
    if max(load) <= share:
        assert whole == sum(weights.values())
