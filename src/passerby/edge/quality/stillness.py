"""A picture that never changes is no picture: a sensor has noise, a frozen stream has none."""

from datetime import datetime, timedelta

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
        if self._anchor is None or self._since is None or self._anchor.shape != grid.shape or self._changed(grid):
            self._anchor, self._since = grid.copy(), instant
        return self._since if instant - self._since >= FROZEN else None

    def _changed(self, grid: NDArray[np.uint8]) -> bool:
        assert self._anchor is not None
        difference = np.abs(grid.astype(np.int16) - self._anchor)
        return bool((difference > SAME_LEVELS).mean() > MOST_CHANGED)
