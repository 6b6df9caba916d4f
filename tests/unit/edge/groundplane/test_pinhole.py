"""Projection and its inverse."""

import numpy as np
import pytest

from passerby.edge.groundplane import Pinhole
from passerby.edge.groundplane.homography import to_ground

CAMERA = Pinhole((800, 600), 700.0, 0.4, 0.05, 5.0)
PLACES = np.array([[0.0, 8.0], [-3.0, 12.0], [4.0, 30.0]])


def test_ground_inverts_project() -> None:
    pixels = CAMERA.project(np.column_stack([PLACES, np.zeros(3)]))
    np.testing.assert_allclose(CAMERA.ground(pixels), PLACES, atol=1e-9)


def test_the_homography_is_the_same_map() -> None:
    pixels = CAMERA.project(np.column_stack([PLACES, np.zeros(3)]))
    np.testing.assert_allclose(to_ground(pixels, CAMERA.homography()), PLACES, atol=1e-6)


def test_above_the_horizon_is_no_ground() -> None:
    assert np.isnan(CAMERA.ground(np.array([[400.0, 0.0]]))).all()
    assert np.isnan(to_ground(np.array([[400.0, 0.0]]), CAMERA.homography())).all()


def test_heads_are_above_feet_and_the_middle_is_where_the_axis_meets_the_ground() -> None:
    feet = CAMERA.project(np.array([[0.0, 10.0, 0.0]]))
    heads = CAMERA.project(np.array([[0.0, 10.0, 1.7]]))
    assert heads[0, 1] < feet[0, 1]
    assert CAMERA.ground(np.array([[400.0, 300.0]]))[0] == pytest.approx([0.0, 5.0 / np.tan(0.4)])
