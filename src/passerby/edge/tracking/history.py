"""The last two seconds of every track, and where it was at an instant inside them."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_WIDTH_SECONDS = 0.25
_RIDGE = 1e-3


class History:
    """Sightings of N tracks in the last F frames.

    ``time``: float64[F] s. ``boxes``: float64[N, F, 4] xyxy px. ``score``: float64[N, F], 0 where it was not seen.
    """

    def __init__(self) -> None:
        self.time = np.zeros(0)
        self.boxes = np.zeros((0, 0, 4))
        self.score = np.zeros((0, 0))

    def add(self, count: int) -> None:
        """New tracks, never seen so far."""
        self.boxes = np.concatenate([self.boxes, np.zeros((count, len(self.time), 4))])
        self.score = np.concatenate([self.score, np.zeros((count, len(self.time)))])

    def append(self, time: float, rows: NDArray[np.int64], boxes: Array, score: Array) -> None:
        """A frame: tracks ``rows`` were seen as ``boxes`` with ``score``; the others were not."""
        tracks = len(self.score)
        column, scores = np.zeros((tracks, 1, 4)), np.zeros((tracks, 1))
        column[rows, 0], scores[rows, 0] = boxes, score
        self.time = np.append(self.time, time)
        self.boxes = np.concatenate([self.boxes, column], axis=1)
        self.score = np.concatenate([self.score, scores], axis=1)

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Forget the other tracks."""
        self.boxes, self.score = self.boxes[mask], self.score[mask]

    def forget(self, before: float) -> None:
        """Forget the frames before an instant."""
        late = self.time >= before
        self.time, self.boxes, self.score = self.time[late], self.boxes[:, late], self.score[:, late]

    def presence(self, at: float, *, around: float) -> Array:
        """Share of the frames within ``around`` seconds of an instant, from a track's first to its last sighting in the
        history, in which it was seen, float64[N]."""
        seen = self.score > 0
        first = np.where(seen, self.time, np.inf).min(axis=1, initial=np.inf)
        last = np.where(seen, self.time, -np.inf).max(axis=1, initial=-np.inf)
        alive = (self.time >= first[:, None]) & (self.time <= last[:, None]) & (np.abs(self.time - at) <= around)
        return np.asarray((seen & alive).sum(axis=1) / np.maximum(alive.sum(axis=1), 1))

    def smoothed(self, at: float, *, longest_gap: float) -> tuple[Array, NDArray[np.bool_]]:
        """Boxes float64[N, 4] at an instant, and which of them are known.

        Known: what was seen then, or before and after at most ``longest_gap`` seconds apart. The box is a local linear
        fit in time (Fan & Gijbels, 1996) with a Gaussian kernel of 0.25 s, or half of the gap where that is more; each
        sighting has the weight of its score.
        """
        seen = self.score > 0
        ahead = self.time - at
        last = np.where(seen & (ahead <= 1e-6), ahead, -np.inf).max(axis=1, initial=-np.inf)
        following = np.where(seen & (ahead >= -1e-6), ahead, np.inf).min(axis=1, initial=np.inf)
        known = following - last <= longest_gap
        width = np.maximum(_WIDTH_SECONDS, np.where(known, following - last, 0.0) / 2)
        weight = self.score * np.exp(-0.5 * (ahead[None, :] / width[:, None]) ** 2)
        total = np.maximum(weight.sum(axis=1), 1e-300)
        middle = (weight @ ahead) / total
        mean = np.einsum("nf,nfk->nk", weight, self.boxes) / total[:, None]
        offset = weight * (ahead[None, :] - middle[:, None])
        slope = np.einsum("nf,nfk->nk", offset, self.boxes - mean[:, None])
        slope /= ((offset * (ahead[None, :] - middle[:, None])).sum(axis=1) + _RIDGE)[:, None]
        return mean - slope * middle[:, None], known
