"""A proof that checks without a network: index, hashes and cosigned checkpoint in one text. https://c2sp.org/tlog-proof"""

from dataclasses import dataclass

from passerby.tlog.canonical import format_base64, parse_base64, parse_decimal, parse_hash, parse_text
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.errors import ParseError
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy
from passerby.tlog.proof import Proof, verify_inclusion
from passerby.tlog.tree import leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63


class ProofHeaderError(ParseError):
    """A file that does not begin as a proof does."""


class ProofIndexError(ParseError):
    """A proof without the line ``index N``."""


class ProofBodyError(ParseError):
    """A proof without a checkpoint after it, or with too many hashes."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """``index`` of the leaf, its inclusion proof, the checkpoint as signed, and bytes that nothing vouches for."""

    index: int
    proof: Proof
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The bytes of the file (extension ``.tlog-proof``)."""
        extra = [f"extra {format_base64(self.extra)}"] if self.extra else []
        lines = [HEADER, *extra, f"index {self.index}", *map(format_base64, self.proof), "", ""]
        return "\n".join(lines).encode("ascii") + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> "ProofFile":
        """Read a proof. Raises ProofHeaderError, ProofIndexError, ProofBodyError and those of notes and numbers."""
        head, blank, rest = parse_text(data).partition("\n\n")
        lines = head.split("\n")
        if lines.pop(0) != HEADER:
            raise ProofHeaderError("file is no proof", expected=f"{HEADER} on its first line", came=repr(head[:40]))
        extra = parse_base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise ProofIndexError("proof names no leaf", expected="a line such as index 73894")
        index = parse_decimal(lines.pop(0).removeprefix("index "))
        if not blank or len(lines) > MOST_HASHES:
            raise ProofBodyError("proof is not complete", expected="at most 63 hashes, a blank line and a checkpoint")
        checkpoint = rest.encode("utf-8")
        Note.parse(checkpoint)
        return cls(index, tuple(map(parse_hash, lines)), checkpoint, extra)

    def verify(self, entry: bytes, policy: Policy) -> Checkpoint:
        """Check that ``entry`` is that leaf of a log that the policy accepts.

        Raises those of ``Policy.verify`` and ``verify_inclusion``.
        """
        checkpoint = policy.verify(self.checkpoint)
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.proof, checkpoint.root)
        return checkpoint
