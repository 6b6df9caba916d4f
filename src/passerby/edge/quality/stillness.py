"""A picture that never changes is no picture: a sensor has noise, a frozen stream has none."""

from datetime import datetime, timedelta

import cv2
import numpy as np

from passerby.edge.quality.levels import Luma

FROZEN = timedelta(seconds=10)
SAME_LEVELS, MOST_CHANGED = 2, 0.001


class Stillness:
    """Since when the samples of the luma are the same, but for what a codec adds."""

    def __init__(self) -> None:
        self._anchor: Luma | None = None
        self._since: datetime | None = None

    def frozen_since(self, samples: Luma, instant: datetime) -> datetime | None:
        """Instant of the first of the same pictures once they last for ten seconds, else None."""
        if self._anchor is None or self._since is None or self._changed(samples, self._anchor):
            self._anchor, self._since = samples, instant
        return self._since if instant - self._since >= FROZEN else None

    @staticmethod
    def _changed(samples: Luma, anchor: Luma) -> bool:
        if samples.shape != anchor.shape:
            return True
        changed = np.count_nonzero(cv2.absdiff(samples, anchor) > SAME_LEVELS)
        return bool(changed > MOST_CHANGED * samples.size)
