"""The batches of a store in memory, in the order of the log: where a page begins is found without asking the store."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

MANIFEST, RELEASES, START, UNTIL = range(4)


class Batches:
    """Manifest, number of releases and bounds of the windows (seconds since 1970, UTC) of each batch."""

    def __init__(self) -> None:
        self._room: NDArray[np.int64] = np.empty((1024, 4), np.int64)
        self._rows = self._room[:0]

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: Iterable[tuple[int, int, int, int]]) -> None:
        """Take batches that are stored. Who reads at the same time sees all of them or none."""
        new = np.array(sorted(rows), np.int64).reshape(-1, 4)
        size, end = len(self._rows), len(self._rows) + len(new)
        if size and len(new) and new[0, MANIFEST] < self._rows[-1, MANIFEST]:
            merged = np.concatenate([self._rows, new])
            self._room = merged[np.argsort(merged[:, MANIFEST], kind="stable")]
        else:
            if end > len(self._room):
                self._room = np.concatenate([self._room[:size], np.empty((end, 4), np.int64)])
            self._room[size:end] = new
        self._rows = self._room[:end]

    def stretches(self, manifest: int, low: int, high: int, rows: int) -> Iterator[tuple[int, int]]:
        """First and last manifest of runs of batches from ``manifest`` on that may hold windows that start in
        [``low``, ``high``); each run holds ``rows`` releases, as nearly as whole batches can.
        """
        known = self._rows
        tail = known[np.searchsorted(known[:, MANIFEST], manifest) :]
        wanted = tail[(tail[:, START] < high) & (tail[:, UNTIL] > low)]
        ends = np.cumsum(wanted[:, RELEASES])
        first = 0
        while first < len(wanted):
            before = int(ends[first - 1]) if first else 0
            last = min(max(int(np.searchsorted(ends, before + rows)), first), len(wanted) - 1)
            yield int(wanted[first, MANIFEST]), int(wanted[last, MANIFEST])
            first = last + 1
