"""Witnesses: one that keeps its memory in a folder, and one that somebody else runs behind HTTP."""

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import httpx

from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import LedgerInUseError, WitnessError
from passerby.public.ledger.fetch import read_at_most
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.key import SigningKey, VerifierKey, open_note
from passerby.tlog.note import Note
from passerby.tlog.witness import Response, judge

_LARGEST_ANSWER = 256 * 1024


class Witness(Protocol):
    """Whoever answers tlog-witness requests."""

    def add_checkpoint(self, body: bytes, /) -> Response:
        """Answer a request; raises WitnessError where no answer can be had."""
        ...


class LocalWitness:
    """Remembers in ``folder`` the last checkpoint that it cosigned for each log; one process at a time.

    ``signer``: a key of type COSIGNATURE. ``logs``: keys of the logs that it follows; a key's name is the origin.
    ``clock``: seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        signer: SigningKey,
        logs: Iterable[VerifierKey],
        *,
        clock: Callable[[], float] = time.time,
        disk: Disk | None = None,
    ) -> None:
        self._folder = folder
        self._signer = signer
        self._logs = tuple(logs)
        self._clock = clock
        self._disk = disk or Disk()
        self._mutex = threading.Lock()
        self._disk.make_directory(folder)
        self._lock: int | None = lock_folder(folder, "this witness's memory")

    def add_checkpoint(self, body: bytes) -> Response:
        """Judge a request; what is cosigned is on disk before this returns. Raises OSError where it is not."""
        with self._mutex:
            verdict = judge(body, self._keys, self._latest, [self._signer], int(self._clock()))
            if verdict.record is not None:
                origin = TreeHead.parse(verdict.record.text).origin
                self._disk.write_files([(self._path(sha256(origin.encode()).hexdigest()), verdict.record.encode())])
            return verdict.response

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """The cosigned checkpoint of a log, by the hex SHA-256 of its origin; None where nothing was cosigned."""
        if len(origin_hash) != 64 or not set(origin_hash) <= set("0123456789abcdef"):
            return None
        path = self._path(origin_hash)
        return path.read_bytes() if path.exists() else None

    def close(self) -> None:
        """Let another process take over."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "LocalWitness":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keys(self, origin: str) -> list[VerifierKey]:
        return [key for key in self._logs if key.name == origin]

    def _latest(self, origin: str) -> TreeHead | None:
        data = self.checkpoint(sha256(origin.encode()).hexdigest())
        if data is None:
            return None
        note = Note.parse(data)
        open_note(note, [self._signer.verifier])
        return TreeHead.parse(note.text)

    def _path(self, origin_hash: str) -> Path:
        return self._folder / origin_hash / "checkpoint"


class HttpWitness:
    """A witness at a submission prefix, such as ``https://university.example/witness``."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=timeout)
        weakref.finalize(self, self._client.close)

    def add_checkpoint(self, body: bytes) -> Response:
        """POST the request. Raises WitnessError where nothing answers."""
        try:
            with self._client.stream("POST", f"{self._url}/add-checkpoint", content=body) as answer:
                data = read_at_most(answer, _LARGEST_ANSWER)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WitnessError(f"witness {self._url} does not answer", came=type(error).__name__) from error
        return Response(answer.status_code, data, answer.headers.get("content-type", ""))


def lock_folder(folder: Path, what: str) -> int:
    """Take the folder for this process until the descriptor is closed. Raises LedgerInUseError."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise LedgerInUseError(
            f"{what} is in use by another process", expected="one writer", remedy=f"Stop the other one; see {folder}."
        ) from error
    return descriptor
