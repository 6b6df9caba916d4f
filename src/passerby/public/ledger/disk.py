"""The few operations on files that the log's promises rest on, in one place where tests make each of them fail."""

import os
from collections.abc import Iterable
from pathlib import Path


class Disk:
    """Files of a POSIX system. What was synced survives a power cut; a rename is all or nothing."""

    def make_directory(self, path: Path) -> None:
        """Create a folder and those above it, durably; does nothing where it exists."""
        if path.is_dir():
            return
        self.make_directory(path.parent)
        path.mkdir(exist_ok=True)
        self.sync_directory(path.parent)

    def open_append(self, path: Path) -> int:
        """File descriptor that writes at the end; creates the file, readable by all, durably."""
        if not path.exists():
            os.close(self.create(path))
            self.sync_directory(path.parent)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def create(self, path: Path) -> int:
        """File descriptor of an empty file, readable by all; what was there is gone."""
        self.remove(path)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def write(self, descriptor: int, data: bytes) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def sync(self, descriptor: int) -> None:
        """Force what was written to the disk."""
        os.fdatasync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file off, durably."""
        os.ftruncate(descriptor, size)
        self.sync(descriptor)

    def sync_directory(self, path: Path) -> None:
        """Force the names in a folder to the disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Replace a file in one step."""
        old.replace(new)

    def remove(self, path: Path) -> None:
        """Delete a file that may be gone already."""
        path.unlink(missing_ok=True)

    def remove_directory(self, path: Path) -> None:
        """Delete an empty folder."""
        path.rmdir()

    def write_files(self, files: Iterable[tuple[Path, bytes]]) -> None:
        """Write whole files so that each is there completely or not at all, and all are durable on return."""
        staged: list[tuple[Path, Path]] = []
        for path, data in files:
            self.make_directory(path.parent)
            partial = path.with_name(path.name + ".new")
            descriptor = self.create(partial)
            try:
                self.write(descriptor, data)
                self.sync(descriptor)
            finally:
                os.close(descriptor)
            staged.append((partial, path))
        for partial, path in staged:
            self.rename(partial, path)
        for folder in sorted({path.parent for _, path in staged}):
            self.sync_directory(folder)
