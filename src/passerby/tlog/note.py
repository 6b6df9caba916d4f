"""Signed notes: text, a blank line, signature lines. https://c2sp.org/signed-note

This is the text.

— example.com/foo Uw2QOkn8srV1yJGh…
"""

from dataclasses import dataclass

from passerby.tlog.canonical import format_base64, parse_base64, parse_text
from passerby.tlog.errors import ParseError

MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100


class NoteTooLargeError(ParseError):
    """A note with more bytes or signatures than anybody needs."""


class NoteTextError(ParseError):
    """Note text that does not end in a newline."""


class MissingSignaturesError(ParseError):
    """A note without the blank line and signature lines."""


class SignatureLineError(ParseError):
    """A line that is not ``— name base64``."""


class KeyNameError(ParseError):
    """A key name that is empty or has spaces, ``+`` or control characters."""


class DuplicateSignatureError(ParseError):
    """Two signature lines with one key name and key ID."""


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: ``key_id`` is 4 bytes, ``signature`` what follows it (at least 1 byte)."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {format_base64(self.key_id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> "NoteSignature":
        """From a line without its newline. Raises SignatureLineError, KeyNameError, Base64Error."""
        mark, _, rest = line.partition(" ")
        name, _, text = rest.partition(" ")
        if mark != "—" or not text:
            raise SignatureLineError("line is no signature", expected="— name base64", came=repr(line[:60]))
        check_name(name)
        blob = parse_base64(text)
        if len(blob) < 5:
            raise SignatureLineError(
                "signature is too short", expected="a key ID and a signature", came=f"{len(blob)} bytes"
            )
        return cls(name, blob[:4], blob[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """Text and signatures, unverified: trust the text only after ``key.open_note``."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise NoteTextError("note text does not end in a newline", came=repr(self.text[-40:]))
        seen = {(s.name, s.key_id) for s in self.signatures}
        if len(seen) != len(self.signatures):
            raise DuplicateSignatureError("note has two signatures by one key", expected="one line for each key")
        if len(self.signatures) > MAX_SIGNATURES:
            raise NoteTooLargeError("note has too many signatures", expected=f"at most {MAX_SIGNATURES}")

    def encode(self) -> bytes:
        """The bytes of the note."""
        return (self.text + "\n" + "".join(s.line for s in self.signatures)).encode("utf-8")

    def with_signatures(self, *more: NoteSignature) -> "Note":
        """The same text with these lines added; a line of the same key is replaced."""
        fresh = {(s.name, s.key_id) for s in more}
        kept = tuple(s for s in self.signatures if (s.name, s.key_id) not in fresh)
        return Note(self.text, kept + more)

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """Read a note. Raises NoteTooLargeError, NoteTextError, MissingSignaturesError and those of its lines."""
        if len(data) > MAX_BYTES:
            raise NoteTooLargeError("note is too large", expected=f"at most {MAX_BYTES} bytes", came=str(len(data)))
        whole = parse_text(data)
        text, blank, signatures = whole.rpartition("\n\n")
        if not blank or not signatures:
            raise MissingSignaturesError(
                "note has no signatures", expected="a blank line and signature lines after the text"
            )
        if not signatures.endswith("\n"):
            raise SignatureLineError(
                "last signature line has no end", expected="a newline", came=repr(signatures[-40:])
            )
        if signatures.count("\n") > MAX_SIGNATURES:
            raise NoteTooLargeError("note has too many signatures", expected=f"at most {MAX_SIGNATURES}")
        lines = signatures[:-1].split("\n")
        return cls(text + "\n", tuple(NoteSignature.parse(line) for line in lines))


def check_name(name: str) -> None:
    """Raise KeyNameError unless ``name`` can name a key."""
    if not name or any(c.isspace() or c == "+" or c < " " for c in name):
        raise KeyNameError(
            "key has no usable name", expected="no spaces, plus signs or control characters", came=repr(name[:60])
        )
