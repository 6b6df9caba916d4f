"""Keys: text forms, what they refuse to do, ML-DSA-44 where it is offered."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passerby.tlog.canonical import ControlCharacterError
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.errors import ParseError
from passerby.tlog.key import (
    BadSignatureError,
    KeyClashError,
    KeyIdError,
    KeyTextError,
    KeyType,
    KeyTypeError,
    NoKnownSignatureError,
    SigningKey,
    VerifierKey,
    open_note,
    subtree_message,
)
from passerby.tlog.note import KeyNameError, Note, NoteSignature
from passerby.tlog.policy import LogEntry, Policy, QuorumError, WitnessEntry

SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_signs_as_the_known_answer() -> None:
    key = SigningKey.parse(SECRET)
    assert key.secret_text == SECRET
    assert key.verifier.text == PUBLIC
    assert key.sign(TEXT).line == f"{LINE}\n"


@pytest.mark.parametrize("end", range(0, len(SECRET)))
def test_part_of_a_key_is_no_key(end: int) -> None:
    for part in (SECRET[:end], SECRET[end + 1 :]):
        with pytest.raises((KeyTextError, KeyIdError)):
            SigningKey.parse(part)


def test_a_changed_key_is_refused() -> None:
    for at in range(len(SECRET)):
        with pytest.raises((KeyTextError, KeyIdError)):
            SigningKey.parse(SECRET[:at] + chr(ord(SECRET[at]) + 1) + SECRET[at + 1 :])


def test_a_secret_is_never_shown() -> None:
    key = SigningKey.parse(SECRET)
    assert "AYEKFALV" not in repr(key) + str(key)
    with pytest.raises(KeyTextError) as caught:
        SigningKey.parse(SECRET + "==")
    assert "AYEKFALV" not in str(caught.value)


@pytest.mark.parametrize("line", [LINE + "\n", LINE + " ", " " + LINE, LINE.replace("— ", "—  ", 1)])
def test_a_signature_line_is_written_in_one_way(line: str) -> None:
    assert NoteSignature.parse(LINE).line == f"{LINE}\n"
    with pytest.raises(ParseError):
        NoteSignature.parse(line)


def test_a_key_does_one_thing() -> None:
    log, witness = SigningKey.generate("a.example"), SigningKey.generate("b.example", KeyType.COSIGNATURE)
    with pytest.raises(KeyTypeError):
        log.cosign("a\n", 1)
    with pytest.raises(KeyTypeError):
        witness.sign("a\n")
    with pytest.raises(KeyTypeError):
        SigningKey("c.example", KeyType.ML_DSA_44, bytes(32))
    with pytest.raises(KeyTextError):
        SigningKey("c.example", KeyType.ED25519, bytes(31))
    with pytest.raises(KeyTextError):
        VerifierKey("c.example", KeyType.ED25519, bytes(31))


def test_a_cosignature_is_no_signature_of_the_log_even_with_one_seed() -> None:
    log = SigningKey("log.example", KeyType.ED25519, bytes(32))
    witness = SigningKey("log.example", KeyType.COSIGNATURE, bytes(32))
    text = TreeHead("log.example", 1, bytes(32)).text
    forged = NoteSignature("log.example", log.verifier.key_id, witness.cosign(text, 5).signature)
    with pytest.raises(BadSignatureError):
        open_note(Note(text, (forged,)), [log.verifier])


def test_two_keys_with_one_name_and_id_clash() -> None:
    one = SigningKey.parse(SECRET).verifier

    class Collided(VerifierKey):
        @property
        def key_id(self) -> bytes:
            return one.key_id

    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(KeyClashError):
        open_note(Note(TEXT, (NoteSignature.parse(LINE),)), [one, Collided(one.name, one.type, public)])


def test_ml_dsa_44_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    mldsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    try:
        private = mldsa.MLDSA44PrivateKey.generate()
    except Exception as error:
        pytest.skip(f"this installation offers no ML-DSA-44: {type(error).__name__}")
    key = VerifierKey("pq.example", KeyType.ML_DSA_44, private.public_key().public_bytes_raw())
    assert VerifierKey.parse(key.text) == key
    log = SigningKey.generate("log.example")
    text = TreeHead("log.example", 3, bytes(32)).text
    line = NoteSignature(
        key.name, key.key_id, (77).to_bytes(8, "big") + private.sign(subtree_message(key.name, text, 77))
    )
    note = Note(text, (log.sign(text), line))
    policy = Policy((LogEntry(log.verifier),), (WitnessEntry("pq", key),), (), "pq")
    checkpoint = policy.verify(note.encode())
    assert checkpoint.public_since == 77
    other = TreeHead("log.example", 4, bytes(32)).text
    with pytest.raises(BadSignatureError):
        open_note(Note(other, (line,)), [key])

    subtree = NoteSignature(key.name, key.key_id, bytes(8) + private.sign(subtree_message(key.name, text, 0)))
    with pytest.raises(BadSignatureError):  # anybody can have a subtree signed; it would backdate a checkpoint
        policy.verify(Note(text, (log.sign(text), subtree)).encode())
    with pytest.raises(KeyNameError):
        subtree_message("x" * 256, text, 1)

    monkeypatch.setattr("passerby.tlog.key.OFFERED", {KeyType.ED25519, KeyType.COSIGNATURE})
    assert [v.key for v in open_note(note, [log.verifier, key])] == [log.verifier]
    with pytest.raises(QuorumError):
        policy.verify(note.encode())


def test_nobody_known() -> None:
    with pytest.raises(NoKnownSignatureError):
        open_note(Note(TEXT, (NoteSignature.parse(LINE),)), [])


def test_a_policy_has_no_control_characters() -> None:
    for odd in (b"\x7f", b"\x00", b"\r"):
        with pytest.raises(ControlCharacterError):
            Policy.parse(b"quorum none\n# " + odd + b"\n")
    assert Policy.parse(b"\tquorum\tnone \n# fine \xc3\xa9\n").quorum is None
