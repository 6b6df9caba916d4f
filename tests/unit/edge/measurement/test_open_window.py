"""A window that one measurement begins and another ends, because the process of the first was gone."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest
from tests.unit.edge.measurement.test_overload import CAMERA, MANDATE, NOON, RATE, SECONDS, WINDOW, street

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.positions import Positions
from passerby.datatypes.tracks import Tracks
from passerby.edge.measurement import Measurement

GONE, BACK = 120.0, 130.0
PAIRS = Cell("gate", Family.CLOSE_PAIR_SECONDS, "all", "2.0m")


def observe(measurement: Measurement, begin: float, end: float, number: int) -> list[Measure]:
    closed: list[Measure] = []
    for step in range(round(RATE * begin), round(RATE * end) + 1):
        closed += measurement.observe(street(step / RATE, number), None)
    return closed


def test_what_was_counted_is_taken_over_and_the_time_between_is_missing() -> None:
    first = Measurement(CAMERA, MANDATE, longest_look=1 / RATE)
    assert first.open_window() is None
    observe(first, 0.0, GONE, 1)
    left = first.open_window()
    assert left is not None
    assert left.until == NOON + timedelta(seconds=GONE)
    assert "value" not in repr(left)
    second = Measurement(CAMERA, MANDATE, longest_look=1 / RATE)
    second.go_on(left)
    assert second.open_window() is None
    assert second.gap(Outage.RESTART, left.until, NOON + timedelta(seconds=BACK)) == []
    closed = observe(second, BACK, WINDOW, 2)
    whole = observe(Measurement(CAMERA, MANDATE, longest_look=1 / RATE), 0.0, WINDOW, 1)
    for mine, other in zip(closed, whole, strict=True):
        assert (mine.cell, mine.window) == (other.cell, other.window)
        assert mine.coverage == pytest.approx(1 - (BACK - GONE) / WINDOW)
    count = {measure.cell: measure.value for measure in closed}[SECONDS]
    all_of_it = {measure.cell: measure.value for measure in whole}[SECONDS]
    assert count is not None
    assert all_of_it is not None
    assert count / (WINDOW - BACK + GONE) == pytest.approx(all_of_it / WINDOW, rel=0.03)


def test_a_process_that_is_gone_for_most_of_a_window_leaves_an_outage() -> None:
    first = Measurement(CAMERA, MANDATE, longest_look=1 / RATE)
    observe(first, 0.0, 30.0, 1)
    left = first.open_window()
    assert left is not None
    second = Measurement(CAMERA, MANDATE, longest_look=1 / RATE)
    second.go_on(left)
    second.gap(Outage.RESTART, left.until, NOON + timedelta(seconds=250))
    closed = observe(second, 250.0, WINDOW, 2)
    assert {(measure.value, measure.outage) for measure in closed} == {(None, Outage.RESTART)}


def test_pairs_that_stood_near_each_other_before_are_taken_over() -> None:
    budgets = {PAIRS.family: FamilyBudget(PAIRS.family, Fraction(1), 10_000)}
    mandate = replace(MANDATE, cells=(PAIRS,), budgets=budgets)
    measurement, closed = Measurement(CAMERA, mandate, longest_look=1 / RATE), list[Measure]()
    for step in range(round(RATE * WINDOW) + 1):
        if step == round(RATE * GONE):
            left = measurement.open_window()
            assert left is not None
            measurement = Measurement(CAMERA, mandate, longest_look=1 / RATE)
            measurement.go_on(left)
        number = int(step >= RATE * GONE)
        xyxy = np.array([[390, 400, 410, 500], [420, 400, 440, 500]], np.float32)
        both = Tracks(np.arange(2) + 2 * number, xyxy, np.zeros(2, np.uint8), NOON + timedelta(seconds=step / RATE))
        closed += measurement.observe(both, Positions(np.array([[0.0, 0.0], [1.0, 0.0]]), "local", 0.1))
    assert closed[0].value == pytest.approx(WINDOW, abs=3)
