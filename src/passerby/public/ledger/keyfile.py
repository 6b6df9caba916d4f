"""Secret keys in files that only their owner can read."""

import os
import stat
from pathlib import Path

from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import LedgerError
from passerby.tlog.canonical import parse_text
from passerby.tlog.key import KeyType, SigningKey


class KeyFileError(LedgerError):
    """A file of a secret key that cannot be used, or must not be."""


def create_key(path: Path, name: str, type: KeyType = KeyType.ED25519) -> SigningKey:
    """Generate a key and write it with mode 0600, durably; never overwrites. Raises KeyFileError."""
    key = SigningKey.generate(name, type)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise KeyFileError(
            f"cannot create {path}",
            expected="a new file in a folder that exists",
            came=error.strerror or "an error",
            remedy="A key is never overwritten: choose another name, or move the old one away.",
        ) from error
    disk = Disk()
    try:
        disk.write(descriptor, f"{key.secret_text}\n".encode())
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
    disk.sync_directory(path.parent)
    return key


def read_key(path: Path) -> SigningKey:
    """Read a secret key that nobody but its owner can read. Raises KeyFileError, ParseError."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"cannot read {path}", came=error.strerror or "an error", remedy="Make one: passerby log keygen."
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(
            f"others can read {path}",
            expected="mode 0600",
            came=f"{stat.S_IMODE(mode):04o}",
            remedy=f"chmod 600 {path}; if others may have read it, make a new key and rotate.",
        )
    return SigningKey.parse(parse_text(data).removesuffix("\n"))
