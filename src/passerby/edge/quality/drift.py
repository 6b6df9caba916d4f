"""Whether a camera sags: so slowly that each second looks like the one before."""

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from passerby.edge.quality.tiles import FEWEST_TILES, FOUND, SIZE, Picture, find_tiles

EVERY, CONFIRM = timedelta(minutes=1), 5
LARGEST_DRIFT = 0.01 * SIZE[0]
"""1 % of the picture's width, in px of ``SIZE``."""
MOST = 6


class Drift:
    """Compares once a minute with pictures of before, one for each light: morning looks like morning, night like night.

    ``first``: the oldest. ``since``: instant since which the picture lies elsewhere than there by more than one per
    cent of its width, five minutes in a row; None while it does not.
    """

    def __init__(self) -> None:
        self._known: list[tuple[Picture, NDArray[np.float64]]] = []
        self._drift = np.zeros(2)
        self._looked: datetime | None = None
        self._suspected: datetime | None = None
        self._row = 0
        self.since: datetime | None = None

    @property
    def first(self) -> Picture:
        """Raises IndexError before anything was observed."""
        return self._known[0][0]

    def observe(self, now: Picture, instant: datetime) -> None:
        """Take the mean picture of the last minutes, as edges; at most once a minute is it looked at."""
        if self._looked is not None and abs(instant - self._looked) < EVERY:
            return
        first, self._looked = self._looked is None, instant
        drift = None if first else self._against(now)
        if drift is None:
            if len(self._known) == MOST:
                del self._known[1]
            self._known.append((now.copy(), self._drift))
            return
        self._drift = drift
        far = float(np.hypot(*drift)) >= LARGEST_DRIFT
        self._row = self._row + 1 if far else 0
        self._suspected = (self._suspected or instant) if far else None
        if self._row >= CONFIRM:
            self.since = self._suspected

    def _against(self, now: Picture) -> NDArray[np.float64] | None:
        """Drift float64[2] px since the first picture, by the one that is most alike; None where none is."""
        best: tuple[float, NDArray[np.float64]] | None = None
        for picture, before in self._known:
            shifts, scores = find_tiles(picture, now)
            found = scores >= FOUND
            if found.sum() >= FEWEST_TILES and found.mean() > 0.5:
                alike = float(np.median(scores))
                if best is None or alike > best[0]:
                    best = alike, before + np.median(shifts[found], axis=0)
        return None if best is None else best[1]
