"""Whether a detector may rest: nobody was there for a while, and nothing has changed since."""

import numpy as np

from passerby.datatypes.frame import Frame
from passerby.edge.detection.grid import Grid, coarse, median

EMPTY_SECONDS = 3.0
"""For so long every look must have found nobody: a detector misses somebody who stands there now and then."""
LONGEST_REST = 1.0
"""Seconds after which it looks again, whatever changed: nobody crosses a street in less."""
_NOISE_FACTOR, _CONTRAST_SHARE = 5.0, 0.05
"""A cell changed where its luma differs by more than five times the noise and a twentieth of the picture's contrast:
half of what moves under a person."""


class Calm:
    """Remembers an empty picture as its luma over about 96 cells across. Whoever comes changes a cell of it, and then
    the detector looks; changes are measured from that picture, so that slow ones add up."""

    def __init__(self) -> None:
        self._empty: Grid | None = None
        self._since: float | None = None
        self._looked = 0.0

    def rests(self, frame: Frame) -> bool:
        """Whether what was found last, nobody, can be taken for what is there now."""
        now = frame.instant.timestamp()
        if self._empty is None or self._since is None or now - self._since < EMPTY_SECONDS:
            return False
        grid = coarse(frame.luma)
        if not 0 <= now - self._looked < LONGEST_REST or grid.shape != self._empty.shape:
            return False
        change = grid - self._empty
        change = np.abs(change - median(change))
        noise = 1.4826 * float(median(change))
        return not (change > max(_NOISE_FACTOR * noise, _CONTRAST_SHARE * float(grid.std()))).any()

    def looked(self, frame: Frame, *, empty: bool) -> None:
        """To be told after each look of the detector whether it found nobody and nothing."""
        self._looked = frame.instant.timestamp()
        self._empty = coarse(frame.luma) if empty else None
        self._since = (self._looked if self._since is None else self._since) if empty else None
