"""Inclusion and consistency proofs: made after RFC 6962 (2.1), verified after RFC 9162 (2.1.3, 2.1.4)."""

from collections.abc import Callable, Sequence

from passerby.tlog.canonical import LARGEST
from passerby.tlog.errors import VerificationError
from passerby.tlog.tree import EMPTY_ROOT, node_hash

Nodes = Callable[[int, int], bytes]
"""(level, index) → root of the complete subtree over leaves [index·2^level, (index+1)·2^level)."""

Proof = tuple[bytes, ...]


class ProofRangeError(VerificationError):
    """An index or size that lies outside the tree."""


class ProofLengthError(VerificationError):
    """A proof with too many or too few hashes, or a hash that is not 32 bytes long."""


class InclusionError(VerificationError):
    """A proof that does not lead from the leaf to the root."""


class ConsistencyError(VerificationError):
    """A proof that does not lead from the old root to the new one: one of the trees was rewritten."""


def range_root(nodes: Nodes, start: int, end: int) -> bytes:
    """Root over leaves [start, end), where start is a multiple of the largest power of two that fits before ``end``."""
    size = end - start
    if size == 0:
        return EMPTY_ROOT
    parts = []
    while size:
        level = size.bit_length() - 1
        parts.append(nodes(level, start >> level))
        start += 1 << level
        size -= 1 << level
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def prove_inclusion(nodes: Nodes, index: int, size: int) -> Proof:
    """PATH(index, D[size]), from the leaf's sibling up. Raises ProofRangeError."""
    if not 0 <= index < size <= LARGEST:
        raise ProofRangeError("no such leaf", expected=f"an index below the size {size}", came=str(index))
    hashes = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            hashes.append(range_root(nodes, middle, end))
            end = middle
        else:
            hashes.append(range_root(nodes, start, middle))
            start = middle
    return tuple(reversed(hashes))


def prove_consistency(nodes: Nodes, old: int, new: int) -> Proof:
    """PROOF(old, D[new]); empty where ``old`` is 0 or equals ``new``. Raises ProofRangeError."""
    if not 0 <= old <= new <= LARGEST:
        raise ProofRangeError("no such old tree", expected=f"a size of at most {new}", came=str(old))
    if old in (0, new):
        return ()
    hashes = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            hashes.append(range_root(nodes, middle, end))
            end = middle
        else:
            hashes.append(range_root(nodes, start, middle))
            start = middle
            whole = False
    if not whole:
        hashes.append(range_root(nodes, start, end))
    return tuple(reversed(hashes))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at ``index``. Raises ProofRangeError, ProofLengthError, InclusionError."""
    if not 0 <= index < size <= LARGEST:
        raise ProofRangeError("no such leaf", expected=f"an index below the size {size}", came=str(index))
    _check_hashes((leaf, root, *proof))
    position, last, running = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofLengthError("inclusion proof is too long", came=f"{len(proof)} hashes")
        if position & 1 or position == last:
            running = node_hash(sibling, running)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            running = node_hash(running, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise ProofLengthError("inclusion proof is too short", came=f"{len(proof)} hashes")
    if running != root:
        raise InclusionError("leaf is not in the tree", expected=f"root {root.hex()}", came=running.hex())


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the old tree begins the new one. Raises ProofRangeError, ProofLengthError, ConsistencyError."""
    if not 0 <= old <= new <= LARGEST:
        raise ProofRangeError("no such old tree", expected=f"a size of at most {new}", came=str(old))
    _check_hashes((old_root, new_root, *proof))
    if old == 0 and old_root != EMPTY_ROOT:
        raise ConsistencyError("the empty tree has another root", expected=EMPTY_ROOT.hex(), came=old_root.hex())
    if old in (0, new):
        if proof:
            raise ProofLengthError("consistency proof is too long", expected="no hashes", came=f"{len(proof)} hashes")
        if old == new and old_root != new_root:
            raise ConsistencyError("two trees of one size differ", expected=old_root.hex(), came=new_root.hex())
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofLengthError("consistency proof is too short", came="no hashes")
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old_running = new_running = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofLengthError("consistency proof is too long", came=f"{len(proof)} hashes")
        if position & 1 or position == last:
            old_running = node_hash(sibling, old_running)
            new_running = node_hash(sibling, new_running)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new_running = node_hash(new_running, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise ProofLengthError("consistency proof is too short", came=f"{len(proof)} hashes")
    if old_running != old_root:
        raise ConsistencyError("proof does not fit the old tree", expected=old_root.hex(), came=old_running.hex())
    if new_running != new_root:
        raise ConsistencyError("proof does not fit the new tree", expected=new_root.hex(), came=new_running.hex())


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != 32:
            raise ProofLengthError("hash has the wrong length", expected="32 bytes", came=f"{len(value)} bytes")
