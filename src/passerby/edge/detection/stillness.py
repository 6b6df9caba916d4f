"""Permanent false people: a sign, a statue, a poster is learned and removed; whoever came and stands still is not."""

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind

Grid = NDArray[np.float32]
Boxes = NDArray[np.float32]

_COLUMNS = 96
_STILL_SECONDS = 8.0
_UNSEEN_SECONDS = 10.0
_SAME_PLACE = 0.6
_SETTLE_SECONDS, _LONGEST_STEP = 1.0, 1.5
_FOLLOW_SECONDS, _EMPTY_SECONDS = 20.0, 30.0
_FOREIGN_SHARE = 0.3
_SCENE_SHARE = 0.4
_NOISE_FACTOR, _CONTRAST_SHARE = 6.0, 0.1
"""A cell has moved where its luma changed by more than six times the noise and a tenth of the picture's contrast (its
standard deviation). People who stand still move by more than that within any second; things do not."""


class StillThings:
    """Learns places where a person's box stands and nothing has ever moved, and removes the boxes there.

    The picture's luma, averaged over about 96 cells across, is all that is kept of it. Each cell has a *home*: its luma
    when it first came to rest. Whoever walks up to a place makes its cells foreign to their home, and keeps them so for
    as long as they stand there, be it hours; a thing that belongs to the place does not. What rests for 30 s under no
    box is a new home, and homes follow the light. A place is learned once a box was seen there for 8 s while its cells
    were at home and none of them moved. It is forgotten when something else stands there, or when no box was seen there
    for 10 s.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a gap or when the scene has changed."""
        self._last: float | None = None
        self._before: Grid | None = None
        self._places = np.zeros((0, 4), np.float32)
        self._still = np.zeros(0)
        self._seen = np.zeros(0)

    def remove_from(self, detections: Detections, frame: Frame) -> Detections:
        """Boxes (px of the frame) without those on learned places. Frames must come in order of time."""
        now = frame.instant.timestamp()
        grid = coarse(frame.luma)
        if self._before is None or self._before.shape != grid.shape:
            self._begin(grid, now)
        step = min(now - self._last, _LONGEST_STEP) if self._last is not None else 0.0
        self._last = now
        (rows, columns), (width, height) = grid.shape, frame.size
        to_cells = np.array([columns / width, rows / height] * 2, np.float32)
        self._watch(grid, step, detections.xyxy * to_cells)
        people = np.flatnonzero(detections.kind == Kind.PERSON)
        boxes = detections.xyxy[people]
        false = people[self._learn(boxes, boxes * to_cells, step, now)]
        if not len(false):
            return detections
        keep = np.ones(len(detections.score), bool)
        keep[false] = False
        return Detections(detections.xyxy[keep], detections.score[keep], detections.kind[keep], detections.instant)

    def stands_out(self, detections: Detections, frame: Frame) -> NDArray[np.bool_]:
        """Boxes (px of the frame that ``remove_from`` was last asked about) under which the picture moved or is not as
        it was at home: somebody is there, even where the detector hesitates. Cells that lie under a box by half count
        alone: whoever passes a cone moves those around it. bool[N]"""
        (rows, columns), (width, height) = self._moved.shape, frame.size
        cells = np.rint(detections.xyxy * np.array([columns / width, rows / height] * 2, np.float32))
        different = self._moved | self._foreign
        parts = [different[part] for part in _under(cells)]
        return np.array([bool(part.size) and part.mean() > _FOREIGN_SHARE for part in parts], bool)

    def _begin(self, grid: Grid, now: float) -> None:
        self.reset()
        self._last = now
        self._before = grid
        self._home = grid.copy()
        self._rest = np.zeros(grid.shape)
        self._noise = 1.0

    def _watch(self, grid: Grid, step: float, cells: Boxes) -> None:
        """Which cells moved since the frame before, and which are not as they were at home."""
        assert self._before is not None
        change = grid - self._before
        light = _median(change)
        change -= light
        self._home += light
        self._noise += 0.05 * (1.4826 * float(_median(np.abs(change))) - self._noise)
        least = max(_CONTRAST_SHARE * float(grid.std()), _NOISE_FACTOR * self._noise)
        self._before = grid
        self._moved = np.abs(change) > least
        self._rest = np.where(self._moved, 0.0, self._rest + step)
        away = grid - self._home
        away -= _median(away)
        self._foreign = np.abs(away) > 2 * least
        if self._foreign.mean() > _SCENE_SHARE:
            self._home, self._foreign = grid.copy(), np.zeros(grid.shape, bool)
            self._places, self._still, self._seen = self._places[:0], self._still[:0], self._seen[:0]
        calm = ~self._foreign & (self._rest >= _SETTLE_SECONDS)
        self._home[calm] += min(1.0, step / _FOLLOW_SECONDS) * (grid - self._home)[calm]
        empty = self._rest >= _EMPTY_SECONDS
        for part in _under(cells):
            empty[part] = False
        self._home[empty] = grid[empty]

    def _learn(self, boxes: Boxes, cells: Boxes, step: float, now: float) -> NDArray[np.bool_]:
        false = np.zeros(len(boxes), bool)
        for k, (box, part) in enumerate(zip(boxes, _under(cells), strict=True)):
            place = self._place_of(box)
            moved, foreign = self._state(part)
            if place is None:
                self._add(box, now)
                continue
            self._seen[place] = now
            if self._still[place] >= _STILL_SECONDS:
                if foreign > _FOREIGN_SHARE and not moved:
                    self._still[place] = 0.0
                else:
                    false[k] = True
                continue
            self._still[place] = 0.0 if moved or foreign > _FOREIGN_SHARE else self._still[place] + step
            self._places[place] += 0.2 * (box - self._places[place])
        kept = now - self._seen <= np.where(self._still >= _STILL_SECONDS, _UNSEEN_SECONDS, 1.0)
        self._places, self._still, self._seen = self._places[kept], self._still[kept], self._seen[kept]
        return false

    def _place_of(self, box: Boxes) -> int | None:
        if not len(self._places):
            return None
        low, high = np.maximum(self._places[:, :2], box[:2]), np.minimum(self._places[:, 2:], box[2:])
        common = np.clip(high - low, 0, None).prod(axis=1)
        area = (self._places[:, 2:] - self._places[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod() - common
        best = int(np.argmax(common / np.maximum(area, 1e-6)))
        return best if common[best] >= _SAME_PLACE * area[best] else None

    def _state(self, part: tuple[slice, slice]) -> tuple[bool, float]:
        """Whether any cell of a part of the grid moved, and the share of them that is foreign."""
        return bool(self._moved[part].any()), float(self._foreign[part].mean()) if self._foreign[part].size else 0.0

    def _add(self, box: Boxes, now: float) -> None:
        self._places = np.concatenate([self._places, box[None]])
        self._still = np.append(self._still, 0.0)
        self._seen = np.append(self._seen, now)


def _under(cells: Boxes) -> list[tuple[slice, slice]]:
    """Rows and columns of the grid that lie under each box."""
    low = np.floor(cells[:, :2]).astype(int)
    high = np.maximum(np.ceil(cells[:, 2:]).astype(int), low + 1)
    sides = zip(low.tolist(), high.tolist(), strict=True)
    return [(slice(top, bottom), slice(left, right)) for (left, top), (right, bottom) in sides]


def _median(values: Grid) -> np.float32:
    """As NumPy's, in half the time for so few."""
    low, high = (values.size - 1) // 2, values.size // 2
    ordered = np.partition(values, (low, high), axis=None)
    return np.float32((ordered[low] + ordered[high]) / 2)


def coarse(luma: NDArray[np.uint8]) -> Grid:
    """Mean luma of about 96 cells across, float32[h, w], from sixteen samples a cell."""
    stride = max(1, luma.shape[1] // _COLUMNS)
    height, width = (side // stride for side in luma.shape)
    offsets = sorted({k * stride // 4 for k in range(4)})
    rows = np.zeros((height, width * stride), np.uint16)
    for offset in offsets:
        rows += luma[offset : offset + height * stride : stride, : width * stride][:height]
    cells = np.zeros((height, width), np.uint16)
    for offset in offsets:
        cells += rows[:, offset::stride]
    return np.asarray(cells, np.float32) / np.float32(len(offsets) ** 2)
