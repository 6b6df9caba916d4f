"""Leaves that are durable but not yet in tiles: an append-only file of checksummed batches.

A record is ``PBJ1 ‖ u64 first index ‖ u32 leaves ‖ u32 bytes ‖ entry bundle ‖ SHA-256 of all before it``. A file is
named after its first leaf; files whose leaves are all published are deleted.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import JournalDamagedError, LedgerBrokenError
from passerby.tlog.errors import ParseError
from passerby.tlog.tile import encode_bundle, parse_bundle

_MAGIC = b"PBJ1"
_HEAD = struct.Struct(">4sQII")


class Journal:
    """One writer's journal in ``folder``. ``size``: index of the next leaf."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk
        self._descriptor: int | None = None
        self._broken = False
        self._length = 0
        self.size = 0

    def recover(self, start: int) -> list[bytes]:
        """Leaves from index ``start`` on, after cutting off a batch that was never acknowledged.

        Raises JournalDamagedError where leaves in between are gone.
        """
        leaves, torn = read_journal(self._folder, start)
        self.size = start + len(leaves)
        if torn is not None:
            self._cut(*torn)
        return leaves

    def append(self, leaves: Sequence[bytes]) -> None:
        """Add a batch; it is durable when this returns, and not there at all when this raises.

        Raises OSError (nothing was added), LedgerBrokenError (open the log again), EntryTooLongError.
        """
        if self._broken:
            raise LedgerBrokenError("an earlier write failed half-way", remedy="Open the log again.")
        record = encode_record(self.size, leaves)
        if self._descriptor is None:
            path = self._folder / f"leaves-{self.size:019d}"
            self._descriptor = self._disk.open_append(path)
            self._length = os.fstat(self._descriptor).st_size
        try:
            self._disk.write(self._descriptor, record)
        except OSError:
            self._undo()
            raise
        try:
            self._disk.sync(self._descriptor)
        except OSError as error:
            self._broken = True
            raise LedgerBrokenError(
                "the disk did not confirm a write", came=error.strerror or "", remedy="Open the log again."
            ) from error
        self._length += len(record)
        self.size += len(leaves)

    def rotate(self) -> None:
        """Begin a new file with the next leaf."""
        self.close()

    def forget(self, size: int) -> None:
        """Delete the files whose leaves all have an index below ``size``."""
        files = self.files()
        ends = [*map(first_of, files[1:]), self.size] if files else []
        for file, following in zip(files, ends, strict=True):
            if following <= size and not (file == files[-1] and self._descriptor is not None):
                self._disk.remove(file)

    def files(self) -> list[Path]:
        """Files of the journal, oldest first."""
        return journal_files(self._folder)

    def close(self) -> None:
        """Close the file; a later append opens another."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _undo(self) -> None:
        assert self._descriptor is not None
        try:
            self._disk.truncate(self._descriptor, self._length)
        except OSError:
            self._broken = True

    def _cut(self, file: Path, size: int) -> None:
        descriptor = self._disk.open_append(file)
        try:
            self._disk.truncate(descriptor, size)
        finally:
            os.close(descriptor)


def journal_files(folder: Path) -> list[Path]:
    """Files of the journal in a folder, oldest first."""
    return sorted(folder.glob("leaves-" + "[0-9]" * 19))


def read_journal(folder: Path, start: int) -> tuple[list[bytes], tuple[Path, int] | None]:
    """Leaves from index ``start`` on; and the file and offset where a batch is torn that was never acknowledged.

    Raises JournalDamagedError where leaves in between are gone.
    """
    leaves: list[bytes] = []
    files = journal_files(folder)
    for file in files:
        data, good = file.read_bytes(), 0
        for first, batch, end in read_records(data):
            at = start + len(leaves)
            if first > at:
                raise _damaged(file, f"leaf {at}")
            leaves += batch[at - first :]
            good = end
        if good < len(data):
            if _record_after(data, good) or file != files[-1]:
                raise _damaged(file, f"a whole batch at byte {good}")
            return leaves, (file, good)
    return leaves, None


def first_of(file: Path) -> int:
    """Index of the first leaf of a journal file."""
    return int(file.name.removeprefix("leaves-"))


def encode_record(first: int, leaves: Sequence[bytes]) -> bytes:
    """A batch as it is written. Raises EntryTooLongError."""
    bundle = encode_bundle(leaves)
    body = _HEAD.pack(_MAGIC, first, len(leaves), len(bundle)) + bundle
    return body + sha256(body).digest()


def read_records(data: bytes) -> Iterator[tuple[int, list[bytes], int]]:
    """(first index, leaves, offset of the end) of each whole record, up to the first that is not."""
    at = 0
    while record := _record_at(data, at):
        yield record
        at = record[2]


def _record_at(data: bytes, at: int) -> tuple[int, list[bytes], int] | None:
    if len(data) - at < _HEAD.size + 32:
        return None
    magic, first, count, length = _HEAD.unpack_from(data, at)
    body = data[at : at + _HEAD.size + length]
    end = at + len(body) + 32
    if magic != _MAGIC or len(body) < _HEAD.size + length or sha256(body).digest() != data[end - 32 : end]:
        return None
    try:
        return first, parse_bundle(body[_HEAD.size :], count), end
    except ParseError:
        return None


def _record_after(data: bytes, at: int) -> bool:
    at = data.find(_MAGIC, at + 1)
    while at >= 0:
        if _record_at(data, at):
            return True
        at = data.find(_MAGIC, at + 1)
    return False


def _damaged(file: Path, what: str) -> JournalDamagedError:
    return JournalDamagedError(
        f"journal {file.name} is damaged",
        expected=what,
        came="something else",
        remedy="Restore the log and its journal from a backup; do not sign anything before.",
    )
