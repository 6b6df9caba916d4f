"""The luma of a picture in about a hundred cells across: what moved in it, whatever the detector says."""

import cv2
import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]

_COLUMNS, _SAMPLES = 96, 4


def coarse(luma: NDArray[np.uint8]) -> Grid:
    """Mean luma of about 96 cells across, float32[h, w], from sixteen samples a cell of a large picture."""
    step = max(1, round(luma.shape[1] / (_COLUMNS * _SAMPLES)))
    side = max(1, round(luma.shape[1] / step / _COLUMNS))
    rows, columns = (length // (step * side) for length in luma.shape)
    samples = luma[: rows * side * step : step, : columns * side * step : step].astype(np.float32)
    return np.asarray(cv2.resize(samples, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def median(values: Grid) -> np.float32:
    """As NumPy's, in a quarter of the time for so few."""
    middle = values.size // 2
    ordered = np.partition(values, middle, axis=None)
    if values.size % 2:
        return np.float32(ordered[middle])
    return np.float32((ordered[:middle].max() + ordered[middle]) / 2)
