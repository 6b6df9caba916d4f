"""Ask witnesses to cosign a checkpoint."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from passerby.datatypes.errors import PasserbyError
from passerby.public.ledger.errors import WitnessAheadError, WitnessError
from passerby.public.ledger.witness import Witness
from passerby.tlog.canonical import parse_decimal, parse_text
from passerby.tlog.key import VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature, SignatureLineError
from passerby.tlog.proof import Proof
from passerby.tlog.witness import SIZE_TYPE, AddCheckpoint


@dataclass(slots=True)
class Asked:
    """A witness and the size that it saw last, as far as the log knows."""

    witness: Witness
    size: int = 0


def collect(
    note: Note,
    size: int,
    consistency: Callable[[int], Proof],
    asked: Sequence[Asked],
    keys: Sequence[VerifierKey],
) -> tuple[Note, list[PasserbyError]]:
    """The note with every valid cosignature that the witnesses gave, and why others gave none."""
    if not asked:
        return note, []
    answers: list[tuple[NoteSignature, ...] | PasserbyError]
    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        answers = list(pool.map(lambda one: _ask(note, size, consistency, one, keys), asked))
    failures = [answer for answer in answers if isinstance(answer, PasserbyError)]
    lines = [line for answer in answers if not isinstance(answer, PasserbyError) for line in answer]
    return note.with_signatures(*lines), failures


def _ask(
    note: Note, size: int, consistency: Callable[[int], Proof], one: Asked, keys: Sequence[VerifierKey]
) -> tuple[NoteSignature, ...] | PasserbyError:
    try:
        for _ in range(3):
            request = AddCheckpoint(one.size, consistency(one.size), note)
            response = one.witness.add_checkpoint(request.encode())
            if response.status == 200:
                lines = _valid_lines(note, response.body, keys)
                one.size = size
                return lines
            if response.status != 409 or response.content_type.partition(";")[0].strip() != SIZE_TYPE:
                why = response.body[:200].decode("utf-8", "replace").strip()
                return WitnessError("a witness refused", expected="200", came=f"{response.status} {why}")
            one.size = parse_decimal(response.body.decode("ascii", "replace").removesuffix("\n"))
            if one.size > size:
                return WitnessAheadError(
                    f"a witness has seen this log at size {one.size}",
                    expected=f"at most {size}",
                    remedy="Stop. Restore the log from a backup, or find out who else signs with its key.",
                )
        return WitnessError("a witness changes its mind while it is asked", expected="one writer for this log")
    except (PasserbyError, OSError) as error:
        return error if isinstance(error, PasserbyError) else WitnessError("a witness failed", came=str(error.strerror))


def _valid_lines(note: Note, body: bytes, keys: Sequence[VerifierKey]) -> tuple[NoteSignature, ...]:
    known = tuple(line for line in parse_answer(body) if any(key.matches(line) for key in keys))
    if not known:
        raise WitnessError("a witness answered with keys that the policy does not list")
    open_note(Note(note.text, known), keys)
    return known


def parse_answer(body: bytes) -> tuple[NoteSignature, ...]:
    """Signature lines that a witness answered, known or not. Raises ParseError."""
    text = parse_text(body)
    if not text.endswith("\n"):
        raise SignatureLineError("answer of a witness does not end in a newline", came=repr(text[-40:]))
    return tuple(NoteSignature.parse(line) for line in text[:-1].split("\n"))
