"""What the detector is given: colours as they are, the picture in the top left corner, grey around it."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from passerby.datatypes.frame import Frame
from passerby.edge.detection import DetectorSpec
from passerby.edge.detection.detector import Prepared
from passerby.edge.detection.picture import to_input

# ITU-R BT.601, studio range: Y, U, V of pure colours and the RGB that they stand for.
COLOURS = {(235, 128, 128): (255, 255, 255), (81, 90, 240): (255, 0, 0), (41, 240, 110): (0, 0, 255)}


def frame(luma: int, u: int = 128, v: int = 128, size: tuple[int, int] = (64, 64)) -> Frame:
    """A quarter black, half of the colour, a quarter white: a picture with contrast, which is left as it is."""
    width, height = size
    plane = np.full((height, width), luma, np.uint8)
    plane[:, : width // 4], plane[:, -width // 4 :] = 16, 235
    half = height // 2, width // 2
    return Frame(plane, np.full(half, u, np.uint8), np.full(half, v, np.uint8), datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def spec(spec_of) -> DetectorSpec:  # type: ignore[no-untyped-def]
    made: DetectorSpec = spec_of("yolox")
    return made


@pytest.mark.parametrize(("yuv", "rgb"), COLOURS.items())
def test_colours(yuv: tuple[int, int, int], rgb: tuple[int, int, int], spec: DetectorSpec) -> None:
    picture, _ = to_input(frame(*yuv), spec)
    assert picture.shape == (64, 64, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_allclose(picture[30, 30], rgb, atol=2)
    swapped, _ = to_input(frame(*yuv), replace(spec, colour="bgr"))
    np.testing.assert_allclose(swapped[30, 30], rgb[::-1], atol=2)


def test_a_wide_picture_leaves_a_grey_bar_below(spec: DetectorSpec) -> None:
    picture, scale = to_input(frame(235, size=(128, 64)), spec)
    assert scale == (2.0, 2.0)
    assert picture[31, 20:].min() > 250
    assert set(picture[32:].ravel().tolist()) == {114}


def test_stretched_pictures_have_two_scales(spec: DetectorSpec) -> None:
    picture, scale = to_input(frame(235, size=(128, 32)), replace(spec, fit="stretch"))
    assert scale == (2.0, 0.5)
    assert picture[:, 20:].min() > 250
    assert picture[:, :12].max() < 5


def test_no_text_shows_what_a_detector_is_given() -> None:
    shown = repr(Prepared(np.full((2, 2, 3), 77, np.uint8), (1.0, 1.0), (2, 2), datetime(2026, 3, 1, tzinfo=UTC)))
    assert "77" not in shown.partition(" at 0x")[0]
    assert "array" not in shown
