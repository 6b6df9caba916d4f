"""Calibration from surveyed points, beside OpenCV's."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import Pinhole, from_points, to_ground

CAMERAS = st.builds(
    Pinhole,
    st.just((1920, 1080)),
    st.floats(600, 2500),
    st.floats(0.2, 1.2),
    st.floats(-0.1, 0.1),
    st.floats(2.5, 12.0),
)
SQUARE = [(100.0, 900.0), (1800.0, 900.0), (1300.0, 300.0), (600.0, 300.0)]
METRES = [(-3.0, 4.0), (3.0, 4.0), (3.0, 20.0), (-3.0, 20.0)]


def spread(points: np.ndarray, homography: np.ndarray, metres: np.ndarray) -> float:
    return float(np.square(to_ground(points, homography) - metres).sum())


@given(CAMERAS, st.integers(4, 10), st.sampled_from([0.0, 1.0, 4.0]), st.integers(0, 2**32 - 1))
def test_it_fits_as_well_as_opencv(camera: Pinhole, count: int, noise: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    pixels = random.uniform((100, 450), (1820, 1000), (count, 2))
    metres = camera.ground(pixels)
    if not np.isfinite(metres).all() or np.abs(metres).max() > 60:
        return
    seen = pixels + random.normal(0, noise, pixels.shape) if noise else pixels
    try:
        ours = from_points([*map(tuple, seen)], [*map(tuple, metres)], standard_error_m=0.0).homography
    except InvalidGeometryError:
        return
    theirs, _ = cv2.findHomography(seen, metres, 0)
    if noise == 0:
        np.testing.assert_allclose(to_ground(seen, ours), metres, atol=1e-5)
    if theirs is not None:
        assert spread(seen, ours, metres) <= 1.0001 * spread(seen, theirs, metres) + 1e-8


def test_the_error_is_the_residual_where_that_is_larger() -> None:
    points = [*SQUARE, (950.0, 600.0)]
    metres = [*METRES, (0.0, 9.0)]
    calibration = from_points(points, metres, standard_error_m=0.01)
    off = to_ground(np.array(points), calibration.homography) - np.array(metres)
    assert calibration.standard_error_m == pytest.approx(float(np.sqrt(np.square(off).sum(axis=1).mean())))
    assert from_points(points, metres, standard_error_m=9.0).standard_error_m == 9.0


@pytest.mark.parametrize("third", [(1300.0, 900.0), (950.0, 900.0)])
def test_three_points_of_four_on_a_line_leave_it_open(third: tuple[float, float]) -> None:
    with pytest.raises(InvalidGeometryError, match="on one line"):
        from_points([*SQUARE[:2], third, SQUARE[3]], METRES, standard_error_m=0.1)
