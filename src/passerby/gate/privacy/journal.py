"""Draw once, journal, expose. What the journal holds is public already or never will be; no exact value is in it."""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from passerby.datatypes.errors import PasserbyError

Record = Mapping[str, Any]
_DIGEST = 32
"""Hex digits of the chain that stand before each record."""


class JournalError(PasserbyError):
    """The journal cannot be trusted or written."""


class Disk:
    """The few calls that the journal makes; tests and attacks put faults in their place."""

    def create(self, path: Path) -> int:
        """Open an empty file for writing, private to its owner."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Return when the data is on the disk."""
        os.fsync(descriptor)

    def replace(self, old: Path, new: Path) -> None:
        """Rename over what is there."""
        old.replace(new)

    def sync_directory(self, path: Path) -> None:
        """Make the names of files durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Journal:
    """Append-only lines of JSON, each chained to the one before; durable when ``append`` returns.

    A line is 32 hex digits of SHA-256(digits of the line before ‖ JSON), a space, and the JSON. A torn last line, which
    nobody was told of, is left out when the journal is opened; any other line that does not fit is an error. The opener
    reads ``records`` and must then ``rewrite`` what still counts: what an earlier process had written but perhaps not
    synced is durable before anything follows from it.
    """

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        """Take the lock and read. Raises JournalError where another process holds it or a line does not fit."""
        self._disk = disk or Disk()
        self._path = path
        self._descriptor: int | None = None
        self._broken = False
        self._last = ""
        self.size = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = _lock(path.with_name(f"{path.name}.lock"))
        try:
            self.records: list[Record] = _read(path)
        except BaseException:
            self.close()
            raise

    def append(self, record: Record) -> None:
        """Write one record durably. After a failure the journal takes nothing more: open it anew."""
        if self._broken or self._descriptor is None:
            raise JournalError("journal failed before", remedy="Free space on its disk, then start the node again.")
        line, last = _line(self._last, record)
        self._broken = True
        try:
            self._disk.write(self._descriptor, line)
            self._disk.sync(self._descriptor)
        except OSError as error:
            raise _unwritable(error) from error
        self._broken, self._last = False, last
        self.size += len(line)

    def rewrite(self, records: Iterable[Record]) -> None:
        """Put these records in the place of all others, atomically. After a failure: as for ``append``."""
        lines, last = [], ""
        for record in records:
            line, last = _line(last, record)
            lines.append(line)
        data = b"".join(lines)
        fresh = self._path.with_name(f"{self._path.name}.new")
        self._broken = True
        try:
            descriptor = self._disk.create(fresh)
            self._close_file()
            self._descriptor = descriptor
            self._disk.write(descriptor, data)
            self._disk.sync(descriptor)
            self._disk.replace(fresh, self._path)
            self._disk.sync_directory(self._path.parent)
        except OSError as error:
            raise _unwritable(error) from error
        self._broken, self._last, self.size = False, last, len(data)

    def close(self) -> None:
        """Release the file and its lock; a second time it does nothing."""
        self._close_file()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _close_file(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _line(last: str, record: Record) -> tuple[bytes, str]:
    text = json.dumps(record, separators=(",", ":"))
    digest = _chain(last, text.encode("ascii"))
    return f"{digest} {text}\n".encode("ascii"), digest


def _chain(last: str, text: bytes) -> str:
    return sha256(last.encode("ascii") + text).hexdigest()[:_DIGEST]


def _read(path: Path) -> list[Record]:
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    records: list[Record] = []
    last = ""
    for number, line in enumerate(lines[:-1], 1):
        text = line[_DIGEST + 1 :]
        digest = _chain(last, text)
        if line[: _DIGEST + 1] != f"{digest} ".encode("ascii"):
            if number == len(lines) - 1 and not lines[-1]:
                break
            raise JournalError(
                f"journal does not fit at line {number}",
                expected="each line chained to the one before",
                came="a line that was changed, lost or damaged",
                remedy="Keep the file for the audit: what was drawn is unknown. A new journal needs a new node.",
            )
        records.append(json.loads(text))
        last = digest
    return records


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise JournalError(
            "another node uses this journal", expected="one node for each journal", remedy="Stop the other node first."
        ) from error
    return descriptor


def _unwritable(error: OSError) -> JournalError:
    return JournalError(
        "journal cannot be written",
        expected="space on its disk",
        came=error.strerror or "an error",
        remedy="Nothing was released. Free space, then start the node again.",
    )
