"""Offline proofs, and walking a whole log, by shared vectors."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from passerby.tlog.client import Client, ForkError, RollbackError
from passerby.tlog.errors import TlogError
from passerby.tlog.policy import Policy
from passerby.tlog.proof_file import ProofFile
from passerby.tlog.tiled import Fetch, ResourceMissingError, TileMismatchError

VECTORS = Path(__file__).parents[3] / "spec/vectors"
PROOFS = json.loads((VECTORS / "proof-file.json").read_text("utf-8"))
LOG = json.loads((VECTORS / "log.json").read_text("utf-8"))
USED = ("proof-file", "log")


@pytest.mark.parametrize("case", PROOFS["cases"], ids=lambda case: case["name"])
def test_proof_file(case: Any) -> None:
    policy = Policy.parse(PROOFS["policy"].encode())
    data, entry = case["proof"].encode("utf-8"), case["entry"].encode("utf-8")
    if case["error"] is None:
        file = ProofFile.parse(data)
        assert file.encode() == data
        assert file.verify(entry, policy).size == 300
        return
    with pytest.raises(TlogError) as caught:
        ProofFile.parse(data).verify(entry, policy)
    assert type(caught.value).__name__ == case["error"]


def log_at(checkpoint: str, changed: dict[str, bytes] | None = None) -> Fetch:
    files = {path: base64.b64decode(data) for path, data in LOG["files"].items()} | (changed or {})
    files["checkpoint"] = checkpoint.encode()

    def fetch(path: str) -> bytes:
        if path not in files:
            raise ResourceMissingError(f"no {path}")
        return files[path]

    return fetch


POLICY = Policy.parse(LOG["policy"].encode())


def test_the_log_grows() -> None:
    seen = None
    for size in ("0", "1", "100", "256", "300"):
        client = Client(log_at(LOG["checkpoints"][size]), POLICY, seen)
        seen = client.checkpoint()
        assert seen.size == int(size)
        assert sum(1 for _ in client.entries()) == int(size)
        assert seen.public_since == LOG["public_since"].get(size, seen.public_since)
    (first,) = client.entries(0, 1)
    (last,) = client.entries(299, 300)
    assert [first.decode(), last.decode()] == LOG["entries"]


def test_a_partial_tile_that_became_full_is_read_from_the_full_one() -> None:
    files = {path: data for path, data in LOG["files"].items() if "000.p/100" not in path}
    whole = log_at(LOG["checkpoints"]["100"])
    client = Client(lambda path: whole(path) if path in files or path == "checkpoint" else missing(path), POLICY)
    assert sum(1 for _ in client.entries()) == 100


def missing(path: str) -> bytes:
    raise ResourceMissingError(f"no {path}")


def test_a_fork_is_told_with_both_checkpoints() -> None:
    seen = POLICY.verify(LOG["checkpoints"]["300"].encode())
    client = Client(log_at(LOG["fork"]["checkpoint"]), POLICY, seen)
    with pytest.raises(ForkError) as caught:
        client.checkpoint()
    assert caught.value.seen.note.encode() == LOG["checkpoints"]["300"].encode()
    assert caught.value.later.note.encode() == LOG["fork"]["checkpoint"].encode()


def test_a_rollback_is_told() -> None:
    seen = POLICY.verify(LOG["checkpoints"]["300"].encode())
    with pytest.raises(RollbackError):
        Client(log_at(LOG["checkpoints"]["256"]), POLICY, seen).checkpoint()


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"])
def test_one_changed_bit_is_noticed(path: str) -> None:
    data = bytearray(base64.b64decode(LOG["files"][path]))
    data[-1] ^= 1
    client = Client(log_at(LOG["checkpoints"]["300"], {path: bytes(data)}), POLICY)
    client.checkpoint()
    with pytest.raises(TileMismatchError):
        list(client.entries())


def test_a_changed_full_tile_is_noticed_in_proofs() -> None:
    data = bytearray(base64.b64decode(LOG["files"]["tile/0/000"]))
    data[0] ^= 1
    client = Client(log_at(LOG["checkpoints"]["300"], {"tile/0/000": bytes(data)}), POLICY)
    client.checkpoint()
    with pytest.raises(TileMismatchError):
        client.inclusion(7)
