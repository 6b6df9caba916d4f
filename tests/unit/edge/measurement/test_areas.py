"""Entries and person-seconds."""

from typing import Any

import numpy as np
import pytest

from passerby.datatypes.area import MeasurementArea
from passerby.edge.measurement.areas import AreaEntries, PersonSeconds
from passerby.edge.measurement.caps import Allowance

AREA = MeasurementArea("square", ((200.0, 100.0), (400.0, 100.0), (400.0, 400.0), (200.0, 400.0)))
PEOPLE = ("square", "person")


@pytest.fixture
def entries() -> AreaEntries:
    return AreaEntries((AREA,), Allowance(1000))


def test_whoever_walks_in_enters_once(entries: AreaEntries, feed: Any, straight: Any, totals: Any) -> None:
    assert totals(feed(entries, straight((100, 250), (500, 250), 40))) == {PEOPLE: 1}


def test_whoever_appears_inside_has_not_entered(entries: AreaEntries, feed: Any, straight: Any) -> None:
    assert feed(entries, straight((300, 250), (500, 250), 40)) == []


def test_parking_on_the_border_counts_once(entries: AreaEntries, feed: Any, straight: Any, totals: Any) -> None:
    random = np.random.default_rng(1)
    parked = [(200 + float(random.normal(0, 1.5)), 250.0) for _ in range(500)]
    path = [*straight((100, 250), (210, 250), 20), *parked, *straight((210, 250), (300, 250), 10)]
    assert totals(feed(entries, path)) == {PEOPLE: 1}


def test_a_loiterer_whose_track_breaks_inside_counts_once(
    entries: AreaEntries, feed: Any, straight: Any, totals: Any
) -> None:
    path = [*straight((100, 250), (300, 250), 20), *[(300.0, 250.0)] * 100]
    assert totals(feed(entries, path, ids=[[k // 30 for k in range(120)]])) == {PEOPLE: 1}


def test_person_seconds_add_up_without_bias(feed: Any) -> None:
    """3.6 s each of 500 people: whole seconds, with a random beginning, are right on average."""
    found = sum(n for _, _, n in feed(PersonSeconds((AREA,), Allowance(1000)), *[[(300.0, 250.0)] * 19] * 500))
    assert found == pytest.approx(500 * 3.6, rel=0.05)


def test_outside_nobody_spends_time(feed: Any) -> None:
    assert feed(PersonSeconds((AREA,), Allowance(1000)), [(100.0, 250.0)] * 50) == []


def test_one_track_adds_at_most_its_cap(feed: Any, totals: Any) -> None:
    assert totals(feed(PersonSeconds((AREA,), Allowance(7)), [(300.0, 250.0)] * 500)) == {PEOPLE: 7}
