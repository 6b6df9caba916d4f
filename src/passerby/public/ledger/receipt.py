"""Receipts: one small text file that proves a mandate or a released number, checked years later without a network.

A receipt is a tlog-proof whose ``extra`` is canonical JSON: ``{"leaf": …}``, and for a released number also its
``line``, its ``index`` in the batch and the ``proof`` from the line to the batch root that the leaf (a manifest) holds.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from passerby.public.ledger.errors import LedgerError
from passerby.public.ledger.leaf import Leaf, parse_leaf
from passerby.public.ledger.verify import compare_batch
from passerby.tlog.canonical import format_base64, parse_hash
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.client import Client
from passerby.tlog.errors import ParseError
from passerby.tlog.policy import Policy
from passerby.tlog.proof import Proof, prove_inclusion, verify_inclusion
from passerby.tlog.proof_file import HEADER, ProofFile
from passerby.tlog.tree import leaf_hash, tree_root


class ReceiptError(ParseError):
    """A proof file that carries no receipt of ours."""


class NotInLogError(LedgerError):
    """Nothing like it is in the log."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt proved: that ``leaf`` stands at ``index`` of the log, and ``line`` (if any) in its batch."""

    leaf: Leaf
    index: int
    checkpoint: Checkpoint
    line: str | None

    @property
    def text(self) -> str:
        """For people."""
        c = self.checkpoint
        what = f"released number «{self.line}»" if self.line is not None else self.leaf.plain_words()
        names = ", ".join(one.witness for one in c.cosigned) or "no witness"
        since = f", public since {_utc(c.public_since)}" if c.public_since is not None else ""
        return f"Proven: {what}. Leaf {self.index} of {c.origin} at {c.size:,} leaves, cosigned by {names}{since}."


def leaf_receipt(client: Client, index: int) -> bytes:
    """Receipt of one leaf of the latest checkpoint. Raises RangeError, LeafError, LeafFormError."""
    (entry,) = client.entries(index, index + 1)
    parse_leaf(entry)
    return client.proof_file(index, encode_extra(entry.decode("utf-8"))).encode()


def find_mandate(client: Client, mandate: str) -> int:
    """Index of the leaf that holds a mandate. Raises NotInLogError."""
    for index, entry in enumerate(client.entries()):
        if b'"type":"mandate"' in entry and _is(entry, "mandate", mandate=mandate):
            return index
    raise NotInLogError(
        f"no mandate {mandate} is logged", remedy="Check the hash, or ask again after the next checkpoint."
    )


def find_manifest(client: Client, root: str) -> int:
    """Index of the manifest of a batch, by the batch's root (hex). Raises NotInLogError."""
    needle = f'"root":"{root}"'.encode()
    for index, entry in enumerate(client.entries()):
        if needle in entry and _is(entry, "manifest", root=root):
            return index
    raise NotInLogError(f"no batch {root} is logged", remedy="Check the root, or ask again after the next checkpoint.")


def release_receipt(client: Client, lines: Sequence[bytes], line: bytes) -> bytes:
    """Receipt of one line of a batch. Raises NotInLogError."""
    if line not in lines:
        raise NotInLogError("the line is not in that batch", expected="one line exactly as it is published")
    hashes = [leaf_hash(one) for one in lines]
    position = lines.index(line)
    manifest = find_manifest(client, tree_root(hashes).hex())
    (entry,) = client.entries(manifest, manifest + 1)
    compare_batch(parse_leaf(entry), manifest, b"".join(one + b"\n" for one in lines))
    proof = prove_inclusion(lambda level, n: tree_root(hashes[n << level : (n + 1) << level]), position, len(hashes))
    extra = encode_extra(entry.decode("utf-8"), line.decode("utf-8"), position, proof)
    return client.proof_file(manifest, extra).encode()


def verify_receipt(data: bytes, policy: Policy) -> Receipt:
    """Check a receipt against a policy alone.

    Raises ParseError, those of ``Policy.verify`` and ``verify_inclusion``.
    """
    file = ProofFile.parse(data)
    leaf_text, line, position, proof = parse_extra(file.extra)
    checkpoint = file.verify(leaf_text.encode("utf-8"), policy)
    leaf = parse_leaf(leaf_text.encode("utf-8"))
    if line is not None:
        if leaf.type != "manifest":
            raise ReceiptError("receipt of a number has no manifest", came=leaf.type)
        root = bytes.fromhex(leaf.fields["root"])
        verify_inclusion(leaf_hash(line.encode("utf-8")), position, leaf.fields["count"], proof, root)
    return Receipt(leaf, file.index, checkpoint, line)


def verify_receipts(data: bytes, policy: Policy) -> list[Receipt]:
    """Check a file of receipts, one after another; at least one. Raises what ``verify_receipt`` raises at the first
    that proves nothing.
    """
    head = f"{HEADER}\n".encode("ascii")
    _, *rest = data.split(head)
    return (
        [verify_receipt(head + one, policy) for one in rest]
        if data.startswith(head)
        else [verify_receipt(data, policy)]
    )


def encode_extra(leaf: str, line: str | None = None, index: int = 0, proof: Proof = ()) -> bytes:
    """What a receipt adds to a tlog-proof."""
    extra: dict[str, Any] = {"leaf": leaf}
    if line is not None:
        extra |= {"line": line, "index": index, "proof": [format_base64(value) for value in proof]}
    return rfc8785.dumps(extra)


def parse_extra(extra: bytes | None) -> tuple[str, str | None, int, Proof]:
    """Leaf, line (if any), index of the line and its proof. Raises ReceiptError and those of hashes."""
    try:
        value = json.loads(extra or b"")
        canonical = rfc8785.dumps(value) == extra and isinstance(value, dict)
    except (ValueError, RecursionError):
        canonical = False
    if canonical and isinstance(value.get("leaf"), str):
        if set(value) == {"leaf"}:
            return value["leaf"], None, 0, ()
        hashes = value.get("proof")
        if (
            set(value) == {"leaf", "line", "index", "proof"}
            and isinstance(value["line"], str)
            and type(value["index"]) is int
            and isinstance(hashes, list)
            and all(isinstance(one, str) for one in hashes)
        ):
            return value["leaf"], value["line"], value["index"], tuple(map(parse_hash, hashes))
    raise ReceiptError("file proves something, but is no receipt", expected="extra data with the leaf in it")


def _is(entry: bytes, kind: str, *, mandate: str | None = None, root: str | None = None) -> bool:
    try:
        leaf = parse_leaf(entry)
    except ParseError:
        return False
    return leaf.type == kind and (leaf.mandate == mandate if mandate else leaf.fields["root"] == root)


def _utc(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"second {seconds} since 1970"
