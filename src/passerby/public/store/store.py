"""The embedded store: every published release, queryable."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np

from passerby.datatypes.cell import Cell
from passerby.public.store.batches import Batches
from passerby.public.store.bulk import Batch, BatchError, Columns
from passerby.public.store.schema import DDL
from passerby.public.store.streams import Streams

SETTLE_ROWS = 2_000_000
ROW_GROUP = 16_384
USE = "USE city"
_SELECT = """
    SELECT id, stream, start, seconds, CASE WHEN outage = 0 THEN value END, scale, half_width, coverage, outage
    FROM incoming
"""

_COUNT_DAYS = """
    INSERT INTO days
    SELECT start // 86400, count(*), max(id) FROM incoming GROUP BY 1
    ON CONFLICT DO UPDATE
    SET releases = days.releases + excluded.releases, last_id = greatest(days.last_id, excluded.last_id)
"""


def connect(path: Path | None, *, threads: int | None = None, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """The database of a store, ``None`` for one in memory. Its row groups are small: a chart reads one of each run."""
    config: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": True}
    if threads is not None:
        config["threads"] = threads
    if memory is not None:
        config["memory_limit"] = memory
    connection = duckdb.connect(":memory:", config=config)
    where = ":memory:" if path is None else str(path).replace("'", "''")
    connection.execute(f"ATTACH '{where}' AS city (ROW_GROUP_SIZE {ROW_GROUP})")
    connection.execute(USE)
    return connection


class Store:
    """One DuckDB file. Writers take turns; readers see whole transactions.

    ``streams``: every cell at every resolution that was ever published. ``batches``: what each manifest covers.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._write = threading.RLock()
        self._listeners: list[Callable[[], object]] = []
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self.streams = Streams()
        self.batches = Batches()
        self._rows, self._settled = 0, 0
        self._last_id, self._settled_id = -1, -1
        connection.execute(DDL)
        self._load()

    @classmethod
    def open(cls, path: Path | None, *, threads: int | None = None, memory: str | None = None) -> "Store":
        """Open or create the store; ``None`` keeps it in memory. ``memory``: DuckDB's limit, such as ``2GB``.

        ``threads``: of one question. Pages are short questions and many: with one thread each costs half the CPU time.
        """
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        return cls(connect(path, threads=threads, memory=memory))

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write everything back and close the file."""
        while self._idle:
            self._idle.pop().close()
        self._connection.close()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that nobody else uses meanwhile."""
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._connection.cursor()
            cursor.execute(USE)
        yield cursor
        self._idle.append(cursor)

    def insert(self, mandate: str, root: str, manifest_index: int, lines: Sequence[str]) -> bool:
        """Store one batch whole or not at all; False where its root is stored already.

        Raises ReleaseLineError, or BatchError where the batch contradicts what is stored.
        """
        return self.insert_many([Batch(mandate, root, manifest_index, lines)]) == 1

    def insert_many(self, batches: Iterable[Batch]) -> int:
        """Store several batches in one transaction; returns how many were new. Raises as ``insert``."""
        with self._write:
            columns = Columns(self.streams)
            for batch in self._unknown(list(batches)):
                columns.add(batch)
            if columns.batches:
                self._write_columns(columns)
                if len(self) - self._settled > SETTLE_ROWS:
                    self.settle()
        for listener in tuple(self._listeners) if columns.batches else ():
            listener()
        return len(columns.batches)

    def __len__(self) -> int:
        """How many releases there are."""
        return self._rows

    @property
    def last_id(self) -> int:
        """The id of the newest release, -1 in an empty store."""
        return self._last_id

    @property
    def settled_id(self) -> int:
        """Up to which id ``history`` holds everything."""
        return self._settled_id

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call ``listener`` after each insert, in the thread that inserts; returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def settle(self) -> None:
        """Cluster what came since the last time by stream, so that a chart reads few row groups."""
        with self._write:
            database = self._connection
            database.execute("BEGIN")
            try:
                database.execute(
                    "INSERT INTO history SELECT * FROM releases WHERE id > (SELECT coalesce(max(id), -1) FROM settled)"
                    " AND id <= $1 ORDER BY stream, start",
                    [self._last_id],
                )
                database.execute("DELETE FROM settled")
                database.execute("INSERT INTO settled VALUES ($1)", [self._last_id])
                database.execute("COMMIT")
            except BaseException:
                database.execute("ROLLBACK")
                raise
            self._settled, self._settled_id = self._rows, self._last_id

    def _unknown(self, batches: Sequence[Batch]) -> list[Batch]:
        known: dict[int, str] = dict(
            self._connection.execute(
                "SELECT manifest, root FROM batches WHERE root IN (SELECT unnest($1::VARCHAR[]))"
                " OR manifest IN (SELECT unnest($2::BIGINT[]))",
                [[batch.root for batch in batches], [batch.manifest_index for batch in batches]],
            ).fetchall()
        )
        roots = set(known.values())
        new = []
        for batch in batches:
            if batch.root in roots:
                continue
            if batch.manifest_index in known:
                raise BatchError(
                    f"leaf {batch.manifest_index} is the manifest of another batch",
                    expected="one batch for each manifest",
                    came=f"a second root, {batch.root}",
                    remedy="Take both from the log.",
                )
            known[batch.manifest_index] = batch.root
            roots.add(batch.root)
            new.append(batch)
        return new

    def _write_columns(self, columns: Columns) -> None:
        arrays = columns.arrays()
        known, database = len(self.streams), self._connection
        database.execute("BEGIN")
        try:
            if columns.new_streams:
                database.executemany(
                    "INSERT INTO streams VALUES ($1, $2, $3, $4, $5, $6)",
                    [
                        (number, cell.sensor, cell.family.value, cell.subject, cell.category, resolution)
                        for (cell, resolution), number in columns.new_streams.items()
                    ],
                )
            database.executemany("INSERT INTO batches VALUES ($1, $2, $3, $4, $5, $6)", columns.batches)
            database.register("incoming", arrays)
            database.execute(f"INSERT INTO releases {_SELECT}")
            database.execute(f"INSERT INTO history {_SELECT} WHERE id <= $1", [self._settled_id])
            database.execute(_COUNT_DAYS)
            # Before the commit: whoever reads a row finds its stream and its batch.
            self.streams.add(columns.new_streams)
            self.batches.add(columns.batches)
            database.execute("COMMIT")
        except BaseException:
            self.streams.forget(known)
            self.batches.forget([row[0] for row in columns.batches])
            database.execute("ROLLBACK")
            raise
        finally:
            database.unregister("incoming")
        numbers, start = arrays["stream"].astype(np.int64), arrays["start"].astype(np.int64)
        self.streams.widen(numbers, start, start + arrays["seconds"].astype(np.int64))
        self._rows += len(columns)
        self._last_id = max(self._last_id, int(arrays["id"].max()))

    def _load(self) -> None:
        database = self._connection
        rows = database.execute(
            "SELECT sensor, family, subject, category, resolution FROM streams ORDER BY stream"
        ).fetchall()
        self.streams.add((Cell.parse("/".join(row[:4])), row[4]) for row in rows)
        self.batches.add(database.execute("SELECT * FROM batches").fetchall())
        extents = database.execute(
            "SELECT stream::BIGINT s, min(start) a, max(start + seconds) b FROM releases GROUP BY stream"
        ).fetchnumpy()
        self.streams.widen(extents["s"], extents["a"], extents["b"])
        counted = database.execute("SELECT count(*), coalesce(max(id), -1) FROM releases").fetchone() or (0, -1)
        self._rows, self._last_id = int(counted[0]), int(counted[1])
        self._settled = int((database.execute("SELECT count(*) FROM history").fetchone() or (0,))[0])
        self._settled_id = int((database.execute("SELECT coalesce(max(id), -1) FROM settled").fetchone() or (-1,))[0])
