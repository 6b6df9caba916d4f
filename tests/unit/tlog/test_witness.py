"""What a witness answers, status by status. https://c2sp.org/tlog-witness"""

import pytest

from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.key import KeyType, SigningKey, VerifierKey, open_note
from passerby.tlog.note import Note
from passerby.tlog.proof import Proof, prove_consistency
from passerby.tlog.tree import EMPTY_ROOT, leaf_hash, tree_root
from passerby.tlog.witness import SIZE_TYPE, AddCheckpoint, AddCheckpointError, Verdict, judge

LOG = SigningKey("log.example", KeyType.ED25519, bytes(32))
OTHER = SigningKey("log.example", KeyType.ED25519, bytes(range(32)))
WITNESS = SigningKey("witness.example", KeyType.COSIGNATURE, bytes([1] * 32))
HASHES = [leaf_hash(b"%d" % i) for i in range(20)]


def node(level: int, index: int) -> bytes:
    return tree_root(HASHES[index << level : (index + 1) << level])


def head(size: int, root: bytes | None = None, origin: str = "log.example") -> TreeHead:
    return TreeHead(origin, size, tree_root(HASHES[:size]) if root is None else root)


def ask(
    old: int, of: TreeHead, proof: Proof | None = None, *, known: TreeHead | None = None, by: SigningKey = LOG
) -> Verdict:
    growth = prove_consistency(node, old, of.size) if proof is None and old <= of.size else proof or ()
    request = AddCheckpoint(old, growth, Note(of.text, (by.sign(of.text),)))
    assert AddCheckpoint.parse(request.encode()) == request
    return judge(request.encode(), keys, lambda _: known, [WITNESS], 1_700_000_000)


def keys(origin: str) -> list[VerifierKey]:
    return [LOG.verifier] if origin == "log.example" else []


def test_200_first_checkpoint() -> None:
    verdict = ask(0, head(5))
    assert verdict.response.status == 200
    assert verdict.record is not None
    verified = open_note(verdict.record, [LOG.verifier, WITNESS.verifier])
    assert [(v.key.name, v.time) for v in verified] == [("log.example", None), ("witness.example", 1_700_000_000)]
    lines = verdict.response.body.decode()
    assert lines == verdict.record.signatures[1].line


@pytest.mark.parametrize(("old", "new"), [(1, 2), (5, 5), (8, 20), (7, 19), (0, 0)])
def test_200_growth(old: int, new: int) -> None:
    assert ask(old, head(new), known=head(old)).response.status == 200


def test_200_ignores_signatures_of_strangers_and_drops_them() -> None:
    note = Note(head(5).text, (LOG.sign(head(5).text), SigningKey.generate("x.example").sign(head(5).text)))
    verdict = judge(AddCheckpoint(0, (), note).encode(), keys, lambda _: None, [WITNESS], 1)
    assert verdict.record is not None
    assert [s.name for s in verdict.record.signatures] == ["log.example", "witness.example"]


def refused(verdict: Verdict) -> int:
    assert verdict.record is None
    return verdict.response.status


def test_404_unknown_log() -> None:
    assert refused(ask(0, head(5, origin="unknown.example"))) == 404


def test_403_signed_by_a_stranger() -> None:
    assert refused(ask(0, head(5), by=SigningKey.generate("log.example"))) == 403


def test_403_signature_of_the_log_does_not_hold() -> None:
    good = LOG.sign(head(6).text)
    request = AddCheckpoint(0, (), Note(head(5).text, (good,)))
    assert refused(judge(request.encode(), keys, lambda _: None, [WITNESS], 1)) == 403


def test_400_old_size_larger_than_the_checkpoint() -> None:
    assert refused(ask(9, head(5), (), known=head(9))) == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old 1\n",
        b"old 01\n\n",
        b"new 1\n\n",
        b"old 1\nAAAA\n\nx\n",
        b"old 1\n" + b"A" * 43 + b"=\n" * 64,
        b"\xff",
        b"old 0\n\nno note",
        b"old 0\n\norigin\n1\n",
    ],
)
def test_400_not_understood(body: bytes) -> None:
    assert refused(judge(body, keys, lambda _: None, [WITNESS], 1)) == 400


def test_400_sixty_four_hashes() -> None:
    assert refused(ask(1, head(5), tuple([bytes(32)] * 63), known=head(1))) == 422
    note = Note(head(5).text, (LOG.sign(head(5).text),))
    body = AddCheckpoint(1, tuple([bytes(32)] * 64), note).encode()
    assert refused(judge(body, keys, lambda _: head(1), [WITNESS], 1)) == 400


@pytest.mark.parametrize(("old", "known"), [(0, 5), (4, 5), (3, None)])
def test_409_tells_the_size_that_it_knows(old: int, known: int | None) -> None:
    verdict = ask(old, head(9), known=head(known) if known else None)
    assert refused(verdict) == 409
    assert verdict.response.body == f"{known or 0}\n".encode()
    assert verdict.response.content_type == SIZE_TYPE


def test_422_the_empty_tree_has_one_root() -> None:
    assert refused(ask(0, head(0, bytes(32)))) == 422
    assert ask(0, head(0, EMPTY_ROOT)).response.status == 200


def test_422_proof_from_nothing() -> None:
    assert refused(ask(0, head(5), (bytes(32),))) == 422


def test_422_bad_proof() -> None:
    assert refused(ask(3, head(9), (bytes(32),) * 4, known=head(3))) == 422


def test_422_same_size_other_root() -> None:
    assert refused(ask(5, head(5, bytes(32)), known=head(5))) == 422


def test_422_a_fork_with_an_honest_looking_proof() -> None:
    forked = [*HASHES[:2], leaf_hash(b"rewritten"), *HASHES[3:]]

    def fork(level: int, index: int) -> bytes:
        return tree_root(forked[index << level : (index + 1) << level])

    verdict = ask(7, head(19, tree_root(forked[:19])), prove_consistency(fork, 7, 19), known=head(7))
    assert refused(verdict) == 422


def test_a_request_has_one_form() -> None:
    with pytest.raises(AddCheckpointError):
        AddCheckpoint.parse(b"old")
