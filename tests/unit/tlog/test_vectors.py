"""Known answers, shared with the browser's verifier: every case of ``spec/vectors``."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from passerby.tlog.canonical import Base64Error
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.client import Client
from passerby.tlog.errors import TlogError, VerificationError
from passerby.tlog.key import VerifierKey, open_note
from passerby.tlog.note import Note
from passerby.tlog.policy import LogEntry, Policy
from passerby.tlog.proof import verify_consistency, verify_inclusion
from passerby.tlog.tile import Tile, TilePathError, encode_bundle, parse_bundle
from passerby.tlog.tiled import Fetch, ResourceMissingError
from passerby.tlog.tree import Frontier, leaf_hash, node_hash, tree_root

VECTORS = Path(__file__).parents[3] / "spec/vectors"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def named(cases: Any) -> list[Any]:
    return [pytest.param(case, id=case.get("name", str(n))) for n, case in enumerate(cases["cases"])]


def expect(error: str | None, act: Any) -> Any:
    if error is None:
        return act()
    with pytest.raises(TlogError) as caught:
        act()
    assert type(caught.value).__name__ == error
    return None


def raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def test_the_tree_of_eight_leaves() -> None:
    v = vectors("tree")
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in v["leaves"]]
    assert [h.hex() for h in hashes] == v["nodes"][0]
    level = hashes
    for expected in v["nodes"][1:]:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
        assert [h.hex() for h in level] == expected
    frontier = Frontier()
    for size, root in enumerate(v["roots"]):
        assert tree_root(hashes[:size]).hex() == root == frontier.root().hex()
        if size < len(hashes):
            frontier.append(hashes[size])


@pytest.mark.parametrize("case", named(vectors("inclusion")))
def test_inclusion(case: Any) -> None:
    def act() -> None:
        verify_inclusion(
            raw(case["leaf_hash"]),
            int(case["index"]),
            int(case["size"]),
            list(map(raw, case["proof"])),
            raw(case["root"]),
        )

    if case["valid"]:
        act()
    else:
        with pytest.raises(VerificationError):
            act()


@pytest.mark.parametrize("case", named(vectors("consistency")))
def test_consistency(case: Any) -> None:
    def act() -> None:
        verify_consistency(
            int(case["old"]),
            int(case["new"]),
            list(map(raw, case["proof"])),
            raw(case["old_root"]),
            raw(case["new_root"]),
        )

    if case["valid"]:
        act()
    else:
        with pytest.raises(VerificationError):
            act()


@pytest.mark.parametrize("case", named(vectors("note")))
def test_note(case: Any) -> None:
    data = raw(case["note"])
    keys = [VerifierKey.parse(text) for text in case["keys"]]
    verified = expect(case.get("error"), lambda: open_note(Note.parse(data), keys))
    if verified is not None:
        assert [v.key.name for v in verified] == case["verified"]
        assert Note.parse(data).encode() == data


@pytest.mark.parametrize("case", named(vectors("vkey")))
def test_verifier_key(case: Any) -> None:
    key = expect(case["error"], lambda: VerifierKey.parse(case["text"]))
    assert key is None or key.text == case["text"]


@pytest.mark.parametrize("case", named(vectors("cosignature")))
def test_cosignature(case: Any) -> None:
    key = VerifierKey.parse(case["vkey"])
    found = expect(
        None if case["valid"] else "BadSignatureError", lambda: open_note(Note.parse(case["note"].encode()), [key])
    )
    if found is not None:
        assert [(v.key, v.time) for v in found] == [(key, int(case["time"]))]


@pytest.mark.parametrize("case", named(vectors("checkpoint")))
def test_checkpoint(case: Any) -> None:
    head = expect(case["error"], lambda: TreeHead.parse(case["text"]))
    assert head is None or head.text == case["text"]


def test_tile_paths() -> None:
    v = vectors("tile-path")
    for case in v["valid"]:
        tile = Tile(case["level"], int(case["index"]), case["width"])
        assert tile.path == case["path"]
        assert Tile.parse(case["path"]) == tile
    for path in v["invalid"]:
        with pytest.raises(TilePathError):
            Tile.parse(path)


@pytest.mark.parametrize("case", named(vectors("bundle")))
def test_bundle(case: Any) -> None:
    data = bytes.fromhex(case["bundle"])
    entries = expect(case["error"], lambda: parse_bundle(data, case["width"]))
    if entries is not None:
        assert [entry.hex() for entry in entries] == case["entries"]
        assert encode_bundle(entries) == data


@pytest.mark.parametrize("case", named(vectors("policy")))
def test_policy(case: Any) -> None:
    policy = expect(case["error"], lambda: Policy.parse(case["text"].encode("utf-8")))
    if policy is not None:
        assert Policy.parse(policy.text.encode("utf-8")) == policy
        for witnesses, complete in case["quorums"]:
            keys = [entry.key for entry in policy.witnesses if entry.name in witnesses]
            assert policy.complete(keys) is complete


def at(files: dict[str, bytes], size: int) -> Fetch:
    def fetch(path: str) -> bytes:
        name = f"checkpoint.{size}" if path == "checkpoint" else path
        if name not in files:
            raise ResourceMissingError(f"no {path}")
        return files[name]

    return fetch


def test_a_log_written_by_another_implementation() -> None:
    v = vectors("log-tessera")
    files = {path: raw(data) for path, data in v["files"].items()}
    key = VerifierKey.parse(v["vkey"])
    policy = Policy((LogEntry(key),))

    roots = {}
    for size in range(len(v["entries"]) + 1):
        head = policy.verify(files[f"checkpoint.{size}"])
        assert head.size == size
        roots[size] = head.root
    assert len(roots) == 16
    pairs = 0
    for new in range(1, 16):
        client = Client(at(files, new), policy)
        client.checkpoint()
        assert list(client.entries()) == [word.encode() for word in v["entries"][:new]]
        for index in range(new):
            verify_inclusion(leaf_hash(v["entries"][index].encode()), index, new, client.inclusion(index), roots[new])
        for old in range(1, new):
            verify_consistency(old, new, client.consistency(old), roots[old], roots[new])
            pairs += 1
    assert pairs == 105


def test_shared_vectors_are_all_used() -> None:
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parents[2].rglob("test_*.py"))
    missing = [v.stem for v in VECTORS.glob("*.json") if f'"{v.stem}"' not in tests and v.name not in tests]
    assert not missing


def test_raw_is_strict() -> None:
    with pytest.raises(TlogError) as caught:
        VerifierKey.parse("a+00000000+AA")
    assert isinstance(caught.value, Base64Error)
