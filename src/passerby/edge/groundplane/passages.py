"""People who pass, for the calibration: where their boxes are while they are there, in memory alone."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.kind import Kind
from passerby.datatypes.tracks import Tracks

SHORTEST_SECONDS = 2.0
STEP_SECONDS = 0.2
LOST_SECONDS = 3.0
MARGIN = 0.01
SLENDER = (0.2, 0.75)
"""Width of the box of an upright person, as a share of its height."""

Passage = NDArray[np.float64]
"""float64[N, 5]: s, and left, top, right, bottom in px, of an upright person who is wholly in the picture."""


class Passages:
    """Follows tracks, at most five boxes a second of each, and hands over who has left. Then he is forgotten."""

    def __init__(self, picture: tuple[int, int], take: Callable[[Passage], None]) -> None:
        """``picture``: width and height of the reference picture, px. ``take``: is given each passage, once."""
        self._picture = picture
        self._take = take
        self._open: dict[int, list[tuple[float, ...]]] = {}

    def add(self, tracks: Tracks) -> None:
        """Take one frame; frames come in order of time."""
        now = tracks.instant.timestamp()
        for track, box, kind in zip(tracks.id.tolist(), tracks.xyxy.tolist(), tracks.kind.tolist(), strict=True):
            if kind != Kind.PERSON or not self._is_whole(box):
                continue
            rows = self._open.setdefault(track, [])
            if not rows or now - rows[-1][0] >= STEP_SECONDS - 1e-6:
                rows.append((now, *box))
        for track in [track for track, rows in self._open.items() if now - rows[-1][0] > LOST_SECONDS]:
            self._finish(track)

    def finish(self) -> None:
        """No picture follows: hand over who is there."""
        for track in list(self._open):
            self._finish(track)

    def _is_whole(self, box: Sequence[float]) -> bool:
        left, top, right, bottom = box
        width, height = self._picture
        inside = left > MARGIN * width and right < (1 - MARGIN) * width
        inside = inside and top > MARGIN * height and bottom < (1 - MARGIN) * height
        return inside and SLENDER[0] < (right - left) / max(bottom - top, 1.0) < SLENDER[1]

    def _finish(self, track: int) -> None:
        passage = np.array(self._open.pop(track), np.float64)
        if passage[-1, 0] - passage[0, 0] >= SHORTEST_SECONDS:
            self._take(passage)
