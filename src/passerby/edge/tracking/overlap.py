"""How much boxes overlap."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def widen(boxes: Array, share: Array | float) -> Array:
    """xyxy boxes [N, 4] with a margin on every side: ``share``, [N, 1] or one for all, of their width and height."""
    margin = (boxes[:, 2:] - boxes[:, :2]) * share
    return np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of every pair, float64[N, M], of xyxy boxes."""
    (left, top, right, bottom), (west, north, east, south) = a.T[:, :, None], b.T
    wide = np.minimum(right, east) - np.maximum(left, west)
    high = np.minimum(bottom, south) - np.maximum(top, north)
    common = np.maximum(wide, 0.0) * np.maximum(high, 0.0)
    union = (right - left) * (bottom - top) + (east - west) * (south - north) - common
    return np.asarray(common / np.maximum(union, 1e-9))
