"""The batches of a store in memory, in the order of the log: what covers a release, and where a page begins."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

_ROW = np.dtype(
    [
        ("manifest", np.int64),
        ("root", "V32"),
        ("mandate", np.int32),
        ("releases", np.int64),
        ("start", np.int64),
        ("until", np.int64),
    ]
)
Row = tuple[int, str, str, int, int, int]
"""Manifest, root and mandate in hex, number of releases, bounds of the windows in seconds since 1970, UTC."""


class Batches:
    """Some 70 bytes for each batch. Who reads while something is added sees all of it or nothing."""

    def __init__(self) -> None:
        self._room = np.empty(1024, _ROW)
        self._rows = self._room[:0]
        self._mandates: list[str] = []
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, rows: Iterable[Row]) -> None:
        """Take batches that have no manifest of those that are known."""
        new = np.array([self._packed(row) for row in sorted(rows)], _ROW)
        size, end = len(self._rows), len(self._rows) + len(new)
        if size and len(new) and new["manifest"][0] < self._rows["manifest"][-1]:
            merged = np.concatenate([self._rows, new])
            self._room = merged[np.argsort(merged["manifest"], kind="stable")]
        else:
            if end > len(self._room):
                self._room = np.concatenate([self._room[:size], np.empty(end, _ROW)])
            self._room[size:end] = new
        self._rows = self._room[:end]

    def forget(self, manifests: Sequence[int]) -> None:
        """Take back batches; they were not stored after all."""
        self._room = self._rows = self._rows[~np.isin(self._rows["manifest"], manifests)]

    def proofs(self, manifests: Sequence[int]) -> list[tuple[str, str]]:
        """Root and mandate of the batches of these manifests, which are known."""
        rows = self._rows
        found = rows[np.searchsorted(rows["manifest"], manifests)]
        roots, codes = found["root"].tobytes().hex(), found["mandate"].tolist()
        return [(roots[64 * n : 64 * n + 64], self._mandates[code]) for n, code in enumerate(codes)]

    def stretches(self, manifest: int, low: int, high: int, rows: int) -> Iterator[tuple[int, int]]:
        """First and last manifest of runs of batches from ``manifest`` on that may hold windows that start in
        [``low``, ``high``); each run holds ``rows`` releases, as nearly as whole batches can.
        """
        known = self._rows
        tail = known[np.searchsorted(known["manifest"], manifest) :]
        wanted = tail[(tail["start"] < high) & (tail["until"] > low)]
        ends = np.cumsum(wanted["releases"])
        first = 0
        while first < len(wanted):
            before = int(ends[first - 1]) if first else 0
            last = min(max(int(np.searchsorted(ends, before + rows)), first), len(wanted) - 1)
            yield int(wanted["manifest"][first]), int(wanted["manifest"][last])
            first = last + 1

    def _packed(self, row: Row) -> tuple[int, bytes, int, int, int, int]:
        manifest, root, mandate, releases, start, until = row
        code = self._codes.get(mandate)
        if code is None:
            self._mandates.append(mandate)
            code = self._codes[mandate] = len(self._mandates) - 1
        return manifest, bytes.fromhex(root), code, releases, start, until
