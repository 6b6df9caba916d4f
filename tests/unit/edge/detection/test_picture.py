"""What the detector is given: colours as they are, the picture in the top left corner, grey around it."""

from dataclasses import replace

import numpy as np
import pytest

from passerby.edge.detection.picture import to_input

# ITU-R BT.601, studio range: Y, U, V of pure colours and the RGB that they stand for.
COLOURS = {(235, 128, 128): (255, 255, 255), (81, 90, 240): (255, 0, 0), (41, 240, 110): (0, 0, 255)}


@pytest.mark.parametrize(("yuv", "rgb"), COLOURS.items())
def test_colours(yuv, rgb, spec_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    blob, _ = to_input(frame_of(*yuv), spec_of("yolox"))
    assert blob.shape == (1, 3, 64, 64)
    np.testing.assert_allclose(blob[0, :, 30, 30], rgb, atol=2)
    swapped, _ = to_input(frame_of(*yuv), replace(spec_of("yolox"), colour="bgr", divide=255.0))
    np.testing.assert_allclose(swapped[0, :, 30, 30] * 255, rgb[::-1], atol=2)


def test_a_wide_picture_leaves_a_grey_bar_below(spec_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    blob, scale = to_input(frame_of(235, size=(128, 64)), spec_of("yolox"))
    assert scale == (2.0, 2.0)
    assert blob[0, :, 31].min() > 250
    assert set(blob[0, :, 32:].ravel().tolist()) == {114.0}


def test_stretched_pictures_have_two_scales(spec_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    blob, scale = to_input(frame_of(235, size=(128, 32)), replace(spec_of("yolox"), fit="stretch"))
    assert scale == (2.0, 0.5)
    assert blob.min() > 250
