"""Checkpoints: the size and root of a log at one moment. https://c2sp.org/tlog-checkpoint

example.com/log
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""

from dataclasses import dataclass

from passerby.tlog.canonical import HashLengthError, format_base64, parse_decimal, parse_hash
from passerby.tlog.errors import ParseError
from passerby.tlog.note import Note
from passerby.tlog.tree import EMPTY_ROOT


class CheckpointTextError(ParseError):
    """Text without the three lines of a checkpoint."""


class OriginError(ParseError):
    """A log without a name."""


class ExtensionLineError(ParseError):
    """A checkpoint with extension lines, which nobody can audit."""


class EmptyTreeError(ParseError):
    """A checkpoint of size 0 whose root is not that of the empty tree."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a log claims; no signature was looked at. ``root``: 32 bytes."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise OriginError("checkpoint has no origin", expected="the name of the log on one line")
        if len(self.root) != 32:
            raise HashLengthError("root has the wrong length", expected="32 bytes", came=f"{len(self.root)} bytes")

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{format_base64(self.root)}\n"

    @property
    def fits_its_size(self) -> bool:
        """False where an empty tree claims a root that it cannot have."""
        return self.size > 0 or self.root == EMPTY_ROOT

    @classmethod
    def parse(cls, text: str) -> "TreeHead":
        """From note text. Raises CheckpointTextError, ExtensionLineError, OriginError, those of numbers, hashes."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise CheckpointTextError("text is no checkpoint", expected="origin, size and root on a line each")
        if len(lines) > 4:
            raise ExtensionLineError("checkpoint has extension lines", expected="three lines", came=str(len(lines) - 1))
        return cls(lines[0], parse_decimal(lines[1]), parse_hash(lines[2]))


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A witness that saw a checkpoint, and when (seconds since 1970)."""

    witness: str
    time: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head that a policy accepted: signed by the log, cosigned by the quorum. Made by ``Policy.verify`` alone.

    ``cosigned``: witnesses known to the policy, earliest first. ``public_since``: when the quorum was first complete
    (seconds since 1970), None where the policy asks for no witness; ``seen_at``: the latest time since which a whole
    quorum has seen it, so that one witness alone keeps no log alive. ``note``: the signed bytes, verbatim.
    """

    origin: str
    size: int
    root: bytes
    cosigned: tuple[Cosigned, ...]
    public_since: int | None
    seen_at: int | None
    note: Note

    @property
    def head(self) -> TreeHead:
        """Origin, size and root alone."""
        return TreeHead(self.origin, self.size, self.root)
