"""Keep a log: append durably, publish signed and cosigned static files.

``directory`` is what the public reads; ``<directory>-journal`` beside it holds leaves that are not in tiles yet, the
last signed checkpoint and the lock.
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from passerby.public.ledger.cosigning import Asked, collect
from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import LeavesLostError, LedgerBrokenError, WitnessAheadError, WrongSignerError
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.journal import Journal
from passerby.public.ledger.witness import Witness, lock_folder
from passerby.tlog.checkpoint import Checkpoint, TreeHead
from passerby.tlog.key import SigningKey, open_note
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy, QuorumError
from passerby.tlog.tile import WIDTH, Tile, TileBuilder, encode_bundle
from passerby.tlog.tiled import TiledTree
from passerby.tlog.tree import EMPTY_ROOT, leaf_hash


class Ledger:
    """A log with one writer. ``append`` and ``publish`` may be called from several threads."""

    def __init__(
        self, directory: Path, signer: SigningKey, policy: Policy, witnesses: Sequence[Witness], disk: Disk
    ) -> None:
        """Use ``Ledger.open``."""
        self.directory = directory
        self.policy = policy
        self._signer = signer
        self._disk = disk
        self._asked = [Asked(witness) for witness in witnesses]
        self._state = journal_folder(directory)
        self._appending = threading.Lock()
        self._publishing = threading.Lock()
        self._closed = False
        self._pending: list[bytes] = []
        self._tail: list[bytes] = []
        self._builder = TileBuilder()
        self._filled: list[Tile] = []
        self._published = 0
        for folder in (directory, self._state):
            disk.make_directory(folder)
        self._lock: int | None = lock_folder(self._state, f"the log in {directory}")
        try:
            self._journal = Journal(self._state, disk)
            self._recover()
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(
        cls,
        directory: Path,
        signer: SigningKey,
        policy: Policy,
        witnesses: Sequence[Witness] = (),
        *,
        disk: Disk | None = None,
    ) -> "Ledger":
        """Create or take up the log in ``directory``; unpublished leaves are recovered from the journal.

        Raises LedgerInUseError, WrongSignerError, LeavesLostError, JournalDamagedError, OSError, and the errors of
        ``tlog`` where published files are damaged.
        """
        if signer.verifier not in [entry.key for entry in policy.logs]:
            raise WrongSignerError(
                f"the policy does not list {signer.verifier.text}", remedy="Use the policy that goes with this key."
            )
        return cls(directory, signer, policy, witnesses, disk or Disk())

    @property
    def size(self) -> int:
        """Leaves that are durable, published or not."""
        return self._journal.size

    @property
    def published(self) -> int:
        """Size of the newest published checkpoint."""
        return self._published

    def append(self, leaves: Sequence[bytes]) -> list[int]:
        """Add leaves (each at most 65,535 bytes); they are durable, all or none, when this returns their indices.

        Raises EntryTooLongError, OSError (nothing was added), LedgerBrokenError.
        """
        batch = list(leaves)
        if not batch:
            return []
        with self._appending:
            if self._closed:
                raise LedgerBrokenError("the log is closed", remedy="Open it again.")
            first = self._journal.size
            self._journal.append(batch)
            self._pending += batch
        return list(range(first, first + len(batch)))

    def publish(self) -> Checkpoint:
        """Write tiles, sign, have the witnesses cosign, and put the checkpoint out in one step.

        Leaves stay durable when this raises: QuorumError (too few witnesses; the old checkpoint stays out),
        WitnessAheadError, OSError.
        """
        with self._publishing:
            with self._appending:
                if self._closed:
                    raise LedgerBrokenError("the log is closed", remedy="Open it again.")
                fresh = list(self._pending)
                if fresh:
                    self._journal.rotate()
            self._write_tiles(fresh)
            note = self._sign()
            checkpoint = self._cosign(note)
            self._disk.write_files([(self.directory / "checkpoint", checkpoint.note.encode())])
            self._published = checkpoint.size
            with self._appending:
                self._journal.forget(checkpoint.size)
            self._drop_partials()
            return checkpoint

    def close(self) -> None:
        """Let another process write. What was appended stays."""
        self._closed = True
        if hasattr(self, "_journal"):
            self._journal.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _recover(self) -> None:
        out = self._read_note(self.directory / "checkpoint")
        tree = TiledTree(out.size, out.root, directory_fetch(self.directory))
        self._builder = TileBuilder(tree.edge())
        self._tail = list(tree.entries(out.size - out.size % WIDTH, out.size))
        self._published = out.size
        self._pending = self._journal.recover(out.size)
        signed = self._read_note(self._state / "signed")
        for head in (signed, out):
            if head.size > self._journal.size:
                raise LeavesLostError(
                    f"{self.directory} lost leaves",
                    expected=f"the {head.size} that were signed",
                    came=str(self._journal.size),
                    remedy="Restore the log and its journal from a backup; sign nothing before.",
                )
        if signed.size > out.size:
            replay = self._builder.copy()
            replay.add(map(leaf_hash, self._pending[: signed.size - out.size]))
            if replay.root() != signed.root:
                raise LeavesLostError(f"{self.directory} no longer holds what was signed", expected=signed.root.hex())

    def _read_note(self, path: Path) -> TreeHead:
        if not path.exists():
            return TreeHead(self._signer.name, 0, EMPTY_ROOT)
        note = Note.parse(path.read_bytes())
        open_note(note, self.policy.log_of(self._signer.name))
        return TreeHead.parse(note.text)

    def _write_tiles(self, fresh: list[bytes]) -> None:
        if not fresh:
            return
        builder = self._builder.copy()
        first = builder.size - len(self._tail)
        tiles = builder.add(map(leaf_hash, fresh))
        entries = self._tail + fresh
        bundles = [
            (Tile(None, (first + at) // WIDTH, len(part)), encode_bundle(part))
            for at in range(0, len(entries), WIDTH)
            if (part := entries[at : at + WIDTH])
        ]
        made = [*tiles, *bundles]
        self._disk.write_files((self.directory / tile.path, data) for tile, data in made)
        with self._appending:
            self._builder = builder
            self._tail = entries[len(entries) - builder.size % WIDTH :]
            del self._pending[: len(fresh)]
        self._filled += [tile for tile, _ in made if tile.width == WIDTH]

    def _drop_partials(self) -> None:
        for tile in self._filled:
            folder = self.directory / f"{tile.path}.p"
            if folder.is_dir():
                for file in folder.iterdir():
                    self._disk.remove(file)
                self._disk.remove_directory(folder)
        self._filled.clear()

    def _sign(self) -> Note:
        head = TreeHead(self._signer.name, self._builder.size, self._builder.root())
        note = Note(head.text, (self._signer.sign(head.text),))
        self._disk.write_files([(self._state / "signed", note.encode())])
        return note

    def _cosign(self, note: Note) -> Checkpoint:
        head = TreeHead.parse(note.text)
        tree = TiledTree(head.size, head.root, directory_fetch(self.directory))
        lock = threading.Lock()

        def consistency(old: int) -> tuple[bytes, ...]:
            with lock:
                return tree.consistency(old)

        keys = [entry.key for entry in self.policy.witnesses]
        cosigned, failures = collect(note, head.size, consistency, self._asked, keys, self._enough)
        for failure in failures:
            if isinstance(failure, WitnessAheadError):
                raise failure
        try:
            return self.policy.verify(cosigned.encode())
        except QuorumError as error:
            for failure in failures:
                error.add_note(str(failure))
            raise

    def _enough(self, note: Note) -> bool:
        try:
            self.policy.verify(note.encode())
        except QuorumError:
            return False
        return True


def journal_folder(directory: Path) -> Path:
    """Where the log in ``directory`` keeps what is not public yet."""
    return directory.with_name(directory.name + "-journal")
