"""Close-pair seconds and speeds, in metres on the ground."""

import random
from collections.abc import Iterator

import numpy as np

from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.sample import Sample

SHORTEST_PATH_SECONDS = 1.0


class ClosePairSeconds:
    """Time during which two people are closer than d, for each d: Σ over pairs of seconds. Unit: s.

    A pair is in the record of one of its two tracks, the one with the smaller random id, and counts against that
    track's allowance, so that no track adds more than its cap. ``distances``: category → m.
    """

    def __init__(self, subject: str, distances: dict[str, float], allowance: Allowance) -> None:
        self._subject = subject
        self._distances = distances
        self._allowance = allowance
        self._dwell: dict[tuple[int, int, str], float] = {}

    def observe(self, sample: Sample) -> Iterator[tuple[str, str, int]]:
        """(subject, distance, seconds) of this frame."""
        if sample.ground is None:
            return
        people = np.flatnonzero([kind == "person" for kind in sample.kind])
        people = people[np.isfinite(sample.ground[people]).all(axis=1)]
        at = sample.ground[people]
        apart = np.linalg.norm(at[:, None] - at[None, :], axis=2)
        for category, limit in self._distances.items():
            for i, j in np.argwhere(np.triu(apart < limit, 1)).tolist():
                owner, other = sorted((int(sample.id[people[i]]), int(sample.id[people[j]])))
                dwell = self._dwell.get((owner, other, category), random.random()) + sample.seconds
                whole = int(dwell)
                self._dwell[owner, other, category] = dwell - whole
                if whole and (granted := self._allowance.take(owner, whole)):
                    yield self._subject, category, granted

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track."""
        self._dwell = {k: v for k, v in self._dwell.items() if k[0] in tracks and k[1] in tracks}
        self._allowance.keep(tracks)


class Speeds:
    """Mean speed of each track, once, in public bins. Unit: tracks.

    Distance from first to last place over the time between, in m/s, of tracks seen for at least one second; the way
    itself is longer by the noise of every position. ``bins``: category → [low, high) m/s.
    """

    def __init__(self, subject: str, bins: dict[str, tuple[float, float]], allowance: Allowance) -> None:
        self._subject = subject
        self._bins = bins
        self._allowance = allowance
        self._path: dict[int, tuple[float, float, float, float, float, float]] = {}

    def observe(self, sample: Sample) -> Iterator[tuple[str, str, int]]:
        """(subject, bin, tracks) of tracks that have just been seen long enough."""
        if sample.ground is None:
            return
        for k, track in enumerate(sample.id.tolist()):
            x, y = (float(v) for v in sample.ground[k])
            if sample.kind[k] != "person" or not np.isfinite(x + y):
                continue
            first = self._path.setdefault(track, (sample.time, x, y, sample.time, x, y))
            self._path[track] = (*first[:3], sample.time, x, y)
        yield from ()

    def finish(self, gone: set[int]) -> Iterator[tuple[str, str, int]]:
        """(subject, bin, tracks) of the tracks that ended."""
        for track in gone & self._path.keys():
            t0, x0, y0, t1, x1, y1 = self._path.pop(track)
            if t1 - t0 < SHORTEST_PATH_SECONDS:
                continue
            speed = float(np.hypot(x1 - x0, y1 - y0)) / (t1 - t0)
            for category, (low, high) in self._bins.items():
                if low <= speed < high and self._allowance.take(track):
                    yield self._subject, category, 1

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track."""
        self._allowance.keep(tracks)
