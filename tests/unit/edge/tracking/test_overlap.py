"""Overlap of boxes, as they are and with a margin."""

import numpy as np
import pytest

from passerby.edge.tracking.overlap import iou, widen

BOXES = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], [9.0, 9.0, 10.0, 11.0]])


def test_of_every_pair() -> None:
    assert iou(BOXES, BOXES) == pytest.approx(np.array([[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 1]]))
    assert iou(BOXES[:0], BOXES).shape == (0, 3)


def test_a_margin_is_a_share_of_the_side_that_it_widens() -> None:
    assert widen(BOXES, 0.5)[2].tolist() == [8.5, 8.0, 10.5, 12.0]
    assert widen(BOXES, np.array([[0.0], [1.0], [2.0]]))[:2].tolist() == [[0, 0, 2, 2], [-1, -2, 5, 4]]
