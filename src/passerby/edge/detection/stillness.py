"""Permanent false people: a sign, a statue, a poster is learned and removed; whoever came and stands still is not."""

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.edge.detection.grid import Grid, coarse, median

Boxes = NDArray[np.float32]

_EVERY = 0.55
"""Seconds from one look at the luma to the next, at least, where nobody asks what stands out; boxes are compared with
what was learned at every look."""
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

    def __init__(self, *, every: float = _EVERY) -> None:
        """``every``: s from one look at the luma to the next, at least."""
        self._every = every
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
        people = np.flatnonzero(detections.kind == Kind.PERSON)
        boxes = detections.xyxy[people]
        if self._last is None or not 0 <= now - self._last < self._every:
            self._observe(coarse(frame.luma), detections.xyxy, boxes, frame.size, now)
        false = people[self._on_learned_places(boxes)]
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
        return np.array([_mostly(different[part]) for part in _under(cells)], bool)

    def _observe(self, grid: Grid, anything: Boxes, people: Boxes, size: tuple[int, int], now: float) -> None:
        """Look at the picture (``size`` in px) and at all boxes in it, and at those of people."""
        if self._before is None or self._before.shape != grid.shape:
            self._begin(grid, now)
        step = min(max(0.0, now - self._last), _LONGEST_STEP) if self._last is not None else 0.0
        self._last = now
        to_cells = np.array([grid.shape[1] / size[0], grid.shape[0] / size[1]] * 2, np.float32)
        self._watch(grid, step, anything * to_cells)
        self._learn(people, people * to_cells, step, now)

    def _begin(self, grid: Grid, now: float) -> None:
        self.reset()
        self._last = now
        self._before = grid
        self._home = grid.copy()
        self._rest = np.zeros(grid.shape)
        self._noise = 1.0

    def _watch(self, grid: Grid, step: float, cells: Boxes) -> None:
        """Which cells moved since it was last looked at them, and which are not as they were at home."""
        assert self._before is not None
        change = grid - self._before
        light = median(change)
        change = np.abs(change - light)
        self._home += light
        self._noise += 0.05 * (1.4826 * float(median(change)) - self._noise)
        least = max(_CONTRAST_SHARE * float(grid.std()), _NOISE_FACTOR * self._noise)
        self._before = grid
        self._moved = change > least
        self._rest += step
        self._rest[self._moved] = 0.0
        away = grid - self._home
        self._foreign = np.abs(away - median(away)) > 2 * least
        if np.count_nonzero(self._foreign) > _SCENE_SHARE * grid.size:
            self._home, self._foreign = grid.copy(), np.zeros(grid.shape, bool)
            self._places, self._still, self._seen = self._places[:0], self._still[:0], self._seen[:0]
        calm = ~self._foreign & (self._rest >= _SETTLE_SECONDS)
        np.add(self._home, min(1.0, step / _FOLLOW_SECONDS) * (grid - self._home), out=self._home, where=calm)
        empty = self._rest >= _EMPTY_SECONDS
        for part in _under(cells):
            empty[part] = False
        np.copyto(self._home, grid, where=empty)

    def _learn(self, boxes: Boxes, cells: Boxes, step: float, now: float) -> None:
        fresh = []
        for k, (box, place, part) in enumerate(zip(boxes, self._places_of(boxes), _under(cells), strict=True)):
            if place is None:
                fresh.append(k)
                continue
            self._seen[place] = now
            moved, foreign = self._moved[part].any(), _mostly(self._foreign[part])
            if self._still[place] >= _STILL_SECONDS:
                if foreign and not moved:
                    self._still[place] = 0.0
                continue
            self._still[place] = 0.0 if moved or foreign else self._still[place] + step
            self._places[place] += 0.2 * (box - self._places[place])
        self._places = np.concatenate([self._places, boxes[fresh]])
        self._still = np.concatenate([self._still, np.zeros(len(fresh))])
        self._seen = np.concatenate([self._seen, np.full(len(fresh), now)])
        kept = now - self._seen <= np.where(self._still >= _STILL_SECONDS, _UNSEEN_SECONDS, 1.0)
        self._places, self._still, self._seen = self._places[kept], self._still[kept], self._seen[kept]

    def _on_learned_places(self, boxes: Boxes) -> NDArray[np.bool_]:
        learned = self._still >= _STILL_SECONDS
        if not learned.any():
            return np.zeros(len(boxes), bool)
        return np.array([place is not None and learned[place] for place in self._places_of(boxes)], bool)

    def _places_of(self, boxes: Boxes) -> list[int | None]:
        """For each box the learned place that it is taken for, if any."""
        if not len(self._places):
            return [None] * len(boxes)
        (left, top, right, bottom), (west, north, east, south) = boxes.T[:, :, None], self._places.T
        wide = np.minimum(right, east) - np.maximum(left, west)
        high = np.minimum(bottom, south) - np.maximum(top, north)
        common = np.maximum(wide, 0) * np.maximum(high, 0)
        either = (right - left) * (bottom - top) + (east - west) * (south - north) - common
        share = common / np.maximum(either, np.float32(1e-6))
        best = share.argmax(axis=1)
        return [place if share[k, place] >= _SAME_PLACE else None for k, place in enumerate(best.tolist())]


def _mostly(foreign: NDArray[np.bool_]) -> bool:
    return bool(np.count_nonzero(foreign) > _FOREIGN_SHARE * foreign.size)


def _under(cells: Boxes) -> list[tuple[slice, slice]]:
    """Rows and columns of the grid that lie under each box."""
    low = np.floor(cells[:, :2]).astype(int)
    high = np.maximum(np.ceil(cells[:, 2:]).astype(int), low + 1)
    sides = zip(low.tolist(), high.tolist(), strict=True)
    return [(slice(top, bottom), slice(left, right)) for (left, top), (right, bottom) in sides]
