"""What a witness does with a checkpoint, as a pure function. https://c2sp.org/tlog-witness

old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

example.com/log
20852163
…
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from passerby.tlog.canonical import format_base64, parse_decimal, parse_hash, parse_text
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.errors import ParseError, VerificationError
from passerby.tlog.key import BadSignatureError, NoKnownSignatureError, SigningKey, VerifierKey, open_note
from passerby.tlog.note import Note
from passerby.tlog.proof import Proof, verify_consistency

MOST_HASHES = 63
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class AddCheckpointError(ParseError):
    """A request to a witness that is not in its form."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size that the witness should know, a consistency proof from there, a signed checkpoint."""

    old: int
    proof: Proof
    checkpoint: Note

    def encode(self) -> bytes:
        """Body of the POST."""
        lines = [f"old {self.old}", *map(format_base64, self.proof), "", ""]
        return "\n".join(lines).encode("ascii") + self.checkpoint.encode()

    @classmethod
    def parse(cls, data: bytes) -> "AddCheckpoint":
        """Read a body. Raises AddCheckpointError and those of notes, numbers and hashes."""
        head, blank, note = parse_text(data).partition("\n\n")
        lines = head.split("\n")
        if not blank or not lines[0].startswith("old ") or len(lines) > MOST_HASHES + 1:
            raise AddCheckpointError(
                "request is not understood", expected="old N, at most 63 hashes, a blank line, a note"
            )
        old = parse_decimal(lines[0].removeprefix("old "))
        return cls(old, tuple(map(parse_hash, lines[1:])), Note.parse(note.encode("utf-8")))


@dataclass(frozen=True, slots=True)
class Response:
    """Answer of a witness as HTTP carries it."""

    status: int
    body: bytes
    content_type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Verdict:
    """``record``: the cosigned note to persist *before* ``response`` is sent; None where nothing was cosigned."""

    response: Response
    record: Note | None = None


def judge(
    data: bytes,
    keys: Callable[[str], Iterable[VerifierKey]],
    latest: Callable[[str], TreeHead | None],
    signers: Iterable[SigningKey],
    now: int,
) -> Verdict:
    """Decide on one request.

    ``keys``: trusted keys of an origin (none where it is unknown); ``latest``: what was last cosigned for it;
    ``now``: seconds since 1970. The caller serialises requests for one origin and persists the record before replying.
    """
    try:
        request = AddCheckpoint.parse(data)
        head = TreeHead.parse(request.checkpoint.text)
    except ParseError as error:
        return _refuse(400, str(error))
    trusted = tuple(keys(head.origin))
    if not trusted:
        return _refuse(404, "this witness does not follow that log")
    try:
        valid = open_note(request.checkpoint, trusted)
    except (BadSignatureError, NoKnownSignatureError) as error:
        return _refuse(403, str(error))
    if request.old > head.size:
        return _refuse(400, "the old size is larger than the checkpoint")
    known = latest(head.origin)
    if request.old != (known.size if known else 0):
        size = known.size if known else 0
        return Verdict(Response(409, f"{size}\n".encode("ascii"), SIZE_TYPE))
    if not head.fits_its_size:
        return _refuse(422, "an empty tree has another root")
    try:
        if request.old == 0 and request.proof:
            return _refuse(422, "a proof from the empty tree is empty")
        if known:
            verify_consistency(known.size, head.size, request.proof, known.root, head.root)
    except VerificationError as error:
        return _refuse(422, str(error))
    lines = tuple(signer.cosign(request.checkpoint.text, now) for signer in signers)
    accepted = {(v.key.name, v.key.key_id) for v in valid}
    kept = tuple(s for s in request.checkpoint.signatures if (s.name, s.key_id) in accepted)
    body = "".join(line.line for line in lines).encode("utf-8")
    return Verdict(Response(200, body), Note(request.checkpoint.text, kept + lines))


def _refuse(status: int, why: str) -> Verdict:
    return Verdict(Response(status, f"{why}\n".encode()))
