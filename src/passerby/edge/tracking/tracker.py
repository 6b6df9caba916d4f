"""Associate boxes from frame to frame."""

import secrets
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from passerby.datatypes.detections import Detections
from passerby.datatypes.tracks import Tracks
from passerby.edge.tracking.motion import Motion

Array = NDArray[np.float64]

_HITS = 2
_LOST_SECONDS = 2.0
_FIRST_IOU, _SECOND_IOU = 0.2, 0.4


class Tracker:
    """Two-stage association by predicted overlap (Zhang et al., ByteTrack, 2022).

    A track begins with a box of at least ``confident`` score, counts once it was seen twice, is reported only in frames
    in which it was really seen, and is cut after ``track_seconds`` (ρ): what goes on has a new random id that nothing
    links to the old one.
    """

    def __init__(self, *, confident: float, track_seconds: float) -> None:
        self._confident = confident
        self._track_seconds = track_seconds
        self.reset()

    def reset(self) -> None:
        """Forget everybody, as at a gap."""
        self._motion = Motion()
        self._id = np.zeros(0, np.int64)
        self._kind = np.zeros(0, np.uint8)
        self._hits = np.zeros(0, np.int64)
        self._seen = np.zeros(0)
        self._born = np.zeros(0)
        self._now: float | None = None

    def update(self, detections: Detections) -> Tracks:
        """Tracks that are confirmed and seen in this frame. Frames must come in order of time."""
        now = detections.instant.timestamp()
        self._motion.predict(0.0 if self._now is None else max(0.0, now - self._now))
        self._now = now
        boxes = detections.xyxy.astype(np.float64)
        strong = detections.score >= self._confident
        tracks = np.arange(len(self._id))
        matched, seen = self._associate(tracks, np.flatnonzero(strong), boxes, detections.kind, _FIRST_IOU)
        rest = np.setdiff1d(tracks, matched)
        weak_matched, weak_seen = self._associate(rest, np.flatnonzero(~strong), boxes, detections.kind, _SECOND_IOU)
        unmatched = np.setdiff1d(np.flatnonzero(strong), seen)
        matched, seen = np.concatenate([matched, weak_matched]), np.concatenate([seen, weak_seen])
        self._motion.update(matched, boxes[seen])
        self._hits[matched] += 1
        self._seen[matched] = now
        self._start(boxes[unmatched], detections.kind[unmatched], now)
        self._cut(now)
        self._forget(now)
        reported = (self._seen == now) & (self._hits >= _HITS)
        return self._report(reported, detections.instant)

    def _associate(
        self, tracks: NDArray[np.int64], found: NDArray[np.int64], boxes: Array, kind: NDArray[np.uint8], least: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if not len(tracks) or not len(found):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        overlap = iou(self._motion.boxes()[tracks], boxes[found])
        overlap[self._kind[tracks][:, None] != kind[found][None, :]] = 0.0
        rows, columns = linear_sum_assignment(-overlap)
        good = overlap[rows, columns] >= least
        return tracks[rows[good]], found[columns[good]]

    def _start(self, boxes: Array, kind: NDArray[np.uint8], now: float) -> None:
        count = len(boxes)
        if not count:
            return
        self._motion.add(boxes)
        self._id = np.concatenate([self._id, _random_ids(count)])
        self._kind = np.concatenate([self._kind, kind])
        self._hits = np.concatenate([self._hits, np.ones(count, np.int64)])
        self._seen = np.concatenate([self._seen, np.full(count, now)])
        self._born = np.concatenate([self._born, np.full(count, now)])

    def _cut(self, now: float) -> None:
        old = now - self._born >= self._track_seconds
        if old.any():
            self._id[old] = _random_ids(int(old.sum()))
            self._born[old] = now

    def _forget(self, now: float) -> None:
        keep = (now - self._seen <= _LOST_SECONDS) & ((self._hits >= _HITS) | (self._seen == now))
        if keep.all():
            return
        self._motion.keep(keep)
        self._id, self._kind, self._hits = self._id[keep], self._kind[keep], self._hits[keep]
        self._seen, self._born = self._seen[keep], self._born[keep]

    def _report(self, which: NDArray[np.bool_], instant: datetime) -> Tracks:
        boxes = self._motion.boxes()[which].astype(np.float32)
        return Tracks(self._id[which].copy(), boxes, self._kind[which].copy(), instant)


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of every pair, float64[N, M], of xyxy boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    union = np.prod(a[:, 2:] - a[:, :2], axis=1)[:, None] + np.prod(b[:, 2:] - b[:, :2], axis=1)[None] - common
    return np.asarray(common / np.maximum(union, 1e-9))


def _random_ids(count: int) -> NDArray[np.int64]:
    return np.frombuffer(secrets.token_bytes(8 * count), np.int64).copy()
