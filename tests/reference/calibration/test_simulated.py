"""Self-calibration under cameras whose truth is exact."""

import numpy as np
import pytest
from tests.reference.calibration.library import PICTURE, scene
from tests.reference.calibration.table import results

from passerby.datatypes.calibration import LARGEST_ERROR_M
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import Pinhole, calibrate


def test_the_standard_error_says_how_wrong_places_are() -> None:
    error, standard, _ = results(range(8), people=16).T
    assert (error < 2 * standard).sum() >= 7
    assert (error < standard).sum() >= 4
    given = standard <= LARGEST_ERROR_M
    assert given.any()
    assert (error[given] < 2 * standard[given]).all()
    assert np.median(error[given]) < 0.3


def test_more_people_make_it_surer() -> None:
    passages = scene(101, 40).passages
    few, many = (calibrate(passages[:people], PICTURE).calibration.standard_error_m for people in (10, 40))
    assert many < few


def test_a_level_camera_at_eye_height_is_refused() -> None:
    level = Pinhole(PICTURE, 1100.0, float(np.radians(4)), 0.0, 1.8)
    got = calibrate(scene(3, 20, camera=level).passages, PICTURE)
    assert got.calibration.standard_error_m > LARGEST_ERROR_M


def test_a_known_focal_length_helps() -> None:
    one = scene(11, 30)
    alone = calibrate(one.passages, PICTURE)
    told = calibrate(one.passages, PICTURE, focal=one.camera.focal)
    assert told.calibration.standard_error_m < alone.calibration.standard_error_m
    assert abs(np.degrees(told.camera.tilt - one.camera.tilt)) < 3


def test_too_few_people_are_refused() -> None:
    with pytest.raises(InvalidGeometryError, match="people who pass"):
        calibrate(scene(1, 5).passages, PICTURE)
