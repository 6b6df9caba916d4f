"""The Merkle tree of RFC 6962, section 2.1: SHA-256, leaf H(00‖d), node H(01‖l‖r), empty root H("")."""

from collections.abc import Iterable
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of an entry, 32 bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node over two 32-byte hashes."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree of which only the roots of the complete subtrees are kept, largest first (at most 63 hashes)."""

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self._roots = list(roots)
        if len(self._roots) != size.bit_count():
            raise ValueError(f"a tree of size {size} has {size.bit_count()} complete subtrees, not {len(self._roots)}")

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest (leftmost) first."""
        return tuple(self._roots)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        n = self.size
        while n & 1:
            leaf = node_hash(self._roots.pop(), leaf)
            n >>= 1
        self._roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Root hash of the tree so far."""
        if not self._roots:
            return EMPTY_ROOT
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = node_hash(left, root)
        return root


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root hash over leaf *hashes* in order; MTH of RFC 6962."""
    frontier = Frontier()
    for leaf in leaf_hashes:
        frontier.append(leaf)
    return frontier.root()
