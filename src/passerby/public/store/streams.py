"""The streams of a store in memory: a cell at one resolution, numbered densely, with the extent of its windows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.cell import Cell

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Stream:
    """One line of a chart. ``number``: its place in the store. ``resolution``: s."""

    number: int
    cell: Cell
    resolution: int


class Streams:
    """Finds streams by sensor or number; keeps for each the extent of its windows in seconds since 1970, UTC."""

    def __init__(self) -> None:
        self._all: list[Stream] = []
        self._numbers: dict[tuple[Cell, int], int] = {}
        self._by_sensor: dict[str, list[Stream]] = {}
        self.first: NDArray[np.int64] = np.full(1024, NEVER, np.int64)
        self.last: NDArray[np.int64] = np.full(1024, -NEVER, np.int64)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, number: int) -> Stream:
        return self._all[number]

    def number(self, cell: Cell, resolution: int) -> int | None:
        """The number of a stream, None where nothing was published yet."""
        return self._numbers.get((cell, resolution))

    def of_sensor(self, sensor: str) -> Sequence[Stream]:
        """All streams of a sensor, in the order in which they appeared."""
        return self._by_sensor.get(sensor, ())

    def add(self, cells: Iterable[tuple[Cell, int]]) -> None:
        """Number new streams; the caller has stored them under the same numbers."""
        for cell, resolution in cells:
            stream = Stream(len(self._all), cell, resolution)
            self._all.append(stream)
            self._numbers[cell, resolution] = stream.number
            self._by_sensor.setdefault(cell.sensor, []).append(stream)
        while len(self._all) > len(self.first):
            self.first = np.concatenate([self.first, np.full(len(self.first), NEVER, np.int64)])
            self.last = np.concatenate([self.last, np.full(len(self.last), -NEVER, np.int64)])

    def forget(self, size: int) -> None:
        """Take back the streams numbered from ``size`` on; they were not stored after all."""
        for stream in self._all[size:]:
            del self._numbers[stream.cell, stream.resolution]
            self._by_sensor[stream.cell.sensor].remove(stream)
        del self._all[size:]

    def widen(self, numbers: NDArray[np.int64], start: NDArray[np.int64], until: NDArray[np.int64]) -> None:
        """Extend the extents of streams by windows [start, until), seconds since 1970."""
        np.minimum.at(self.first, numbers, start)
        np.maximum.at(self.last, numbers, until)

    def extent(self, sensor: str) -> tuple[int, int] | None:
        """First start and last end of all windows of a sensor, seconds since 1970."""
        numbers = [stream.number for stream in self.of_sensor(sensor)]
        if not numbers:
            return None
        return int(self.first[numbers].min()), int(self.last[numbers].max())
