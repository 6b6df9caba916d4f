"""Batches of lines, parsed and turned into columns for one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.window import Window
from passerby.public.store.record import Fields, nominal_resolution, parse_fields
from passerby.public.store.schema import MAX_BATCH, OUTAGE_CODE, release_id
from passerby.public.store.streams import Streams
from passerby.tlog.tree import leaf_hash, tree_root


class BatchError(PasserbyError):
    """A batch is not what its manifest says, or it contradicts one that is stored."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one manifest covers: ``lines`` are canonical, in order; ``root`` is the RFC 6962 root over them, hex."""

    mandate: str
    root: str
    manifest_index: int
    lines: Sequence[str]


class Columns:
    """Rows of several batches, column by column, with the streams that they bring."""

    def __init__(self, known: Streams) -> None:
        self._known = known
        self.new_streams: dict[tuple[Cell, int], int] = {}
        self.batches: list[tuple[int, str, str, int, int, int]] = []
        # The parser gives the same object for the same text; what is kept here keeps its identity.
        self._kept: list[object] = []
        self._grids: dict[int, tuple[int, int, int]] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._rows: list[tuple[int, int, int, int, int, float, int, int, int]] = []

    def add(self, batch: Batch) -> None:
        """Parse and take one batch whole. Raises BatchError or ReleaseLineError."""
        if not 0 < len(batch.lines) <= MAX_BATCH:
            raise BatchError("batch has no usable size", expected=f"1 to {MAX_BATCH} lines", came=f"{len(batch.lines)}")
        root = tree_root(leaf_hash(line.encode()) for line in batch.lines).hex()
        if root != batch.root:
            raise BatchError("lines are not those of the manifest", expected=f"root {batch.root}", came=root)
        parsed = [parse_fields(line) for line in batch.lines]
        if any(fields[7] != batch.mandate for fields in parsed):
            raise BatchError("batch mixes mandates", expected=f"only {batch.mandate}", came="a line of another mandate")
        first = len(self._rows)
        for index, fields in enumerate(parsed):
            self._rows.append(self._row(release_id(batch.manifest_index, index), fields))
        rows = self._rows[first:]
        self.batches.append(
            (
                batch.manifest_index,
                batch.root,
                batch.mandate,
                len(rows),
                min(row[2] for row in rows),
                max(row[2] + row[3] for row in rows),
            )
        )

    def _row(self, number: int, fields: Fields) -> tuple[int, int, int, int, int, float, int, int, int]:
        cell, window, value, scale, half_width, coverage, outage, _ = fields
        start, seconds, resolution = self._grid(window)
        stream = self._stream(cell, resolution)
        return number, stream, start, seconds, value or 0, scale, half_width, coverage, OUTAGE_CODE[outage]

    def _grid(self, window: Window) -> tuple[int, int, int]:
        found = self._grids.get(id(window))
        if found is None:
            seconds = window.seconds
            found = (int(window.start.timestamp()), seconds, nominal_resolution(seconds))
            self._grids[id(window)] = found
            self._kept.append(window)
        return found

    def _stream(self, cell: Cell, resolution: int) -> int:
        number = self._numbers.get((id(cell), resolution))
        if number is None:
            number = self._known.number(cell, resolution)
            if number is None:
                number = self.new_streams.setdefault((cell, resolution), len(self._known) + len(self.new_streams))
            self._numbers[id(cell), resolution] = number
            self._kept.append(cell)
        return number

    def __len__(self) -> int:
        return len(self._rows)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """One array a column; ``value`` is 0 where ``outage`` is not."""
        names = ("id", "stream", "start", "seconds", "value", "scale", "half_width", "coverage", "outage")
        columns = list(zip(*self._rows, strict=True))
        return {
            name: np.array(column, np.float64 if name == "scale" else np.int64)
            for name, column in zip(names, columns, strict=True)
        }
