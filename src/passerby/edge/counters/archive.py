"""Hourly counts in CSV: one column a counter, one row an hour of the local clock."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.cell import Cell
from passerby.datatypes.counter import Counter
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.place import Place
from passerby.datatypes.window import windows_of_day

HOUR = 3600
_MISSING, _CONFLICT = -1, -2
_LABEL = re.compile(r"(\d{1,2}):00(?:-\d{1,2}:59)?")


class CounterArchiveError(PasserbyError):
    """An archive of counts cannot be read."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CounterArchive:
    """Exact counts in memory; secret. ``counts``: int64[days, 24, counters] by local hour, negative where none came.

    Nothing is imputed. The hour that a clock change repeats belongs to its first pass, and the second has no report; a
    label that the clock skips has no window and is left out.
    """

    counters: tuple[Counter, ...]
    first_day: date
    counts: NDArray[np.int64]
    installed: NDArray[np.int64]
    """Index of the first day with a report, for each counter."""

    def days(self) -> Iterator[date]:
        """All civil days, in order."""
        first = self.first_day.toordinal()
        return (date.fromordinal(first + k) for k in range(len(self.counts)))

    def measures(self, day: date, cells: Sequence[Cell], zone: ZoneInfo) -> list[Measure]:
        """A Measure for each cell and hour of the civil day, cell by cell. Outside the archive there is no report."""
        column = {counter.id: k for k, counter in enumerate(self.counters)}
        index = day.toordinal() - self.first_day.toordinal()
        inside = 0 <= index < len(self.counts)
        windows = [(window, _local_hour(window.start, zone)) for window in windows_of_day(day, zone, HOUR)]
        measures = []
        for cell in cells:
            k = column[cell.sensor]
            for window, hour in windows:
                count = int(self.counts[index, hour, k]) if inside and hour is not None else _MISSING
                if count >= 0:
                    measures.append(Measure(cell, window, count, 1.0))
                else:
                    cause = Outage.NOT_INSTALLED if index < self.installed[k] else Outage.NO_REPORT
                    measures.append(Measure(cell, window, None, 0.0, cause))
        return measures


def _local_hour(start: datetime, zone: ZoneInfo) -> int | None:
    local = start.astimezone(zone)
    return None if local.fold else local.hour


def read_archive(counts: Path, places: Path) -> CounterArchive:
    """Read two CSV files: ``date,hour,…`` with a column for each counter, and ``Address,Latitude,Longitude``.

    Rows may come in any order; rows that contradict each other count as no report. Raises CounterArchiveError with the
    line of a fault.
    """
    with counts.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        names = [name for name in header if name not in ("date", "hour", "year")]
        columns = [header.index(name) for name in names]
        if header[:2] != ["date", "hour"] or not names:
            raise CounterArchiveError(
                f"{counts.name} is no archive of counts", expected="columns date, hour and counters"
            )
        read = [_row(row, columns, f"{counts.name}, line {rows.line_num}") for row in rows]
    if not read:
        raise CounterArchiveError(f"{counts.name} is empty", expected="at least one hour", came="a header alone")
    first = min(day for day, _, _ in read)
    last = max(day for day, _, _ in read)
    table = np.full((last - first + 1, 24, len(names)), _MISSING, np.int64)
    for day, hour, values in read:
        before = table[day - first, hour]
        agree = (before == values) | (before == _MISSING)
        table[day - first, hour] = np.where(agree, values, np.where(values == _MISSING, before, _CONFLICT))
    reported: NDArray[np.bool_] = np.any(table != _MISSING, axis=1)
    installed = np.where(np.any(reported, axis=0), np.argmax(reported, axis=0), len(table)).astype(np.int64)
    return CounterArchive(_counters(places, names), date.fromordinal(first), table, installed)


def _row(row: list[str], columns: list[int], where: str) -> tuple[int, int, NDArray[np.int64]]:
    label = _LABEL.fullmatch(row[1]) if len(row) > max(columns) else None
    try:
        if label is None or int(label[1]) > 23:
            raise ValueError
        day = datetime.strptime(row[0], "%Y-%m-%d").replace(tzinfo=UTC).date()
        values = np.array([_MISSING if row[c] == "" else int(float(row[c])) for c in columns], np.int64)
    except (ValueError, OverflowError) as error:
        raise CounterArchiveError(
            f"{where} is not readable", expected="a date, an hour such as 6:00-6:59, and whole numbers or nothing"
        ) from error
    return day.toordinal(), int(label[1]), values


def _counters(places: Path, names: Sequence[str]) -> tuple[Counter, ...]:
    with places.open(newline="", encoding="utf-8") as file:
        found = {row["Address"]: Place(float(row["Latitude"]), float(row["Longitude"])) for row in csv.DictReader(file)}
    missing = [name for name in names if name not in found]
    if missing:
        raise CounterArchiveError(
            f"{places.name} lacks places", expected="a place for each counter", came=", ".join(missing)
        )
    return tuple(Counter(_identifier(name), name, found[name]) for name in names)


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
