"""Formulas against numbers worked out by hand."""

import numpy as np
import pytest

from passerby.edge.measurement.formulas import apart, density, level_of_service, mean_speed, near_somebody


def test_density_and_its_level_of_service() -> None:
    assert density(30, 100.0) == pytest.approx(0.3)
    assert [level_of_service(rho) for rho in (0.0, 0.3, 0.4, 0.6, 0.9, 1.5, 3.0)] == list("AABCDEF")


def test_a_level_begins_at_its_least_space() -> None:
    """Fruin, Pedestrian Planning and Design (1971), walkways, in square metres a person."""
    for space, level in ((3.24, "A"), (2.32, "B"), (1.39, "C"), (0.93, "D"), (0.46, "E")):
        assert level_of_service(1 / (space + 1e-6)) == level
        assert level_of_service(1 / (space - 1e-6)) == chr(ord(level) + 1)


def test_near_is_closer_than_the_distance() -> None:
    places = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.5]])
    assert apart(places)[0, 1] == 5
    assert near_somebody(places, 1.5).tolist() == [False, False, False]
    assert near_somebody(places, 1.51).tolist() == [False, True, True]
    assert near_somebody(places[:1], 2.0).tolist() == [False]
    assert near_somebody(places[:0], 2.0).tolist() == []


def test_speed_is_displacement_over_time() -> None:
    assert mean_speed(np.array([0.0, 0.0]), np.array([3.0, 4.0]), 4.0) == 1.25
