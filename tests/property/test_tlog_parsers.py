"""Fuzzing: whatever comes in, a parser either refuses it as a ParseError or gives it back byte for byte.

``PASSERBY_FUZZ`` sets how many inputs each parser gets (6,000 by default); see ``spec/ledger.md`` for the long run.
"""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785

from passerby.public.ledger.leaf import parse_leaf
from passerby.public.ledger.receipt import verify_receipt
from passerby.tlog.canonical import format_base64, parse_base64, parse_decimal
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.errors import ParseError, TlogError
from passerby.tlog.key import SigningKey, VerifierKey
from passerby.tlog.note import Note, NoteSignature
from passerby.tlog.policy import Policy
from passerby.tlog.proof_file import ProofFile
from passerby.tlog.tile import Tile, encode_bundle, parse_bundle
from passerby.tlog.witness import AddCheckpoint

VECTORS = Path(__file__).parents[2] / "spec/vectors"
INPUTS = int(os.environ.get("PASSERBY_FUZZ", "6000"))
LOG = json.loads((VECTORS / "log.json").read_text("utf-8"))
PROOF = json.loads((VECTORS / "proof-file.json").read_text("utf-8"))
NOTE = LOG["checkpoints"]["300"].encode()
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PIECES = [
    b"\n",
    b"\n\n",
    b" ",
    "— ".encode(),
    b"0",
    b"9223372036854775808",
    b"==",
    b"+",
    b"\x00",
    b"\xff",
    b"x000/",
    b".p/",
]
PIECES += [b'"', b"\\u0000", b"e1", "\u00a0".encode(), b"\xed\xa0\x80", b"index ", b"old ", b"extra ", b"group ", b"#"]


def text(parse: Callable[[str], str]) -> Callable[[bytes], bytes]:
    def again(data: bytes) -> bytes:
        try:
            line = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError("not text") from error
        return parse(line).encode("utf-8")

    return again


def policy(data: bytes) -> bytes:
    found = Policy.parse(data)
    assert Policy.parse(found.text.encode("utf-8")) == found
    return data


def bundle(data: bytes) -> bytes:
    return encode_bundle(parse_bundle(data, 3))


def leaf(data: bytes) -> bytes:
    found = parse_leaf(data)
    assert "\n" not in found.plain_words()
    return rfc8785.dumps({"type": found.type, **found.fields})


PARSERS: dict[str, tuple[Callable[[bytes], bytes], list[bytes]]] = {
    "number": (text(lambda s: str(parse_decimal(s))), [b"0", b"73894"]),
    "base64": (text(lambda s: format_base64(parse_base64(s))), [b"AAAA", b"CsUYapGGPo4="]),
    "note": (lambda data: Note.parse(data).encode(), [NOTE]),
    "signature": (text(lambda s: NoteSignature.parse(s).line.removesuffix("\n")), [NOTE.splitlines()[4]]),
    "verifier key": (text(lambda s: VerifierKey.parse(s).text), [LOG["policy"].split()[1].encode()]),
    "signing key": (text(lambda s: SigningKey.parse(s).secret_text), [SECRET.encode()]),
    "tree head": (text(lambda s: TreeHead.parse(s).text), [NOTE.split(b"\n\n")[0] + b"\n"]),
    "tile path": (text(lambda s: Tile.parse(s).path), [b"tile/0/x001/234.p/7", b"tile/entries/000"]),
    "bundle": (bundle, [encode_bundle([b"a", b"", b"ccc"])]),
    "policy": (policy, [LOG["policy"].encode()]),
    "proof file": (lambda data: ProofFile.parse(data).encode(), [PROOF["cases"][2]["proof"].encode()]),
    "witness request": (lambda data: AddCheckpoint.parse(data).encode(), [b"old 3\n" + b"A" * 43 + b"=\n\n" + NOTE]),
    "leaf": (
        leaf,
        [
            b'{"mandate":"' + b"ab" * 32 + b'","reason":"why","signatures":["s"],"type":"revocation"}',
            b'{"document":{"title":"T"},"type":"mandate"}',
        ],
    ),
}


def mutate(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 4))):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(6):
            case 0:
                out[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del out[at : at + dice.randrange(1, 9)]
            case 2:
                out[at:at] = dice.choice(PIECES)
            case 3 if out:
                out[at % len(out)] ^= 1 << dice.randrange(8)
            case 4:
                end = at + dice.randrange(40)
                out[at:at] = out[at:end]
            case _:
                del out[at:]
    return bytes(out)


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_accepted_is_canonical(name: str) -> None:
    again, samples = PARSERS[name]
    dice = random.Random(f"passerby {name}")
    accepted = 0
    for number in range(INPUTS):
        data = mutate(samples[number % len(samples)], dice)
        try:
            back = again(data)
        except ParseError:
            continue
        assert back == data
        accepted += 1
    assert accepted > INPUTS // 50


def test_mutated_receipts_prove_nothing_else() -> None:
    dice = random.Random("receipts")
    trusted = Policy.parse(PROOF["policy"].encode())
    sample = PROOF["cases"][0]["proof"].encode()
    for _ in range(INPUTS // 10):
        with pytest.raises(TlogError):
            verify_receipt(mutate(sample, dice), trusted)
