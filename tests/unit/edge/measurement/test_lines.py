"""Crossings cannot inflate."""

from typing import Any

import numpy as np
import pytest

from passerby.datatypes.line import MeasurementLine
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.lines import LineCrossings

LINE = MeasurementLine("gate", (300.0, 400.0), (300.0, 100.0))
"""Upright; who walks to the right crosses it forward."""
FORWARD, BACKWARD = ("gate", "person.forward"), ("gate", "person.backward")


@pytest.fixture
def counting() -> LineCrossings:
    return LineCrossings((LINE,), Allowance(1000))


def test_each_direction_is_counted_for_itself(counting: LineCrossings, feed: Any, straight: Any, totals: Any) -> None:
    there, back = straight((100, 250), (500, 250), 40), straight((500, 260), (100, 260), 40)
    assert totals(feed(counting, there, back)) == {FORWARD: 1, BACKWARD: 1}


def test_whoever_passes_beside_the_segment_does_not_cross(counting: LineCrossings, feed: Any, straight: Any) -> None:
    assert feed(counting, straight((100, 450), (500, 450), 40)) == []


def test_loitering_on_the_line_counts_nothing(counting: LineCrossings, feed: Any) -> None:
    random = np.random.default_rng(1)
    loiter = [(300 + float(random.uniform(-4.9, 4.9)), 250.0) for _ in range(500)]
    assert feed(counting, [(200.0, 250.0), *loiter, (200.0, 250.0)]) == []


def test_jitter_on_one_side_of_the_line_counts_nothing(counting: LineCrossings, feed: Any) -> None:
    random = np.random.default_rng(2)
    assert feed(counting, [(290 + float(random.normal(0, 3)), 250.0) for _ in range(500)]) == []


def test_stop_and_go_counts_once(counting: LineCrossings, feed: Any, straight: Any, totals: Any) -> None:
    stop = [(301.0, 250.0), (299.0, 250.0)] * 100
    path = [*straight((100, 250), (298, 250), 20), *stop, *straight((302, 250), (500, 250), 20)]
    assert totals(feed(counting, path)) == {FORWARD: 1}


def test_a_u_turn_beyond_the_line_is_one_each_way(
    counting: LineCrossings, feed: Any, straight: Any, totals: Any
) -> None:
    turn = [*straight((100, 250), (350, 250), 30), *straight((350, 250), (100, 250), 30)]
    assert totals(feed(counting, turn)) == {FORWARD: 1, BACKWARD: 1}


def test_a_u_turn_before_the_line_is_none(counting: LineCrossings, feed: Any, straight: Any) -> None:
    assert feed(counting, [*straight((100, 250), (303, 250), 30), *straight((303, 250), (100, 250), 30)]) == []


def test_an_id_that_splits_away_from_the_line_changes_nothing(
    counting: LineCrossings, feed: Any, straight: Any, totals: Any
) -> None:
    path = straight((100, 250), (500, 250), 41)
    assert totals(feed(counting, path, ids=[[0 if k < 12 else 1 for k in range(41)]])) == {FORWARD: 1}


def test_two_who_swap_ids_as_they_cross_count_once_each_way(
    counting: LineCrossings, feed: Any, straight: Any, totals: Any
) -> None:
    there, back = straight((100, 250), (500, 250), 41), straight((500, 250), (100, 250), 41)
    ids = [[0 if k < 25 else 1 for k in range(41)], [1 if k < 25 else 0 for k in range(41)]]
    found = totals(feed(counting, there, back, ids=ids))
    assert found[FORWARD] + found[BACKWARD] <= 4
    assert abs(found[FORWARD] - found[BACKWARD]) == 0


def test_a_crossing_in_a_gap_is_seen_from_both_sides(
    counting: LineCrossings, feed: Any, straight: Any, totals: Any
) -> None:
    path = straight((100, 250), (500, 250), 40)
    assert totals(feed(counting, [p if not 15 <= k < 25 else None for k, p in enumerate(path)])) == {FORWARD: 1}


def test_vehicles_are_counted_by_kind(counting: LineCrossings, feed: Any, straight: Any, totals: Any) -> None:
    assert totals(feed(counting, straight((100, 250), (500, 250), 20), kind="bus")) == {("gate", "bus.forward"): 1}


def test_a_track_gives_at_most_its_cap(feed: Any, straight: Any, totals: Any) -> None:
    turn = [*straight((100, 250), (500, 250), 10), *straight((500, 250), (100, 250), 10)]
    found = totals(feed(LineCrossings((LINE,), Allowance(3)), turn * 5))
    assert sum(found.values()) == 3
