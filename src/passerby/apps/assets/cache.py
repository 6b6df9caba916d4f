"""The user's cache: files that are whole and have the right digest, or are not there."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passerby.apps.assets.errors import AssetError


def cache_folder() -> Path:
    """``$PASSERBY_CACHE``, else ``passerby`` in the user's cache directory."""
    chosen = os.environ.get("PASSERBY_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "passerby"


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: Path, sha256: str) -> bool:
    """Whether the file is there and has the digest."""
    return path.is_file() and digest_of(path) == sha256


@contextmanager
def workplace(needed_megabytes: int) -> Iterator[Path]:
    """A folder inside the cache that is gone afterwards, whatever happens. Raises AssetError for want of space."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        raise AssetError(
            f"cannot use the cache {folder}",
            expected="a folder that can be written",
            came=error.strerror or "an error",
            remedy="Choose another with PASSERBY_CACHE.",
        ) from error
    if free < 3 * needed_megabytes:
        raise AssetError(
            f"too little space in {folder}",
            expected=f"{3 * needed_megabytes} MB",
            came=f"{free} MB",
            remedy="Free some, or choose another folder with PASSERBY_CACHE.",
        )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def keep(made: Path, target: Path, sha256: str) -> None:
    """Move a finished file to its place if it has the digest. Raises AssetError."""
    found = digest_of(made)
    if found != sha256:
        raise AssetError(
            f"{target.name} is not what the catalogue names",
            expected=f"SHA-256 {sha256}",
            came=found,
            remedy="The source changed or the download broke: try again; if it stays so, do not use it.",
        )
    with made.open("rb") as file:
        os.fsync(file.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)
