"""Close-pair seconds and speeds, in metres on the ground."""

import random
from collections.abc import Iterator, Mapping

import numpy as np

from passerby.datatypes.errors import InvalidValueError
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.formulas import apart, mean_speed
from passerby.edge.measurement.maximum_flow import maximum_flow
from passerby.edge.measurement.sample import Sample

SHORTEST_PATH_SECONDS = 1.0


class ClosePairSeconds:
    """Time during which two people are closer than d, for each d: Σ over pairs of seconds. Unit: s.

    A pair belongs to both of its tracks, so that an allowance for one of them would bound nothing: whoever walks
    through a crowd changes the pairs of everybody in it. What counts in a window is therefore the largest sum of
    seconds that leaves no track with more than its share (Σ of pair-seconds itself while nobody exceeds it). Leaving
    out one track lowers that maximum by at most one share, whatever the others do.

    ``cap``: of one track in all; its share is ``cap`` over the ``windows`` that it can touch and the ``distances``
    (category → m). A track counts in the first ``windows`` windows after it is first seen.
    """

    def __init__(self, subject: str, distances: dict[str, float], cap: int, windows: int) -> None:
        self._share = cap // (windows * len(distances))
        if self._share < 1:
            raise InvalidValueError(
                "cap of close_pair_seconds is too small",
                expected=f"at least {windows * len(distances)}: one for each distance in each window of a track",
                came=str(cap),
                remedy="Raise the cap, or name fewer distances.",
            )
        self._subject = subject
        self._distances = distances
        self._windows = windows
        self._age: dict[int, int] = {}
        self._dwell: dict[tuple[int, int, str], float] = {}
        self._seconds: dict[str, dict[tuple[int, int], int]] = {category: {} for category in distances}

    def observe(self, sample: Sample) -> Iterator[tuple[str, str, int]]:
        """Take one frame; what counts is known when the window ends."""
        if sample.ground is None:
            return
        people = np.flatnonzero([kind == "person" for kind in sample.kind])
        people = people[np.isfinite(sample.ground[people]).all(axis=1)]
        at = sample.ground[people]
        ids = [int(track) for track in sample.id[people]]
        young = [self._age.setdefault(track, 0) < self._windows for track in ids]
        distance = apart(at)
        for category, limit in self._distances.items():
            seconds = self._seconds[category]
            for i, j in np.argwhere(np.triu(distance < limit, 1)).tolist():
                if not (young[i] and young[j]):
                    continue
                pair = (ids[i], ids[j]) if ids[i] < ids[j] else (ids[j], ids[i])
                dwell = self._dwell.get((*pair, category), random.random()) + sample.seconds
                whole = int(dwell)
                self._dwell[*pair, category] = dwell - whole
                if whole:
                    seconds[pair] = seconds.get(pair, 0) + whole
        yield from ()

    def counted(self) -> Iterator[tuple[str, str, int]]:
        """(subject, distance, seconds) of the window so far."""
        for category, seconds in self._seconds.items():
            yield self._subject, category, largest_sum(seconds, self._share)

    def end_window(self) -> None:
        """What follows is the next window's."""
        for seconds in self._seconds.values():
            seconds.clear()
        self._age = {track: age + 1 for track, age in self._age.items()}

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track; the seconds of this window stay until it ends."""
        self._dwell = {k: v for k, v in self._dwell.items() if k[0] in tracks and k[1] in tracks}
        self._age = {track: age for track, age in self._age.items() if track in tracks}


def largest_sum(weights: Mapping[tuple[int, int], int], share: int) -> int:
    """⌊max Σ x⌋ over 0 ≤ x ≤ weights of pairs, at most ``share`` at each end: a fractional b-matching.

    It is half the maximum flow through the bipartite double cover (Schrijver, Combinatorial Optimization, 2003,
    chapter 31), so it is exact in integers. Without one end and its pairs the maximum is lower by 0 to ``share``.
    """
    load: dict[int, int] = {}
    for (a, b), weight in weights.items():
        load[a], load[b] = load.get(a, 0) + weight, load.get(b, 0) + weight
    if all(total <= share for total in load.values()):
        return sum(weights.values())
    index = {end: k for k, end in enumerate(load)}
    n = len(index)
    source, sink = 2 * n, 2 * n + 1
    arcs = [(source, k, share) for k in range(n)] + [(n + k, sink, share) for k in range(n)]
    for (a, b), weight in weights.items():
        arcs += [(index[a], n + index[b], weight), (index[b], n + index[a], weight)]
    return maximum_flow(arcs, 2 * n + 2, source, sink) // 2


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
            speed = mean_speed(np.array([x0, y0]), np.array([x1, y1]), t1 - t0)
            for category, (low, high) in self._bins.items():
                if low <= speed < high and self._allowance.take(track):
                    yield self._subject, category, 1

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track."""
        self._allowance.keep(tracks)
