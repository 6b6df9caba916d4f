"""How each family of detectors writes its boxes."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.errors import PasserbyError
from passerby.edge.detection.spec import DetectorSpec

Boxes = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]
"""xyxy float32[N, 4] in px of the input, score float32[N], class int64[N]; every score ≥ the threshold."""

_STRIDES = (8, 16, 32)


class HeadError(PasserbyError):
    """The outputs of the model do not fit the head that its description names."""


def decode(outputs: Sequence[NDArray[np.float32]], spec: DetectorSpec) -> Boxes:
    """Boxes of one picture. Raises HeadError where the shapes do not fit."""
    return _DECODERS[spec.head](outputs, spec)


def _yolox(outputs: Sequence[NDArray[np.float32]], spec: DetectorSpec) -> Boxes:
    """Ge et al., YOLOX (2021): centre offset and log size on a grid, objectness × class score."""
    centres, strides = _grid(spec.width, spec.height, _STRIDES, 0.0)
    raw = outputs[0].reshape(-1, outputs[0].shape[-1])
    if raw.shape[0] != len(centres) or raw.shape[1] < 6:
        raise HeadError("model is no raw YOLOX", expected=f"[{len(centres)}, 5 + classes]", came=str(raw.shape))
    keep, score, number = _best(raw[:, 5:], spec, raw[:, 4])
    raw, stride = raw[keep], strides[keep, None]
    centre = raw[:, :2] * stride + centres[keep]
    half = np.exp(raw[:, 2:4]) * stride / 2
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32), score, number


def _nanodet(outputs: Sequence[NDArray[np.float32]], spec: DetectorSpec) -> Boxes:
    """NanoDet with generalised focal loss (Li et al., 2020): expected distance to each side over bins, in strides."""
    pairs: dict[int, dict[bool, NDArray[np.float32]]] = {}
    for output in outputs:
        flat = output.reshape(-1, output.shape[-1])
        pairs.setdefault(flat.shape[0], {})[flat.shape[1] % 4 == 0 and flat.shape[1] < 80] = flat
    levels = [pairs.get((spec.height // s) * (spec.width // s), {}) for s in _STRIDES]
    if any(len(level) != 2 for level in levels):
        raise HeadError(
            "model is no NanoDet", expected="scores and distance bins for strides 8, 16, 32", came=str(len(outputs))
        )
    centres, strides = _grid(spec.width, spec.height, _STRIDES, 0.5)
    keep, score, number = _best(np.concatenate([level[False] for level in levels]), spec, None)
    bins = _rows([level[True] for level in levels], keep)
    bins = bins.reshape(len(bins), 4, bins.shape[1] // 4)
    weight = np.exp(bins - bins.max(axis=2, keepdims=True))
    distance = (weight @ np.arange(bins.shape[2], dtype=np.float32)) / weight.sum(axis=2) * strides[keep, None]
    centre = centres[keep]
    return (
        np.concatenate([centre - distance[:, :2], centre + distance[:, 2:]], axis=1).astype(np.float32),
        score,
        number,
    )


def _rows(levels: Sequence[NDArray[np.float32]], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """Rows of the levels one below the other by their ascending numbers."""
    begins = np.cumsum([0, *(len(level) for level in levels)])
    parts = np.split(numbers, np.searchsorted(numbers, begins[1:-1]))
    return np.concatenate([level[part - begin] for level, part, begin in zip(levels, parts, begins[:-1], strict=True)])


def _end_to_end(outputs: Sequence[NDArray[np.float32]], spec: DetectorSpec) -> Boxes:
    rows = outputs[0].reshape(-1, outputs[0].shape[-1])
    if rows.shape[1] != 6:
        raise HeadError("model is not end to end", expected="[N, 6]", came=str(rows.shape))
    number = rows[:, 5].astype(np.int64)
    keep = (rows[:, 4] >= spec.threshold) & np.isin(number, list(spec.classes))
    return rows[keep, :4].astype(np.float32), rows[keep, 4].astype(np.float32), number[keep]


_DECODERS: dict[str, Callable[[Sequence[NDArray[np.float32]], DetectorSpec], Boxes]] = {
    "yolox": _yolox,
    "nanodet": _nanodet,
    "end-to-end": _end_to_end,
}


@lru_cache(maxsize=32)
def _grid(
    width: int, height: int, strides: Sequence[int], offset: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Anchor points float32[N, 2] in px, and the stride of each, row by row and level by level."""
    points, sizes = [], []
    for stride in strides:
        rows, columns = height // stride, width // stride
        y, x = np.mgrid[:rows, :columns].reshape(2, -1)
        points.append((np.stack([x, y], axis=1) + offset) * stride)
        sizes.append(np.full(rows * columns, stride))
    return np.concatenate(points).astype(np.float32), np.concatenate(sizes).astype(np.float32)


def _best(
    scores: NDArray[np.float32], spec: DetectorSpec, objectness: NDArray[np.float32] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]:
    """The best known class of each anchor where it reaches the threshold."""
    known = np.array(sorted(spec.classes))
    if known[-1] >= scores.shape[1]:
        raise HeadError(
            "model has fewer classes than its description", expected=f"> {known[-1]}", came=str(scores.shape[1])
        )
    part = scores[:, known]
    score = part.max(axis=1)
    if objectness is not None:
        score *= objectness
    keep = np.flatnonzero(score >= spec.threshold)
    return keep, score[keep], known[part[keep].argmax(axis=1)]
