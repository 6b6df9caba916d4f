"""Our trees and proofs against pymerkle, against the definition of RFC 6962, and against tampering."""

from functools import reduce
from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.tlog.errors import VerificationError
from passerby.tlog.proof import prove_consistency, prove_inclusion, verify_consistency, verify_inclusion
from passerby.tlog.tile import TileBuilder, encode_bundle, right_edge
from passerby.tlog.tiled import ResourceMissingError, TiledTree
from passerby.tlog.tree import leaf_hash, node_hash, tree_root

LEAVES = st.lists(st.binary(max_size=12), min_size=1, max_size=80)


def definition(entries: list[bytes]) -> bytes:
    """MTH, as RFC 6962 writes it."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + definition(entries[:k]) + definition(entries[k:])).digest()


def subproof(old: int, leaf_hashes: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b), as RFC 6962 writes it."""
    if old == len(leaf_hashes):
        return [] if whole else [tree_root(leaf_hashes)]
    k = 1
    while k * 2 < len(leaf_hashes):
        k *= 2
    left, right = leaf_hashes[:k], leaf_hashes[k:]
    if old <= k:
        return [*subproof(old, left, whole=whole), tree_root(right)]
    return [*subproof(old - k, right, whole=False), tree_root(left)]


def in_rfc_order(proof: pymerkle.ConsistencyProof, old: int) -> list[bytes]:
    """pymerkle's consistency path as RFC 6962 has it.

    Where the old tree ends with a left child, pymerkle goes on down into the right sibling, to the first new leaf (it
    descends right where the old size *is* k; the RFC where it exceeds k) and names what the RFC folds into one hash;
    and it always names the old root.
    """
    new = proof.subset.index(1)
    edge, rest = proof.path[new], proof.path[new + 1 :]
    sibling = [reduce(node_hash, proof.path[:new])] if new else []
    return [*([] if old.bit_count() == 1 else [edge]), *sibling, *rest]


@given(LEAVES)
def test_root_is_that_of_the_definition(entries: list[bytes]) -> None:
    assert tree_root(map(leaf_hash, entries)) == definition(entries)


@given(LEAVES, st.data())
@settings(max_examples=60, deadline=None)
def test_pymerkle_agrees(entries: list[bytes], data: st.DataObject) -> None:
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        oracle.append_entry(entry)
    hashes = [leaf_hash(entry) for entry in entries]

    def node(level: int, index: int) -> bytes:
        return tree_root(hashes[index << level : (index + 1) << level])

    new = data.draw(st.integers(1, len(entries)))
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, new - 1))
    assert oracle.get_root(new) == tree_root(hashes[:new])
    ours = prove_inclusion(node, index, new)
    assert [hashes[index], *ours] == oracle.prove_inclusion(index + 1, new).path
    growth = prove_consistency(node, old, new)
    assert list(growth) == subproof(old, hashes[:new], whole=True)
    theirs = oracle.prove_consistency(old, new)
    pymerkle.verify_consistency(tree_root(hashes[:old]), tree_root(hashes[:new]), theirs, old, new)
    assert list(growth) == (in_rfc_order(theirs, old) if old < new else [])
    verify_inclusion(hashes[index], index, new, ours, tree_root(hashes[:new]))
    verify_consistency(old, new, growth, tree_root(hashes[:old]), tree_root(hashes[:new]))


@given(st.integers(1, 200), st.data())
@settings(max_examples=80, deadline=None)
def test_a_tampered_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(b"%d" % i) for i in range(size)]

    def node(level: int, index: int) -> bytes:
        return tree_root(hashes[index << level : (index + 1) << level])

    index = data.draw(st.integers(0, size - 1))
    root = tree_root(hashes)
    proof = list(prove_inclusion(node, index, size))
    verify_inclusion(hashes[index], index, size, proof, root)
    others = [(index + 1, size, proof, root), (index, size + 1, proof, node(0, 0) if size > 1 else bytes(32))]
    others += [(index, size, [*proof, root], root), (index, size, proof[:-1], root)] if proof else []
    for at in range(len(proof)):
        changed = list(proof)
        changed[at] = bytes([changed[at][0] ^ 1]) + changed[at][1:]
        others.append((index, size, changed, root))
    for bad_index, bad_size, bad_proof, bad_root in others:
        with pytest.raises(VerificationError):
            verify_inclusion(hashes[index], bad_index, bad_size, bad_proof, bad_root)


@given(st.lists(st.integers(1, 700), min_size=1, max_size=5), st.data())
@settings(max_examples=25, deadline=None)
def test_tiles_hold_the_tree_however_it_grew(steps: list[int], data: st.DataObject) -> None:
    total = sum(steps)
    entries = [b"entry %d" % i for i in range(total)]
    hashes = [leaf_hash(entry) for entry in entries]
    builder, files, size = TileBuilder(), {}, 0
    for step in steps:
        for tile, content in builder.add(hashes[size : size + step]):
            files[tile.path] = content
        size += step
        assert builder.size == size
        assert all(tile.path in files for tile in right_edge(size))
        assert builder.root() == tree_root(hashes[:size])
    for first in range(0, total, 256):
        part = entries[first : first + 256]
        suffix = f".p/{len(part)}" if len(part) < 256 else ""
        files[f"tile/entries/{first // 256:03d}{suffix}"] = encode_bundle(part)

    def fetch(path: str) -> bytes:
        if path not in files:
            raise ResourceMissingError(f"no {path}")
        return files[path]

    tree = TiledTree(total, builder.root(), fetch)
    start = data.draw(st.integers(0, total))
    end = data.draw(st.integers(start, total))
    assert list(tree.entries(start, end)) == entries[start:end]
    index = data.draw(st.integers(0, total - 1))
    verify_inclusion(hashes[index], index, total, tree.inclusion(index), tree.root)
    old = data.draw(st.integers(1, total))
    verify_consistency(old, total, tree.consistency(old), tree_root(hashes[:old]), tree.root)
    assert tree.root_at(old) == tree_root(hashes[:old])
    assert TileBuilder(tree.edge()).root() == tree.root
