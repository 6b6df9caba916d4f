"""How much boxes overlap."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of every pair, float64[N, M], of xyxy boxes."""
    (left, top, right, bottom), (west, north, east, south) = a.T[:, :, None], b.T
    wide = np.minimum(right, east) - np.maximum(left, west)
    high = np.minimum(bottom, south) - np.maximum(top, north)
    common = np.maximum(wide, 0.0) * np.maximum(high, 0.0)
    union = (right - left) * (bottom - top) + (east - west) * (south - north) - common
    return np.asarray(common / np.maximum(union, 1e-9))
