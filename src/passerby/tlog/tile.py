"""Tiles of 256 hashes and bundles of 256 entries, and where a log serves them: https://c2sp.org/tlog-tiles."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from passerby.tlog.canonical import LARGEST
from passerby.tlog.errors import ParseError, TlogError
from passerby.tlog.tree import Frontier, tree_root

WIDTH = 256
HASH = 32
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class TilePathError(ParseError):
    """A path that names no tile in the one canonical way."""


class TileRangeError(TlogError):
    """Coordinates that no tile has."""


class TileLengthError(ParseError):
    """A tile whose bytes are not ``width`` hashes."""


class BundleError(ParseError):
    """An entry bundle that ends too early or too late."""


class EntryTooLongError(TlogError):
    """An entry that a bundle cannot hold."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Coordinates: ``level`` 0 to 7 of hashes, or None for the bundle of entries; ``width`` 1 to 256 (full)."""

    level: int | None
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        leaves = 8 * (1 + (self.level or 0))
        if not (0 <= (self.level or 0) <= 7 and 1 <= self.width <= WIDTH and 0 <= self.index <= LARGEST >> leaves):
            raise TileRangeError("no such tile", came=f"level {self.level}, index {self.index}, width {self.width}")

    @property
    def full(self) -> "Tile":
        """The full tile at the same place."""
        return Tile(self.level, self.index)

    @property
    def path(self) -> str:
        """Where it is served, relative to the prefix of the log: ``tile/0/x001/234.p/7``."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        where = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{where}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """The tile at a path. Raises TilePathError."""
        match = _PATH.fullmatch(path)
        try:
            if match:
                level = None if match[1] == "entries" else int(match[1])
                tile = cls(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH))
                if tile.path == path:
                    return tile
        except TileRangeError:
            pass
        raise TilePathError("path names no tile", expected="such as tile/0/x001/234.p/7", came=repr(path[:80]))


def right_edge(size: int) -> Iterator[Tile]:
    """The partial tiles of hashes that a tree of ``size`` ends with, lowest level first."""
    level = 0
    while size >> (8 * level):
        count = size >> (8 * level)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level += 1


def bundle_of(index: int, size: int) -> Tile:
    """The bundle that holds entry ``index`` in a tree of ``size``."""
    n = index // WIDTH
    return Tile(None, n, min(WIDTH, size - n * WIDTH))


def split_tile(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile. Raises TileLengthError."""
    if len(data) != width * HASH:
        raise TileLengthError("tile has the wrong length", expected=f"{width * HASH} bytes", came=f"{len(data)} bytes")
    return [data[i : i + HASH] for i in range(0, len(data), HASH)]


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each behind its length as big-endian uint16. Raises EntryTooLongError."""
    parts = []
    for entry in entries:
        if len(entry) > 0xFFFF:
            raise EntryTooLongError("entry is too long", expected="at most 65,535 bytes", came=f"{len(entry)} bytes")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Exactly ``width`` entries. Raises BundleError."""
    entries = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or len(data) - at < 2:
            raise BundleError("entry bundle is cut off", came=f"{len(data)} bytes")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width:
        raise BundleError(
            "entry bundle has another length", expected=f"{width} entries", came=f"{len(entries)} entries"
        )
    return entries


class TileBuilder:
    """Grows a tree and tells which tiles change. Keeps the right edge alone, at most 8 × 255 hashes."""

    def __init__(self, edge: Sequence[Sequence[bytes]] = ()) -> None:
        """``edge``: for each level the hashes of its partial tile (maybe none) in a tree that exists already."""
        self._edge = [list(hashes) for hashes in edge]
        self._full = [0] * len(self._edge)
        for level in reversed(range(len(self._edge))):
            above = (self._full[level + 1] * WIDTH + len(self._edge[level + 1])) if level + 1 < len(self._edge) else 0
            self._full[level] = above

    @property
    def size(self) -> int:
        """Leaves in the tree."""
        return self._full[0] * WIDTH + len(self._edge[0]) if self._edge else 0

    def copy(self) -> "TileBuilder":
        """An independent builder of the same tree."""
        return TileBuilder(self._edge)

    def add(self, leaves: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Append leaf hashes; returns the full tiles that came into being and the partial tiles that changed."""
        made: list[tuple[Tile, bytes]] = []
        fresh, level = list(leaves), 0
        while fresh:
            if level == len(self._edge):
                self._edge.append([])
                self._full.append(0)
            pending, above = self._edge[level] + fresh, []
            complete = len(pending) // WIDTH * WIDTH
            for start in range(0, complete, WIDTH):
                hashes = pending[start : start + WIDTH]
                made.append((Tile(level, self._full[level]), b"".join(hashes)))
                above.append(tree_root(hashes))
                self._full[level] += 1
            self._edge[level] = pending[complete:]
            if self._edge[level]:
                made.append((Tile(level, self._full[level], len(self._edge[level])), b"".join(self._edge[level])))
            fresh, level = above, level + 1
        return made

    def root(self) -> bytes:
        """Root hash of the tree."""
        return edge_root(self._edge)


def edge_root(edge: Sequence[Sequence[bytes]]) -> bytes:
    """Root of the tree whose partial tiles, lowest level first, hold these hashes."""
    roots: list[bytes] = []
    size = 0
    for level in reversed(range(len(edge))):
        part = Frontier()
        for value in edge[level]:
            part.append(value)
        roots += part.roots
        size += len(edge[level]) << (8 * level)
    return Frontier(size, roots).root()
