"""A picture that never changes is no picture: a sensor has noise, a frozen stream has none."""

from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

SAMPLE = 8
FROZEN = timedelta(seconds=10)
SAME_LEVELS, MOST_CHANGED = 2, 0.001


class Stillness:
    """Since when the samples of the luma are the same, but for what a codec adds."""

    def __init__(self) -> None:
        self._anchor: NDArray[np.uint8] | None = None
        self._since: datetime | None = None

    def frozen_since(self, grid: NDArray[np.uint8], instant: datetime) -> datetime | None:
        """Instant of the first of the same pictures once they last for ten seconds, else None."""
        grid = grid.copy()
        if self._anchor is None or self._since is None or self._anchor.shape != grid.shape or self._changed(grid):
            self._anchor, self._since = grid, instant
        return self._since if instant - self._since >= FROZEN else None

    def _changed(self, grid: NDArray[np.uint8]) -> bool:
        assert self._anchor is not None
        _, changed = cv2.threshold(cv2.absdiff(grid, self._anchor), SAME_LEVELS, 1, cv2.THRESH_BINARY)
        return bool(cv2.countNonZero(changed) > MOST_CHANGED * grid.size)
