"""Associate boxes from frame to frame; report each frame two seconds late, when what follows is known."""

import math
import secrets
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.kind import Kind
from passerby.datatypes.tracks import Tracks
from passerby.edge.tracking.assignment import best_pairs
from passerby.edge.tracking.history import History
from passerby.edge.tracking.motion import Motion
from passerby.edge.tracking.overlap import iou

Array = NDArray[np.float64]
Which = NDArray[np.int64]

LAG_SECONDS = 2.0
_CONFIRM_SECONDS, _LOST_SECONDS, _SILENT_SECONDS = 0.5, 3.0, 3.0
_LIKELY, _STRONG_SHARE = 0.8, 0.33
_STRANGEST, _STRANGEST_WEAK, _SAME_BODY = 14.0, 10.0, 0.7
_APART, _LEAST_PRESENCE, _FLEETING_PRESENCE, _FLEETING_BODY = 0.2, 0.4, 0.5, 0.25
_USUAL_STEP, _SELDOM_STEP, _LONGEST_STEP = 0.2, 0.55, 2.0
_MISSED_ONCE = 2.2
"""Steps between two sightings of somebody whom one look missed, and a little."""


class Tracker:
    """Two-stage association (Zhang et al., ByteTrack, 2022) by the density of a box's middle under its prediction, and
    fixed-lag smoothing.

    Boxes that are looked at seldom do not overlap: who walks goes a whole width in half a second. What somebody is
    known by is where they should be by now, as exactly as that is known.
    A track begins with a box of at least four fifths of the ``confident`` score beside which no other one was taken for
    the same body. It counts once it was seen in as many frames as half a second has, and while a third of its boxes are
    confident, be it the later ones; where frames are so far apart that many people are seen once only, once is enough.
    It is reported where it was seen, and between two sightings that are at most two seconds apart, or two looks where
    these are seldom; never before the first or after the last, nor where it is seen in less than 40 % of the frames
    around. Of two tracks on one body the older one is reported. After ``track_seconds`` (ρ) a track is cut, and so is
    one that was not reported for three seconds: what goes on has a new random id that nothing links to the old one.
    """

    def __init__(self, *, confident: float, track_seconds: float) -> None:
        self._confident = confident
        self._track_seconds = track_seconds
        self.reset()

    def reset(self) -> None:
        """Forget everybody, as at a gap, and what was not reported yet."""
        self._motion = Motion()
        self._history = History()
        self._id = np.zeros(0, np.int64)
        self._kind = np.zeros(0, np.uint8)
        self._hits = np.zeros(0, np.int64)
        self._strong = np.zeros(0, np.int64)
        self._seen = np.zeros(0)
        self._born = np.zeros(0)
        self._since = np.zeros(0)
        self._told = np.zeros(0)
        self._now: float | None = None
        self._step, self._paced = _USUAL_STEP, False
        self._waiting: list[datetime] = []

    def update(self, detections: Detections) -> list[Tracks]:
        """Take a frame; returns the frames that are two seconds old now (or two looks, where these are seldom), in
        order. Frames must come in order of time."""
        now = detections.instant.timestamp()
        if self._now is not None:
            passed = max(0.0, now - self._now)
            self._motion.predict(passed)
            self._follow(min(passed, _LONGEST_STEP))
        self._now = now
        boxes = detections.xyxy.astype(np.float64)
        strong = detections.score >= self._confident
        strange = np.where(self._kind[:, None] == detections.kind, self._motion.strangeness(boxes), np.inf)
        matched, found = best_pairs(np.where(strong, _STRANGEST - strange, 0.0))
        rest = now - self._seen <= self._reach
        rest[matched] = False
        weak, weak_found = best_pairs(np.where(rest[:, None] & ~strong, _STRANGEST_WEAK - strange, 0.0))
        matched, found = np.concatenate([matched, weak]), np.concatenate([found, weak_found])
        fresh = detections.score >= _LIKELY * self._confident
        fresh[found] = False
        if fresh.any():
            fresh[fresh] = (iou(boxes[fresh], boxes[found]) <= _APART).all(axis=1)
        self._motion.update(matched, boxes[found])
        self._hits[matched] += 1
        self._strong[matched] += strong[found]
        self._seen[matched] = now
        tracks = len(self._id)
        self._start(boxes[fresh], detections.kind[fresh], strong[fresh], now)
        rows = np.concatenate([matched, np.arange(tracks, len(self._id))])
        order = np.concatenate([found, np.flatnonzero(fresh)])
        self._history.append(now, rows, boxes[order], detections.score[order])
        self._waiting.append(detections.instant)
        ready = self._report(now - self._reach)
        self._forget(now)
        return ready

    def _follow(self, passed: float) -> None:
        """Time between frames, s; the first is taken as it is."""
        share = 0.1 if self._paced else 1.0
        self._step += share * (passed - self._step)
        self._paced = True

    def finish(self) -> list[Tracks]:
        """The frames that are not reported yet, and forget everybody: no picture follows."""
        ready = self._report(np.inf)
        self.reset()
        return ready

    def _start(self, boxes: Array, kind: NDArray[np.uint8], strong: NDArray[np.bool_], now: float) -> None:
        count = len(boxes)
        if not count:
            return
        self._motion.add(boxes, kind != Kind.PERSON)
        self._history.add(count)
        self._id = np.concatenate([self._id, _random_ids(count)])
        self._kind = np.concatenate([self._kind, kind])
        self._hits = np.concatenate([self._hits, np.ones(count, np.int64)])
        self._strong = np.concatenate([self._strong, strong.astype(np.int64)])
        self._seen = np.concatenate([self._seen, np.full(count, now)])
        self._born = np.concatenate([self._born, np.full(count, now)])
        self._since = np.concatenate([self._since, np.full(count, now)])
        self._told = np.concatenate([self._told, np.full(count, now)])

    @property
    def _reach(self) -> float:
        """Longest time between two sightings over which somebody is taken to have been there, s."""
        return max(LAG_SECONDS, _MISSED_ONCE * self._step)

    @property
    def _confirmed(self) -> NDArray[np.bool_]:
        fewest = 1 if self._step >= _SELDOM_STEP else 2
        needed = min(max(math.ceil(_CONFIRM_SECONDS / max(self._step, 1e-3)), fewest), 12)
        return np.asarray((self._hits >= needed) & (self._strong >= _STRONG_SHARE * self._hits))

    def _forget(self, now: float) -> None:
        keep = now - self._seen <= np.where(self._confirmed, max(_LOST_SECONDS, self._reach), self._reach / 2)
        self._history.forget(now - 2 * self._reach)
        if keep.all():
            return
        self._motion.keep(keep)
        self._history.keep(keep)
        self._id, self._kind, self._hits = self._id[keep], self._kind[keep], self._hits[keep]
        self._strong, self._seen = self._strong[keep], self._seen[keep]
        self._born, self._since, self._told = self._born[keep], self._since[keep], self._told[keep]

    def _report(self, until: float) -> list[Tracks]:
        ready = []
        while self._waiting and self._waiting[0].timestamp() <= until + 1e-6:
            ready.append(self._frame(self._waiting.pop(0)))
        return ready

    def _frame(self, instant: datetime) -> Tracks:
        at = instant.timestamp()
        boxes, known = self._history.smoothed(at, longest_gap=self._reach)
        presence = self._history.presence(at, around=self._reach)
        rows = np.flatnonzero(known & self._confirmed & (presence >= _LEAST_PRESENCE))
        overlap = iou(boxes[rows], boxes[rows])
        fleeting = presence[rows] < _FLEETING_PRESENCE
        shared = overlap > np.where(fleeting, _FLEETING_BODY, _SAME_BODY)[:, None]
        older = self._born[rows][None, :] < self._born[rows][:, None]
        alike = self._kind[rows][None, :] == self._kind[rows][:, None]
        rows = rows[~(shared & older & alike).any(axis=1)]
        cut = (at - self._since[rows] >= self._track_seconds) | (at - self._told[rows] > _SILENT_SECONDS)
        old = rows[cut]
        self._id[old] = _random_ids(len(old))
        self._since[old] = at
        self._told[rows] = at
        return Tracks(self._id[rows].copy(), boxes[rows].astype(np.float32), self._kind[rows].copy(), instant)


def _random_ids(count: int) -> NDArray[np.int64]:
    return np.frombuffer(secrets.token_bytes(8 * count), np.int64).copy()
