"""Ask witnesses to cosign a checkpoint."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import reduce

from passerby.datatypes.errors import PasserbyError
from passerby.public.ledger.errors import WitnessAheadError, WitnessError
from passerby.public.ledger.witness import Witness
from passerby.tlog.canonical import parse_decimal, parse_text
from passerby.tlog.key import VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature, SignatureLineError
from passerby.tlog.proof import Proof
from passerby.tlog.witness import SIZE_TYPE, AddCheckpoint

GRACE_SECONDS = 1.0

Answer = tuple[NoteSignature, ...] | PasserbyError


@dataclass(slots=True)
class Asked:
    """A witness and the size that it saw last, as far as the log knows; ``busy`` while a request to it is under way."""

    witness: Witness
    size: int = 0
    busy: threading.Lock = field(default_factory=threading.Lock)


def collect(
    note: Note,
    size: int,
    consistency: Callable[[int], Proof],
    asked: Sequence[Asked],
    keys: Sequence[VerifierKey],
    enough: Callable[[Note], bool],
) -> tuple[Note, list[PasserbyError]]:
    """The note with the valid cosignatures that the witnesses gave, and why others gave none.

    Once it is ``enough``, others have a second more, so that a witness that is down does not hold the log up. A witness
    that has not answered the last request yet is not asked again.
    """
    failures: list[PasserbyError] = []
    given: dict[int, tuple[NoteSignature, ...]] = {}

    def cosigned() -> Note:
        return reduce(lambda signed, number: signed.with_signatures(*given[number]), sorted(given), note)

    pool = ThreadPoolExecutor(max_workers=max(1, len(asked)), thread_name_prefix="cosigning")
    try:
        numbers: dict[Future[Answer], int] = {}
        for number, one in enumerate(asked):
            if one.busy.acquire(blocking=False):
                numbers[pool.submit(_ask, note, size, consistency, one, keys)] = number
            else:
                failures.append(WitnessError("a witness has not answered the last request yet"))
        waiting, until = set(numbers), None
        while waiting:
            left = None if until is None else max(0.0, until - time.monotonic())
            done, waiting = wait(waiting, timeout=left, return_when=FIRST_COMPLETED)
            for future in done:
                answer = future.result()
                if isinstance(answer, PasserbyError):
                    failures.append(answer)
                else:
                    given[numbers[future]] = answer
            if not done:
                failures += [WitnessError("a witness is slow") for _ in waiting]
                break
            if until is None and enough(cosigned()):
                until = time.monotonic() + GRACE_SECONDS
    except BaseException:
        pool.shutdown(wait=True)
        raise
    pool.shutdown(wait=False)
    return cosigned(), failures


def _ask(note: Note, size: int, consistency: Callable[[int], Proof], one: Asked, keys: Sequence[VerifierKey]) -> Answer:
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
    finally:
        one.busy.release()


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
