"""Questions to the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.public.store.record import parse
from passerby.public.store.rows import COLUMNS, BatchEntry, Published, Series, instant, record_of
from passerby.public.store.schema import OUTAGES, place_of, release_id
from passerby.public.store.store import Store
from passerby.public.store.streams import Stream

MAX_POINTS = 100_000
_ROWS_A_READ, _ROWS_A_PAGE = 4096, 65_536
_FEW = 64


class TooManyPointsError(PasserbyError):
    """A series is longer than one answer may be."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which releases; None admits all. ``start`` ≤ window start < ``end``, UTC. ``resolution``: s."""

    sensor: str | None = None
    family: str | None = None
    subject: str | None = None
    category: str | None = None
    resolution: int | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def admits_all(self) -> bool:
        """Whether every release passes."""
        return all(getattr(self, name) is None for name in self.__slots__)

    def admits(self, stream: Stream) -> bool:
        """Whether a stream passes, whatever the time."""
        cell = stream.cell
        pairs = ((self.sensor, cell.sensor), (self.family, cell.family.value), (self.subject, cell.subject))
        more = ((self.category, cell.category), (self.resolution, stream.resolution))
        return all(wanted is None or wanted == had for wanted, had in (*pairs, *more))

    @property
    def bounds(self) -> tuple[int, int]:
        """Window starts in [first, second), seconds since 1970."""
        low = 0 if self.start is None else _ceiling(self.start)
        high = 1 << 40 if self.end is None else _ceiling(self.end)
        return low, high


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the releases in the order of publication; ``next`` is the id after which the rest comes."""

    items: tuple[Published, ...]
    next: int | None


def by_stream(store: Store, streams: Sequence[int]) -> str:
    """The releases of some streams as a table of ``COLUMNS``: from the runs by stream, and the newer ones.

    Numbers of few streams stand in the statement itself, which is half as dear as to join with them.
    """
    numbers = ", ".join(map(str, streams)) or "-1"
    among = f"({numbers})" if len(streams) <= _FEW else f"(SELECT unnest([{numbers}]::INTEGER[]))"
    return (
        f"(SELECT {COLUMNS} FROM history WHERE stream IN {among} UNION ALL"
        f" SELECT {COLUMNS} FROM releases WHERE stream IN {among} AND id > {store.settled_id})"
    )


def releases(store: Store, wanted: Filter, *, after: int = -1, limit: int = 100) -> Page:
    """At most ``limit`` releases with an id above ``after``. The order never changes; new ones come at the end."""
    if wanted.sensor is None:
        return _walk(store, wanted, after, limit)
    streams = [stream.number for stream in store.streams.of_sensor(wanted.sensor) if wanted.admits(stream)]
    if not streams:
        return Page((), None)
    low, high = wanted.bounds
    rows = fetch(
        store,
        f"SELECT {COLUMNS} FROM {by_stream(store, streams)} WHERE id > $1 AND start >= $2 AND start < $3"
        " ORDER BY id LIMIT $4",
        [after, low, high, limit + 1],
    )
    return page_of(store, rows, limit)


def series(
    store: Store, cell: Cell, resolution: int, start: datetime | None = None, end: datetime | None = None
) -> Series:
    """One stream as columns. Where two mandates released one window, the narrower interval is shown.

    Raises TooManyPointsError past ``MAX_POINTS``.
    """
    number = store.streams.number(cell, resolution)
    if number is None:
        return Series((), (), (), (), ())
    low, high = Filter(start=start, end=end).bounds
    rows = fetch(
        store,
        f"SELECT start, value, half_width, coverage, outage, id FROM {by_stream(store, [number])}"
        " WHERE start >= $1 AND start < $2 LIMIT $3",
        [low, high, 2 * MAX_POINTS],
    )
    rows.sort(key=lambda row: (row[0], row[1] is None, row[2], row[5]))
    rows = [row for place, row in enumerate(rows) if place == 0 or row[0] != rows[place - 1][0]]
    if len(rows) > MAX_POINTS:
        raise TooManyPointsError(
            "series is too long",
            expected=f"at most {MAX_POINTS} windows",
            came="more",
            remedy="Ask for a shorter time or a coarser resolution.",
        )
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    return Series(columns[0], columns[1], columns[2], columns[3], [OUTAGES[code] for code in columns[4]])


def latest(store: Store, sensor: str) -> tuple[Published, ...]:
    """The newest release of each stream of a sensor."""
    return newest(store, store.streams.of_sensor(sensor))


def newest(store: Store, wanted: Sequence[Stream]) -> tuple[Published, ...]:
    """The newest release of each of some streams."""
    streams = [stream.number for stream in wanted]
    if not streams:
        return ()
    low = min(int(store.streams.last[number]) for number in streams) - 90_000
    rows = fetch(
        store,
        f"SELECT DISTINCT ON (stream) {COLUMNS} FROM {by_stream(store, streams)} WHERE start >= $1"
        " ORDER BY stream, start DESC, id",
        [low],
    )
    return page_of(store, rows, len(rows)).items


def batches(store: Store, *, after: int = -1, limit: int = 100) -> tuple[BatchEntry, ...]:
    """At most ``limit`` batches in the order of the log, with a manifest above ``after``."""
    rows = fetch(store, "SELECT * FROM batches WHERE manifest > $1 ORDER BY manifest LIMIT $2", [after, limit])
    return tuple(_entry(row) for row in rows)


def batch(store: Store, root: str) -> BatchEntry | None:
    """The batch with this root."""
    rows = fetch(store, "SELECT * FROM batches WHERE root = $1", [root])
    return _entry(rows[0]) if rows else None


def batch_lines(store: Store, entry: BatchEntry) -> Iterator[str]:
    """The canonical lines of a batch in order, byte for byte as the root covers them."""
    rows = fetch(
        store,
        f"SELECT {COLUMNS} FROM releases WHERE id BETWEEN $1 AND $2 ORDER BY id",
        [release_id(entry.manifest, 0), release_id(entry.manifest + 1, 0) - 1],
    )
    for row in rows:
        yield record_of(row, store.streams[row[1]], entry.mandate).line()


def one(store: Store, number: int) -> Published | None:
    """The release with this id."""
    rows = fetch(store, f"SELECT {COLUMNS} FROM releases WHERE id = $1", [number])
    return page_of(store, rows, 1).items[0] if rows else None


def find(store: Store, line: str) -> Published | None:
    """The release with this canonical line. Raises ReleaseLineError."""
    wanted = parse(line)
    number = store.streams.number(wanted.cell, wanted.resolution)
    if number is None:
        return None
    rows = fetch(
        store,
        f"SELECT {COLUMNS} FROM {by_stream(store, [number])} WHERE start = $1 ORDER BY id",
        [int(wanted.window.start.timestamp())],
    )
    return next((item for item in page_of(store, rows, len(rows)).items if item.record == wanted), None)


def _walk(store: Store, wanted: Filter, after: int, limit: int) -> Page:
    """Read batch by batch from the cursor on, so that a page costs the same in a large city as in a small one."""
    low, high = wanted.bounds
    manifest, index = place_of(after) if after >= 0 else (0, -1)
    found: list[Any] = []
    read = 0
    for begin, end in store.batches.stretches(manifest, low, high, limit + 1 if wanted.admits_all else _ROWS_A_READ):
        first, last = max(after, release_id(begin, 0) - 1), release_id(end + 1, 0) - 1
        if wanted.admits_all:
            # Lines of a batch are numbered without holes: no more of the last one is needed than fills the page.
            last = min(last, release_id(end, limit + 1 + (index if end == manifest else 0)))
        rows = fetch(store, f"SELECT {COLUMNS} FROM releases WHERE id > $1 AND id <= $2", [first, last])
        admitted = {number for number in {row[1] for row in rows} if wanted.admits(store.streams[number])}
        found += sorted(row for row in rows if row[1] in admitted and low <= row[2] < high)
        if len(found) > limit:
            return page_of(store, found, limit)
        read += len(rows)
        if read > _ROWS_A_PAGE:
            return Page(page_of(store, found, limit).items, last)
    return page_of(store, found, limit)


def page_of(store: Store, rows: Sequence[Any], limit: int) -> Page:
    """The first ``limit`` of some rows of ``COLUMNS``; one row more says that there is a next page."""
    shown = rows[:limit]
    proofs = store.batches.proofs([place_of(row[0])[0] for row in shown])
    items = []
    for row, (root, mandate) in zip(shown, proofs, strict=True):
        stream = store.streams[row[1]]
        items.append(Published(row[0], stream, record_of(row, stream, mandate), root))
    return Page(tuple(items), shown[-1][0] if len(rows) > limit else None)


def _entry(row: Sequence[Any]) -> BatchEntry:
    manifest, root, mandate, count, start, until = row
    return BatchEntry(manifest, root, mandate, count, instant(start), instant(until))


def fetch(store: Store, sql: str, values: Sequence[object]) -> list[Any]:
    """All rows of one statement, read in a transaction of its own."""
    with store.cursor() as cursor:
        return cursor.execute(sql, values).fetchall()


def _ceiling(moment: datetime) -> int:
    return -int(-moment.timestamp() // 1)
