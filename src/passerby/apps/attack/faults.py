"""A disk that fails: full, killed, or without power. It keeps account of what a power cut would leave."""

import errno
import os
from itertools import product
from pathlib import Path
from typing import Literal

from passerby.gate.privacy.journal import Disk

Mode = Literal["full", "kill"]
Data = Literal["vanish", "torn", "zeros", "whole"]
Names = Literal["old", "new"]

POWER_CUTS: tuple[tuple[Data, Names], ...] = tuple(product(("vanish", "torn", "zeros", "whole"), ("old", "new")))
"""What may become of unsynced writes, and of unsynced names."""


class Killed(BaseException):
    """The process is gone."""


class FaultyDisk(Disk):
    """Counts operations; the one numbered ``at`` goes wrong, in ``mode``.

    ``full``: it fails half way, and the process goes on. ``kill``: the process dies half way; what the system had taken
    stays until a power cut, after which only what was synced is sure.
    """

    def __init__(self, at: int = -1, mode: Mode = "kill") -> None:
        self.at = at
        self.mode = mode
        self.count = 0
        self._dead = False
        self._durable: dict[int, bytes] = {}
        self._names: dict[Path, dict[str, int]] = {}

    def revive(self, at: int = -1) -> None:
        """A new process begins on the same machine; the operation numbered ``at`` goes wrong."""
        self._dead, self.at = False, at

    def create(self, path: Path) -> int:
        """As Disk."""
        self._step()
        self._names.setdefault(path.parent, _entries(path.parent))
        descriptor = super().create(path)
        self._durable.setdefault(os.fstat(descriptor).st_ino, b"")
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        """As Disk; half of it where it goes wrong."""
        if self._wrong():
            super().write(descriptor, data[: len(data) // 2])
            self._fail()
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """As Disk, without waiting for a disk."""
        self._step()
        self._durable[os.fstat(descriptor).st_ino] = Path(f"/proc/self/fd/{descriptor}").read_bytes()

    def replace(self, old: Path, new: Path) -> None:
        """As Disk."""
        self._step()
        super().replace(old, new)

    def sync_directory(self, path: Path) -> None:
        """As Disk, without waiting for a disk."""
        self._step()
        self._names[path] = _entries(path)

    def cut_power(self, folder: Path, data: Data, names: Names) -> None:
        """Leave in ``folder`` what a power cut leaves: unsynced writes and names as given."""
        now = _entries(folder)
        kept = self._names.get(folder, now) if names == "old" else now
        contents = {entry.stat().st_ino: entry.read_bytes() for entry in folder.iterdir()}
        left = {name: _left(self._durable, inode, contents.get(inode, b""), data) for name, inode in kept.items()}
        for entry in list(folder.iterdir()):
            entry.unlink()
        for name, content in left.items():
            (folder / name).write_bytes(content)
            self._durable[(folder / name).stat().st_ino] = content
        self._names[folder] = _entries(folder)

    def _step(self) -> None:
        if self._wrong():
            self._fail()

    def _wrong(self) -> bool:
        if self._dead:
            raise Killed
        self.count += 1
        return self.count - 1 == self.at

    def _fail(self) -> None:
        if self.mode == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        self._dead = True
        raise Killed


def _entries(folder: Path) -> dict[str, int]:
    return {entry.name: entry.stat().st_ino for entry in folder.iterdir()}


def _left(durable: dict[int, bytes], inode: int, content: bytes, data: Data) -> bytes:
    sure = durable.get(inode, b"")
    tail = content[len(sure) :] if content.startswith(sure) else b""
    match data:
        case "vanish":
            return sure
        case "torn":
            return sure + tail[: len(tail) // 2]
        case "zeros":
            return sure + bytes(len(tail) // 2) + tail[len(tail) // 2 :]
    return sure + tail
