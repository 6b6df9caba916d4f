"""Overlap of boxes."""

import numpy as np
import pytest

from passerby.edge.tracking.overlap import iou

BOXES = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], [9.0, 9.0, 10.0, 11.0]])


def test_of_every_pair() -> None:
    assert iou(BOXES, BOXES) == pytest.approx(np.array([[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 1]]))
    assert iou(BOXES[:0], BOXES).shape == (0, 3)
