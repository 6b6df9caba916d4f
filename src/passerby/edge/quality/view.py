"""Whether the camera still looks where it looked."""

from datetime import datetime, timedelta

import cv2
import numpy as np

from passerby.datatypes.frame import Frame
from passerby.edge.quality.drift import Drift
from passerby.edge.quality.levels import rows_of
from passerby.edge.quality.tiles import FEWEST_TILES, FOUND, SIZE, Picture, edges, find_tiles

EVERY = timedelta(seconds=1)
WARM_UP, MEMORY = 10, 300
CONFIRM, REPLACED = 5, 30
LARGEST_SHIFT = 0.01 * SIZE[0]
"""1 % of the picture's width, in px of ``SIZE``."""
MOST_AGREE, NEARLY_ALL = 0.6, 0.75
AS_BEFORE = 1.25
"""While edges differ from the reference by no more than so many times as they did when all was here, it is. A shift of
one per cent changes a picture without noise tenfold, and one whose edges correlate by 0.7 by half."""
ANOTHER_LIGHT = 20.0
"""Levels of mean luma, or of mean distance of the chroma from grey times four, that make another light."""


class View:
    """Looks once a second for parts of the picture, on a grid of tiles, where they were before.

    Moved: of the tiles that have structure and are found, most lie elsewhere, five seconds in a row; or nearly all are
    found nowhere, thirty in a row. People and vehicles hide some tiles and shift none. While the camera looks elsewhere
    nothing is learned, so that one that is put back is recognised. Where the light changed at the same time (a lamp,
    infrared at dusk), structure that is lost proves nothing, and the view is learned anew. A view with structure in
    fewer than three tiles cannot be judged. What sags too slowly for that is seen against pictures of hours before.
    """

    def __init__(self) -> None:
        self._reference: Picture | None = None
        self._light = (0.0, 0.0)
        self._seen = 0
        self._here: float | None = None
        self._row = {"moved": 0, "lost": 0, "here": 0}
        self._suspected: datetime | None = None
        self._moved: datetime | None = None
        self._looked: datetime | None = None
        self._drift = Drift()

    def moved_since(self, frame: Frame) -> datetime | None:
        """Instant since which the camera looks elsewhere, or None."""
        if self._looked is None or abs(frame.instant - self._looked) >= EVERY:
            self._looked = frame.instant
            self._look(edges(frame.luma), _light(frame), frame.instant)
        return self._moved

    def _look(self, now: Picture, light: tuple[float, float], instant: datetime) -> None:
        if self._reference is None or self._seen < WARM_UP:
            self._learn(now, light)
            return
        difference = cv2.norm(self._reference, now, cv2.NORM_L2SQR)
        if self._here is not None and difference <= AS_BEFORE * self._here:
            where = "here"
        else:
            where = self._where(now)
            self._here = difference if where == "here" else None
        for state in self._row:
            self._row[state] = self._row[state] + 1 if state == where else 0
        if where == "here":
            self._suspected = None if self._moved is None else self._suspected
            if self._moved is None:
                self._learn(now, light)
                self._sag(instant)
        else:
            self._suspected = self._suspected or instant
        if self._row["here"] >= CONFIRM:
            self._moved = None
        elif self._row["moved"] >= CONFIRM:
            self._moved = self._moved or self._suspected
        elif self._row["lost"] >= REPLACED:
            if self._moved is None and np.abs(np.subtract(light, self._light)).max() > ANOTHER_LIGHT:
                self._seen, self._suspected = 0, None
            else:
                self._moved = self._moved or self._suspected

    def _where(self, now: Picture) -> str:
        """``here``, ``moved`` or ``lost`` by the tiles; ``unknown`` where they do not tell."""
        assert self._reference is not None
        shifts, scores = find_tiles(self._reference, now)
        found = scores >= FOUND
        if len(scores) >= FEWEST_TILES and (~found).mean() >= NEARLY_ALL:
            return "lost"
        if found.sum() < FEWEST_TILES:
            return "unknown"
        return "moved" if (np.hypot(*shifts[found].T) >= LARGEST_SHIFT).mean() >= MOST_AGREE else "here"

    def _sag(self, instant: datetime) -> None:
        assert self._reference is not None
        self._drift.observe(self._reference, instant)
        if self._drift.since is not None:
            self._moved = self._suspected = self._drift.since
            self._reference, self._here = self._drift.first, None
            self._drift = Drift()

    def _learn(self, now: Picture, light: tuple[float, float]) -> None:
        self._seen += 1
        share = 1 / min(self._seen, MEMORY)
        self._reference = now if self._reference is None or share == 1 else (1 - share) * self._reference + share * now
        self._light = ((1 - share) * self._light[0] + share * light[0], (1 - share) * self._light[1] + share * light[1])


def _light(frame: Frame) -> tuple[float, float]:
    """Mean luma, and four times the mean distance of the chroma from grey; in levels."""
    chroma = np.concatenate([frame.chroma_u[::32, ::8], frame.chroma_v[::32, ::8]]).astype(np.float32) - 128
    return cv2.mean(rows_of(frame.luma))[0], float(4 * np.abs(chroma).mean())
