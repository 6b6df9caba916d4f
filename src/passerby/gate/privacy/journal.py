"""Draw once, journal, expose. What the journal holds is public already or never will be; no exact value is in it."""

import fcntl
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from passerby.datatypes.errors import PasserbyError

_HEADER = 8


class JournalError(PasserbyError):
    """The journal cannot be trusted or written."""


class Disk:
    """The few calls that the journal makes; tests put faults in their place."""

    def open(self, path: Path) -> int:
        """Open for reading and appending, private to its owner."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Return when the data is on the disk."""
        os.fsync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(descriptor, size)

    def sync_directory(self, path: Path) -> None:
        """Make the file's name durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Journal:
    """Append-only records, each with its length and CRC-32; durable when ``append`` returns.

    A torn last record, which nobody was told of, is cut off when the journal is opened; damage before the end is an
    error.
    """

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        """Open or create. Raises JournalError where another process holds it or a record in the middle is damaged."""
        self._disk = disk or Disk()
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = self._disk.open(path)
        self._lock()
        self.records = list(self._recover())
        self._disk.sync_directory(path.parent)
        self._broken = False

    def append(self, record: dict[str, Any]) -> None:
        """Write one record durably. After a failure the journal takes nothing more: open it anew."""
        if self._broken:
            raise JournalError("journal failed before", remedy="Free space on its disk, then start the node again.")
        body = zlib.compress(json.dumps(record, separators=(",", ":")).encode("utf-8"), 1)
        header = len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big")
        try:
            self._disk.write(self._descriptor, header + body)
            self._disk.sync(self._descriptor)
        except OSError as error:
            self._broken = True
            raise JournalError(
                "journal cannot be written",
                expected="space on its disk",
                came=error.strerror or "an error",
                remedy="Nothing was released. Free space, then start the node again.",
            ) from error

    def close(self) -> None:
        """Release the file."""
        os.close(self._descriptor)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise JournalError(
                "another node uses this journal",
                expected="one node for each journal",
                remedy="Stop the other node first.",
            ) from error

    def _recover(self) -> Iterator[dict[str, Any]]:
        data = self._path.read_bytes()
        at = 0
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            body = data[at + _HEADER : at + _HEADER + size]
            whole = len(body) == size and len(data) >= at + _HEADER
            if not whole or zlib.crc32(body) != int.from_bytes(data[at + 4 : at + 8], "big"):
                if whole and at + _HEADER + size < len(data):
                    raise JournalError(
                        f"journal is damaged at byte {at}",
                        expected="an intact record",
                        came="another checksum",
                        remedy="Keep the file for the audit: what was drawn is lost. A new journal needs a new node.",
                    )
                self._disk.truncate(self._descriptor, at)
                self._disk.sync(self._descriptor)
                return
            yield json.loads(zlib.decompress(body))
            at += _HEADER + size
