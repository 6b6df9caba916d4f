"""Check a whole log from scratch, and the operator's own copy of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from passerby.public.ledger.errors import LedgerError
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.journal import read_journal
from passerby.public.ledger.leaf import Leaf, parse_leaf
from passerby.public.ledger.ledger import journal_folder
from passerby.tlog.checkpoint import Checkpoint, TreeHead
from passerby.tlog.client import Client
from passerby.tlog.errors import ParseError
from passerby.tlog.key import open_note
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy
from passerby.tlog.tile import WIDTH, TileBuilder
from passerby.tlog.tiled import Fetch, TiledTree
from passerby.tlog.tree import leaf_hash, tree_root

ReadBatch = Callable[[str], bytes]
"""Batch root (hex) → its canonical release lines, each ended by a newline."""

Tell = Callable[[int, int], None]
"""Leaves that were verified, and of how many."""


class BatchMismatchError(LedgerError):
    """Published numbers that are not the logged ones."""


class CopyError(LedgerError):
    """The operator's files are not what a log needs."""


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was found. ``types``: leaves by type; ``foreign``: indices of leaves without a known form.

    ``witnesses``: how many the policy lists. ``released``: numbers that the manifests cover; ``compared``: how many of
    them were recomputed from open data. ``unpublished``: durable leaves beyond the checkpoint (operator's copy only).
    """

    checkpoint: Checkpoint
    witnesses: int
    types: Mapping[str, int]
    foreign: tuple[int, ...]
    released: int
    compared: int
    unpublished: int = 0

    @property
    def text(self) -> str:
        """One line for people."""
        c = self.checkpoint
        parts = [
            f"{c.size:,} leaves, root {c.root.hex()}, cosigned by {len(c.cosigned)} of {self.witnesses}",
            ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.types.items())) or "nothing logged yet",
            f"{self.released:,} released numbers covered",
        ]
        if self.compared:
            parts.append(f"{self.compared:,} of them recomputed from the open data")
        if self.foreign:
            parts.append(f"{len(self.foreign):,} leaves of no known form, the first at {self.foreign[0]}")
        if self.unpublished:
            parts.append(f"{self.unpublished:,} more durable and not published yet")
        return "; ".join(parts) + "."


def verify_log(
    fetch: Fetch,
    policy: Policy,
    *,
    seen: Checkpoint | None = None,
    read_batch: ReadBatch | None = None,
    tell: Tell | None = None,
) -> LogReport:
    """Verify signature, quorum, growth since ``seen``, and that every leaf belongs to the root.

    With ``read_batch`` every manifest is recomputed from open data. ``tell`` hears of the progress every 256 leaves.
    Raises what ``Client`` raises, BatchMismatchError.
    """
    client = Client(fetch, policy, seen)
    checkpoint = client.checkpoint()
    types: Counter[str] = Counter()
    foreign: list[int] = []
    released = compared = 0
    for index, data in enumerate(client.entries()):
        if tell is not None and index % WIDTH == 0:
            tell(index, checkpoint.size)
        try:
            leaf = parse_leaf(data)
        except ParseError:
            foreign.append(index)
            continue
        types[leaf.type] += 1
        if leaf.type == "manifest":
            released += leaf.fields["count"]
            if read_batch is not None:
                compared += compare_batch(leaf, index, read_batch(leaf.fields["root"]))
    return LogReport(checkpoint, len(policy.witnesses), types, tuple(foreign), released, compared)


def batch_lines(data: bytes) -> list[bytes]:
    """Canonical release lines of a batch as they are served, without their newlines."""
    return data.removesuffix(b"\n").split(b"\n") if data else []


def compare_batch(manifest: Leaf, index: int, data: bytes) -> int:
    """How many lines there are, if they are exactly the logged ones. Raises BatchMismatchError."""
    lines = batch_lines(data)
    root = tree_root(map(leaf_hash, lines)).hex()
    if len(lines) != manifest.fields["count"] or root != manifest.fields["root"]:
        raise BatchMismatchError(
            f"published numbers are not those of leaf {index}",
            expected=f"{manifest.fields['count']} lines with root {manifest.fields['root']}",
            came=f"{len(lines)} lines with root {root}",
            remedy="Keep the lines and the leaf: together they prove the difference.",
        )
    return len(lines)


def check_copy(directory: Path, policy: Policy, *, tell: Tell | None = None) -> LogReport:
    """Check the files of a log on its own disk, published or not; writes nothing.

    Raises what ``verify_log`` raises, JournalDamagedError and CopyError.
    """
    state = journal_folder(directory)
    report: LogReport | None = None
    builder = TileBuilder()
    if (directory / "checkpoint").exists():
        report = verify_log(directory_fetch(directory), policy, tell=tell)
        builder = TileBuilder(_every_tile(directory, report.checkpoint).edge())
    pending, _ = read_journal(state, builder.size)
    if (state / "signed").exists():
        _signed_fits(state / "signed", policy, builder, pending)
    if report is None:
        raise CopyError(
            f"{directory} holds no checkpoint",
            expected="a published log",
            came=f"{len(pending)} leaves that are durable and not published",
            remedy="Publish, then check again.",
        )
    return replace(report, unpublished=len(pending))


def _every_tile(directory: Path, checkpoint: Checkpoint) -> TiledTree:
    tree = TiledTree(checkpoint.size, checkpoint.root, directory_fetch(directory))
    for level in range(len(tree.edge())):
        for index in range(checkpoint.size >> (8 * level) >> 8):
            tree.tile(level, index)
    return tree


def _signed_fits(signed: Path, policy: Policy, builder: TileBuilder, pending: list[bytes]) -> None:
    note = Note.parse(signed.read_bytes())
    head = TreeHead.parse(note.text)
    open_note(note, policy.log_of(head.origin))
    if not builder.size <= head.size <= builder.size + len(pending):
        raise CopyError("a checkpoint was signed that the files do not reach", expected=f"size {head.size}")
    builder.add(map(leaf_hash, pending[: head.size - builder.size]))
    if builder.root() != head.root:
        raise CopyError("a checkpoint was signed that the files contradict", expected=f"root {head.root.hex()}")
