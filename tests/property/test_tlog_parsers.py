"""Fuzzing: whatever comes in, a parser either refuses it as a ParseError or gives it back byte for byte.

Inputs are mutated from samples; what a parser accepts becomes a sample too, so that the inputs wander off. The dice are
seeded. ``PASSERBY_FUZZ`` sets how many inputs each parser gets (6,000 by default): ten million in all with
``PASSERBY_FUZZ=600000 pytest --timeout=0 tests/property/test_tlog_parsers.py``.
"""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from passerby.public.ledger.cosigning import parse_answer
from passerby.public.ledger.journal import encode_record, read_records
from passerby.public.ledger.leaf import parse_leaf
from passerby.public.ledger.receipt import encode_extra, leaf_receipt, parse_extra, release_receipt, verify_receipt
from passerby.tlog.canonical import format_base64, parse_base64, parse_decimal
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.client import Client
from passerby.tlog.errors import ParseError, TlogError
from passerby.tlog.key import KeyType, SigningKey, VerifierKey
from passerby.tlog.note import Note, NoteSignature
from passerby.tlog.policy import Policy
from passerby.tlog.proof_file import ProofFile
from passerby.tlog.tile import Tile, encode_bundle, parse_bundle, split_tile
from passerby.tlog.tree import leaf_hash, tree_root
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


def journal(data: bytes) -> bytes:
    back, end = b"", 0
    for first, leaves, end in read_records(data):  # noqa: B007
        back += encode_record(first, leaves)
    return back + data[end:]


ANSWER = NOTE.split(b"\n\n")[1]
LINE: dict[str, Any] = {
    "index": 2,
    "leaf": "{}",
    "line": "5,±12",
    "proof": ["CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="],
}
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
    "witness answer": (lambda data: "".join(line.line for line in parse_answer(data)).encode(), [ANSWER]),
    "tile": (lambda data: b"".join(split_tile(data, 3)), [bytes(range(96))]),
    "journal": (journal, [encode_record(7, [b"a", b""]) + encode_record(9, [b"c"])]),
    "receipt": (lambda data: encode_extra(*parse_extra(data)), [rfc8785.dumps(LINE), b'{"leaf":"x"}']),
    "leaf": (
        leaf,
        [
            b'{"limits":{"least_tracks":1},"oversight":["dpo"],"policy":"p",'
            b'"roles":{"chair":"k","dpo":"k"},"threshold":2,"type":"roles"}',
            b'{"day":"2026-11-24","mandate":"'
            + b"ab" * 32
            + b'","node":"n","sensors":{"a":"1.2"},"type":"budget-day"}',
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
    again, first = PARSERS[name]
    samples, dice = list(first), random.Random(f"passerby {name}")
    accepted = 0
    for _ in range(INPUTS):
        data = mutate(dice.choice(samples), dice)
        try:
            back = again(data)
        except ParseError:
            continue
        assert back == data
        accepted += 1
        if len(data) < 4096:
            samples[len(first) :] = [*samples[len(first) :][-30:], data]
    assert accepted > INPUTS // 50


def receipts() -> tuple[Policy, list[bytes]]:
    """A log of two leaves with one witness, and receipts of a leaf and of a released line."""
    log, witness = (
        SigningKey(f"{n}.example", t, bytes([t] * 32))
        for n, t in (("log", KeyType.ED25519), ("w", KeyType.COSIGNATURE))
    )
    lines = [b'{"n":%d}' % n for n in range(5)]
    manifest: dict[str, Any] = {
        "type": "manifest",
        "node": "n",
        "sequence": 1,
        "mandate": "ab" * 32,
        "count": 5,
        "signature": "s",
    }
    leaves = [PARSERS["leaf"][1][0], rfc8785.dumps({**manifest, "root": tree_root(map(leaf_hash, lines)).hex()})]
    hashes = [leaf_hash(entry) for entry in leaves]
    text = TreeHead("log.example", 2, tree_root(hashes)).text
    files = {
        "checkpoint": Note(text, (log.sign(text), witness.cosign(text, 5))).encode(),
        "tile/0/000.p/2": b"".join(hashes),
        "tile/entries/000.p/2": encode_bundle(leaves),
    }
    trusted = Policy.of(log.verifier, [witness.verifier], 1)
    client = Client(files.__getitem__, trusted)
    client.checkpoint()
    return trusted, [leaf_receipt(client, 0), release_receipt(client, lines, lines[3])]


def test_mutated_receipts_prove_nothing_else() -> None:
    dice = random.Random("receipts")
    trusted, samples = receipts()
    proven = [verify_receipt(sample, trusted) for sample in samples]
    accepted = 0
    for number in range(INPUTS):
        try:
            found = verify_receipt(mutate(samples[number % 2], dice), trusted)
        except TlogError:
            continue
        accepted += 1
        assert any((found.leaf, found.index, found.line) == (one.leaf, one.index, one.line) for one in proven)
    assert accepted > INPUTS // 50
