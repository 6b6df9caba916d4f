"""The background plate: the only picture that ever leaves the edge."""

from collections.abc import Callable
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.edge.background.picture import CELL, blank, cell_means, reduced, to_frame
from passerby.edge.background.presence import SILENCE_SECONDS, Presence

Find = Callable[[Frame], Detections]
"""A detector at a low threshold."""

MOMENTS = 6
"""A pixel is proven once so many well-separated moments agreed on it, on balance."""
MOST_MOMENTS = 12
TOLERANCE = 12.0
"""Largest difference, in 8-bit levels of any colour, between moments that agree."""
LARGEST_BLANK = 0.4
LARGEST_VETO = 0.25
"""Share of the plate: what is found on it and is larger refuses this plate, but blanks nothing for good."""
ROUNDS = 4
FRAME_GAP_SECONDS = 5.0


class Background:
    """Learns, in memory, what a camera sees when nobody is there.

    A pixel enters when no box was near it for three seconds before and after a moment, and moments spread over
    ``span_seconds`` agree on it. Pixels that never qualify are left blank: filled smoothly from around them.
    A plate is given out once at most two fifths are blank and the detector finds nobody at a low threshold: on the
    whole, on parts of it enlarged, and mirrored. What it does find is blanked for good, and the plate looked at again;
    where it is as large as a room, the plate waits for better moments instead.
    """

    def __init__(self, find: Find, *, span_seconds: float, every: timedelta) -> None:
        """``span_seconds``: over which moments must agree; longer than anybody stands still without being found.
        ``every``: at most so often is there a new plate."""
        self._find = find
        self._span = span_seconds
        self._step = max(SILENCE_SECONDS, span_seconds / (MOMENTS + 2))
        self._every = every.total_seconds()
        self._png: bytes | None = None
        self.reset()

    @property
    def png(self) -> bytes | None:
        """The latest plate that was proven empty, or None while there is none."""
        return self._png

    def reset(self) -> None:
        """Begin again, as when the camera was moved. The plate that was shown is withdrawn."""
        self._png = None
        self._mean: NDArray[np.float32] | None = None
        self._pending: tuple[float, NDArray[np.uint8]] | None = None
        self._watched = self._last = -np.inf
        self._tried = -np.inf

    def observe(self, frame: Frame, detections: Detections) -> None:
        """Take one frame and everything that was found on it, in px of the frame, at the lowest score there is."""
        now = frame.instant.timestamp()
        if now - self._last > FRAME_GAP_SECONDS or now < self._last:
            self._watched, self._pending = now, None
        self._last = now
        if self._mean is None:
            self._begin(frame)
        width, height = frame.size
        rows, columns = self._veto.shape
        scale = np.array([columns / width, rows / height] * 2, np.float32)
        self._presence.mark(detections.xyxy * scale, now)
        if self._pending is None:
            if now - self._watched >= SILENCE_SECONDS:
                self._pending = now, reduced(frame)
        elif now - self._pending[0] >= self._step:
            self._take(*self._pending)
            picture = reduced(frame)
            self._presence.settle(cell_means(picture), now)
            self._pending = now, picture
            self._try(frame.instant)

    def _begin(self, frame: Frame) -> None:
        picture = reduced(frame)
        height, width = picture.shape[:2]
        cells = height // CELL, width // CELL
        self._mean = np.zeros((height, width, 3), np.float32)
        self._votes = np.zeros((height, width), np.int16)
        self._first = np.zeros((height, width))
        self._agreed = np.zeros((height, width))
        self._presence = Presence(cells)
        self._veto = np.zeros(cells, bool)

    def _take(self, moment: float, picture: NDArray[np.uint8]) -> None:
        """Majority vote of moments for each pixel (Boyer and Moore, 1981), with the mean of those that agree."""
        assert self._mean is not None
        free = _spread(self._presence.free(moment))
        agree = free & (np.abs(picture - self._mean).max(axis=2) <= TOLERANCE) & (self._votes > 0)
        self._votes[agree] = np.minimum(self._votes[agree] + 1, MOST_MOMENTS)
        self._mean[agree] += (picture[agree] - self._mean[agree]) / self._votes[agree, None]
        self._agreed[agree] = moment
        other = free & ~agree
        self._votes[other] -= 1
        fresh = other & (self._votes <= 0)
        self._mean[fresh], self._votes[fresh] = picture[fresh], 1
        self._first[fresh] = self._agreed[fresh] = moment

    def _try(self, instant: datetime) -> None:
        assert self._mean is not None
        if instant.timestamp() - self._tried < self._every:
            return
        proven = (self._votes >= MOMENTS) & (self._agreed - self._first >= self._span)
        for _ in range(ROUNDS):
            blanked = self._veto.sum()
            shown = proven & ~_spread(self._veto)
            if 1 - shown.mean() > LARGEST_BLANK:
                return
            plate = blank(self._mean, shown)
            if not self._refuse(plate, instant):
                self._png = cv2.imencode(".png", plate)[1].tobytes()
                self._tried = instant.timestamp()
                return
            if self._veto.sum() == blanked:
                return

    def _refuse(self, plate: NDArray[np.uint8], instant: datetime) -> bool:
        """Blank for good whatever the detector finds on the plate; whether it found anything."""
        height, width = plate.shape[:2]
        found = False
        for top, left, bottom, right in _views(height, width):
            view = plate[top:bottom, left:right]
            for mirrored in (False, True):
                boxes = self._find(to_frame(cv2.flip(view, 1) if mirrored else view, instant)).xyxy
                for x1, y1, x2, y2 in boxes.tolist():
                    if mirrored:
                        x1, x2 = (right - left) - x2, (right - left) - x1
                    rows = slice(int(top + y1) // CELL, int(np.ceil((top + y2) / CELL)))
                    columns = slice(int(left + x1) // CELL, int(np.ceil((left + x2) / CELL)))
                    found = True
                    if (x2 - x1) * (y2 - y1) <= LARGEST_VETO * width * height:
                        self._veto[rows, columns] = True
        return found


def _views(height: int, width: int) -> list[tuple[int, int, int, int]]:
    """The whole and five overlapping parts of half its size: top, left, bottom, right."""
    rows, columns = (0, height // 4 & ~1, height // 2 & ~1), (0, width // 4 & ~1, width // 2 & ~1)
    corners = [(top, left) for top in rows[::2] for left in columns[::2]] + [(rows[1], columns[1])]
    halves = [(top, left, top + rows[2], left + columns[2]) for top, left in corners]
    return [(0, 0, height, width), *halves]


def _spread(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.repeat(np.repeat(cells, CELL, axis=0), CELL, axis=1)
