"""A tree behind its tiles: whatever comes back was checked against the root, so the server need not be trusted."""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from passerby.tlog.errors import TlogError, VerificationError
from passerby.tlog.proof import Proof, prove_consistency, prove_inclusion, range_root
from passerby.tlog.tile import HASH, WIDTH, Tile, bundle_of, edge_root, parse_bundle, right_edge, split_tile
from passerby.tlog.tree import leaf_hash, tree_root

Fetch = Callable[[str], bytes]
"""Bytes at a path relative to the prefix of the log; raises ResourceMissingError where there are none."""

_KEPT = 1024


class ResourceMissingError(TlogError):
    """The log does not serve a file that it owes. Fetchers raise it."""


class TileMismatchError(VerificationError):
    """A tile or bundle whose hashes do not belong to the root that was signed."""


class RangeError(TlogError):
    """Entries that are not in the tree."""


class TiledTree:
    """The tree of ``size`` leaves with ``root``, read through ``fetch``."""

    def __init__(self, size: int, root: bytes, fetch: Fetch) -> None:
        self.size = size
        self.root = root
        self._fetch = fetch
        self._full: OrderedDict[Tile, list[bytes]] = OrderedDict()
        self._edge: list[list[bytes]] | None = None

    def edge(self) -> list[list[bytes]]:
        """Hashes of the partial tile of every level, lowest first, checked. Raises TileMismatchError."""
        if self._edge is None:
            edge: list[list[bytes]] = [[] for _ in range(-(-self.size.bit_length() // 8))]
            for tile in right_edge(self.size):
                edge[tile.level or 0] = split_tile(self._fetch_tile(tile), tile.width)
            if edge_root(edge) != self.root:
                raise _mismatch("the right edge of the tree")
            self._edge = edge
        return self._edge

    def tile(self, level: int, index: int) -> list[bytes]:
        """Hashes of a full or partial tile. Raises TileMismatchError, TileLengthError, ResourceMissingError."""
        if index == self.size >> (8 * level) >> 8:
            return self.edge()[level]
        tile = Tile(level, index)
        if tile in self._full:
            self._full.move_to_end(tile)
            return self._full[tile]
        hashes = split_tile(self._fetch(tile.path), WIDTH)
        self._accept(tile, hashes)
        return hashes

    def node(self, level: int, index: int) -> bytes:
        """Root of the complete subtree over leaves [index·2^level, (index+1)·2^level)."""
        within = level % 8
        first = index << within
        hashes = self.tile(level // 8, first // WIDTH)
        return tree_root(hashes[first % WIDTH : first % WIDTH + (1 << within)])

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """Entries [start, end), each checked. Raises RangeError and those of ``tile``."""
        if not 0 <= start <= end <= self.size:
            raise RangeError("no such entries", expected=f"a range within 0 to {self.size}", came=f"{start} to {end}")
        while start < end:
            bundle = bundle_of(start, self.size)
            first = bundle.index * WIDTH
            yield from self._bundle(bundle)[start - first : end - first]
            start = first + WIDTH

    def inclusion(self, index: int) -> Proof:
        """Inclusion proof of a leaf."""
        return prove_inclusion(self.node, index, self.size)

    def consistency(self, old: int) -> Proof:
        """Consistency proof from an older size."""
        return prove_consistency(self.node, old, self.size)

    def root_at(self, size: int) -> bytes:
        """Root that this tree had when it was smaller."""
        return range_root(self.node, 0, size)

    def _bundle(self, bundle: Tile) -> list[bytes]:
        try:
            entries = parse_bundle(self._fetch(bundle.path), bundle.width)
        except ResourceMissingError:
            if bundle.width == WIDTH:
                raise
            entries = parse_bundle(self._fetch(bundle.full.path), WIDTH)[: bundle.width]
        hashes = [leaf_hash(entry) for entry in entries]
        if bundle.width == WIDTH:
            self._accept(Tile(0, bundle.index), hashes)
        elif hashes != self.edge()[0]:
            raise _mismatch(bundle.path)
        return entries

    def _accept(self, tile: Tile, hashes: list[bytes]) -> None:
        level = tile.level or 0
        above = self.tile(level + 1, tile.index // WIDTH)
        if tree_root(hashes) != above[tile.index % WIDTH]:
            raise _mismatch(tile.path)
        self._full[tile] = hashes
        if len(self._full) > _KEPT:
            self._full.popitem(last=False)

    def _fetch_tile(self, tile: Tile) -> bytes:
        try:
            return self._fetch(tile.path)
        except ResourceMissingError:
            return self._fetch(tile.full.path)[: tile.width * HASH]


def _mismatch(what: str) -> TileMismatchError:
    return TileMismatchError(
        f"{what} does not belong to the signed root",
        remedy="Fetch it again; if it stays so, the log was rewritten or damaged: keep its checkpoint as evidence.",
    )
