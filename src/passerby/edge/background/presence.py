"""Where somebody is, was a moment ago, or stayed and may still be."""

import numpy as np
from numpy.typing import NDArray

SILENCE_SECONDS = 3.0
"""For so long before and after a moment no box may have touched a cell."""
STAY_SECONDS = 8.0
"""Who is found at a place for so long stays there, and is not believed to be gone because the detector is silent."""
SAME_PLACE = 0.5
"""Least IoU of two boxes at the same place."""
LARGER = 0.25
"""Boxes are widened by this share of their width and height on each side."""
CHANGED_LUMA, CHANGED_SHARE = 10.0, 0.25

Array = NDArray[np.float64]


class Presence:
    """Time of the last box on each cell of a grid, and places that are held.

    A place is held once a box stayed there. It is let go only when no box is there any more and it looks different
    from what was under the box: somebody left. A detector that loses a person who stands still changes nothing, and
    something that only looks like a person is held for ever.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        """``shape``: rows and columns of the grid."""
        self._shape = shape
        self._last = np.full(shape, -np.inf)
        self._place = np.zeros((0, 4))
        self._since = np.zeros(0)
        self._seen = np.zeros(0)
        self._under: dict[int, NDArray[np.float32]] = {}

    def mark(self, xyxy: NDArray[np.float32], now: float) -> None:
        """Boxes float32[N, 4] in cells, found at ``now`` (s)."""
        boxes = xyxy.astype(np.float64)
        for box in boxes:
            self._last[self._cells(box, LARGER)] = now
        same = _iou(boxes, self._place) >= SAME_PLACE
        self._seen[same.any(axis=0)] = now
        new = boxes[~same.any(axis=1)]
        self._place = np.concatenate([self._place, new])
        self._since = np.concatenate([self._since, np.full(len(new), now)])
        self._seen = np.concatenate([self._seen, np.full(len(new), now)])
        self._keep(self._stayed | (now - self._seen <= SILENCE_SECONDS))

    def settle(self, luma: NDArray[np.float32], now: float) -> None:
        """Let go of the places that were left. ``luma``: float32, mean of each cell."""
        keep = np.ones(len(self._place), bool)
        for index in np.flatnonzero(self._stayed):
            shown = luma[self._cells(self._place[index], 0.0)]
            if self._seen[index] == now or index not in self._under:
                self._under[int(index)] = shown
            elif now - self._seen[index] > SILENCE_SECONDS:
                changed = np.abs(shown - self._under[int(index)]) > CHANGED_LUMA
                keep[index] = changed.mean() < CHANGED_SHARE
        self._keep(keep)

    def free(self, moment: float) -> NDArray[np.bool_]:
        """Cells that no box touched from ``SILENCE_SECONDS`` before the moment until now and that are not held."""
        free = self._last < moment - SILENCE_SECONDS
        for box in self._place[self._stayed]:
            free[self._cells(box, LARGER)] = False
        return free

    @property
    def _stayed(self) -> NDArray[np.bool_]:
        return self._seen - self._since >= STAY_SECONDS

    def _keep(self, mask: NDArray[np.bool_]) -> None:
        if mask.all():
            return
        number = {int(old): new for new, old in enumerate(np.flatnonzero(mask))}
        self._under = {number[index]: shown for index, shown in self._under.items() if index in number}
        self._place, self._since, self._seen = self._place[mask], self._since[mask], self._seen[mask]

    def _cells(self, box: Array, larger: float) -> tuple[slice, slice]:
        left, top, right, bottom = box.tolist()
        wide, high = larger * (right - left), larger * (bottom - top)
        rows, columns = self._shape
        return (
            slice(max(0, int(top - high)), min(rows, max(0, int(np.ceil(bottom + high))))),
            slice(max(0, int(left - wide)), min(columns, max(0, int(np.ceil(right + wide))))),
        )


def _iou(a: Array, b: Array) -> Array:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    areas = np.prod(a[:, 2:] - a[:, :2], axis=1)[:, None] + np.prod(b[:, 2:] - b[:, :2], axis=1)[None]
    return np.asarray(common / np.maximum(areas - common, 1e-9))
