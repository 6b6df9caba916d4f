"""Where objections are kept: one SQLite file.

SQLite and not DuckDB: rows come one by one and must be durable at once, and the operator answers from another process
while the site serves, which DuckDB's lock on its file does not allow.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from passerby.civic.objections.objection import About, Objection, Statement
from passerby.datatypes.errors import PasserbyError

_DDL = """
CREATE TABLE IF NOT EXISTS objections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mandate TEXT NOT NULL, release TEXT, at TEXT NOT NULL, text TEXT, salt TEXT,
    hash TEXT NOT NULL UNIQUE, leaf INTEGER, withheld TEXT) STRICT;
CREATE INDEX IF NOT EXISTS by_mandate ON objections (mandate, id);
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY REFERENCES objections, at TEXT NOT NULL, text TEXT, salt TEXT,
    hash TEXT NOT NULL UNIQUE, leaf INTEGER) STRICT;
"""
_SELECT = """
SELECT o.id, o.mandate, o.release, o.at, o.text, o.salt, o.hash, o.leaf, o.withheld,
       a.at, a.text, a.salt, a.hash, a.leaf
FROM objections o LEFT JOIN answers a ON a.id = o.id
"""


class NoSuchObjectionError(PasserbyError):
    """There is no objection with this number."""


class AlreadyAnsweredError(PasserbyError):
    """An answer is public and stays as it is."""


@dataclass(frozen=True, slots=True)
class Unlogged:
    """A statement whose hash is not in the log yet. ``objection``: hash of the request that it is or answers."""

    kind: Literal["objection", "answer"]
    id: int
    mandate: str
    objection: str
    hash: str


class ObjectionStore:
    """Safe between threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_DDL)

    def add(self, about: About, request: Statement) -> int:
        """Keep a request; returns its number."""
        with self._open() as database:
            cursor = database.execute(
                "INSERT INTO objections (mandate, release, at, text, salt, hash) VALUES (?, ?, ?, ?, ?, ?)",
                (about.mandate, about.release, request.at, request.text, request.salt, request.hash),
            )
            return int(cursor.lastrowid or 0)

    def answer(self, number: int, answer: Statement) -> None:
        """Keep the answer to a request. Raises AlreadyAnsweredError."""
        with self._open() as database:
            try:
                database.execute(
                    "INSERT INTO answers (id, at, text, salt, hash) VALUES (?, ?, ?, ?, ?)",
                    (number, answer.at, answer.text, answer.salt, answer.hash),
                )
            except sqlite3.IntegrityError as error:
                raise AlreadyAnsweredError(f"objection {number} has its answer", remedy="It is public.") from error

    def withhold(self, number: int, reason: str) -> None:
        """Erase the text of a request and its salt; hash and reason stay. Raises NoSuchObjectionError."""
        with self._open() as database:
            done = database.execute(
                "UPDATE objections SET text = NULL, salt = NULL, withheld = ? WHERE id = ?", (reason, number)
            )
            if done.rowcount != 1:
                raise _missing(number)
        with self._open() as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def get(self, number: int) -> Objection:
        """One objection. Raises NoSuchObjectionError."""
        with self._open() as database:
            row = database.execute(f"{_SELECT} WHERE o.id = ?", (number,)).fetchone()
        if row is None:
            raise _missing(number)
        return _objection(row)

    def page(
        self, *, mandate: str | None = None, before: int | None = None, open_only: bool = False, limit: int = 100
    ) -> tuple[Objection, ...]:
        """At most ``limit`` objections, the newest first, with a number below ``before``."""
        conditions: list[str] = ["o.id < ?"]
        values: list[object] = [1 << 62 if before is None else before]
        if open_only:
            conditions.append("a.id IS NULL AND o.withheld IS NULL")
        if mandate is not None:
            conditions.append("o.mandate = ?")
            values.append(mandate)
        sql = f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY o.id DESC LIMIT ?"
        with self._open() as database:
            return tuple(_objection(row) for row in database.execute(sql, (*values, limit)))

    def unlogged(self, limit: int = 1000) -> tuple[Unlogged, ...]:
        """Statements that are to be logged: requests before answers, the oldest first."""
        sql = """
            SELECT 'objection', id, mandate, hash, hash FROM objections WHERE leaf IS NULL
            UNION ALL
            SELECT 'answer', a.id, o.mandate, o.hash, a.hash FROM answers a JOIN objections o ON o.id = a.id
            WHERE a.leaf IS NULL
            LIMIT ?
        """
        with self._open() as database:
            return tuple(Unlogged(*row) for row in database.execute(sql, (limit,)))

    def logged(self, statements: Sequence[Unlogged], leaves: Sequence[int]) -> None:
        """Note the leaves of statements."""
        tables = {"objection": "objections", "answer": "answers"}
        with self._open() as database:
            for statement, leaf in zip(statements, leaves, strict=True):
                database.execute(f"UPDATE {tables[statement.kind]} SET leaf = ? WHERE id = ?", (leaf, statement.id))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("PRAGMA secure_delete = ON")
            with database:
                yield database
        finally:
            database.close()


def _objection(row: Sequence[Any]) -> Objection:
    number, mandate, release, at, text, salt, digest, leaf, withheld, *answer = row
    return Objection(
        number,
        About(mandate, release),
        Statement(at, text, salt, digest, leaf),
        Statement(*answer) if answer[0] is not None else None,
        withheld,
    )


def _missing(number: int) -> NoSuchObjectionError:
    return NoSuchObjectionError(f"there is no objection {number}", remedy="See passerby objections list.")
