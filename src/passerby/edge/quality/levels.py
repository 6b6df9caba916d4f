"""Every so manyth sample of a picture, and how often each level comes in them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]

LEVELS = np.arange(256.0)
ROWS, COLUMNS = 45, 384
"""About so many of them are read."""


def rows_of(luma: Luma) -> Luma:
    """Rows of a picture uint8[H, W] in full, a view."""
    return luma[:: max(1, luma.shape[0] // ROWS)]


def samples_of(luma: Luma) -> Luma:
    """Samples of these rows, uint8[h, w], a copy that may be kept."""
    return rows_of(luma)[:, :: max(1, luma.shape[1] // COLUMNS)].copy()


def counts(values: Luma) -> NDArray[np.float32]:
    """How often each level comes, float32[256]."""
    return np.asarray(cv2.calcHist([values], [0], None, [256], [0, 256]), np.float32).ravel()


def quantiles(counted: NDArray[np.float32], *shares: float) -> list[float]:
    """Levels that so large shares of what was counted do not exceed."""
    reached = counted.cumsum()
    return [float(level) for level in reached.searchsorted([share * float(reached[-1]) for share in shares])]
