"""Light, noise and sharpness of one picture, from every sixteenth row and sample of its luma."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.outage import Outage

STRIDE = 16
DETAIL_WIDTH = 416
"""Width in px to which detectors shrink a picture: finer blur than theirs does no harm."""
LEAST_RANGE = 6.0
LEAST_RANGE_TO_NOISE = 3.5
LEAST_SHARPNESS = 0.035
DARK = 48.0
ENOUGH = 32_768
UNSURE = 0.2
"""Share of the noise's variance that its own estimate may be wrong by."""

Grid = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Exposure:
    """In 8-bit levels: ``mean`` of the luma; ``span`` between its 5 % and 95 % quantiles, without the noise; ``noise``,
    its standard deviation, the smaller of what differs from px to px and from frame to frame.

    ``sharpness``: variance of differences at 1 px of a detector as a share of that at 8 px, without noise; about 0.25
    in focus, 0.06 with a blur of one such px; None where noise hides it.
    """

    mean: float
    span: float
    noise: float
    sharpness: float | None

    @property
    def fault(self) -> Outage | None:
        """Why nothing can be found in the picture, if so."""
        if self.span < max(LEAST_RANGE, LEAST_RANGE_TO_NOISE * self.noise):
            return Outage.NO_LIGHT if self.mean < DARK or self.span >= LEAST_RANGE else Outage.COVERED
        if self.sharpness is not None and self.sharpness < LEAST_SHARPNESS:
            return Outage.BLURRED
        return None


def exposure(luma: NDArray[np.uint8], before: Grid | None) -> Exposure:
    """``luma``: uint8[H, W]. ``before``: every sixteenth sample of the frame before, or None."""
    rows = np.ascontiguousarray(luma[::STRIDE])
    grid = rows[:, ::STRIDE]
    variance = _variance_in_space(rows)
    if before is not None and before.shape == grid.shape:
        variance = min(variance, _variance_in_time(grid.astype(np.float32) - before))
    low, high = _quantiles(np.bincount(grid.ravel(), minlength=256), (0.05, 0.95))
    span = float(np.sqrt(max(0.0, (high - low) ** 2 - (2 * 1.645) ** 2 * variance)))
    fine = max(1, round(luma.shape[1] / DETAIL_WIDTH))
    near, far = (_squares(rows, step) for step in (fine, 8 * fine))
    sharpness = None
    if far > 4 * variance and far > near:
        sharpness = max(near - 2 * variance, UNSURE * variance) / (far - 2 * variance)
    return Exposure(float(grid.mean()), span, float(np.sqrt(variance)), sharpness)


def _squares(rows: NDArray[np.uint8], step: int) -> float:
    """Mean square of the differences between samples that are ``step`` apart."""
    one, other = rows[:, step:], rows[:, :-step]
    return cv2.norm(one, other, cv2.NORM_L2SQR) / max(one.size, 1)


def _variance_in_space(rows: NDArray[np.uint8]) -> float:
    """Of the second differences along rows, by their median (after Immerkær, 1996); fine texture raises it. Some rows
    are enough for a median."""
    some = rows[:: max(1, rows.size // ENOUGH)].astype(np.int16)
    second = np.abs(some[:, :-2] - 2 * some[:, 1:-1] + some[:, 2:])
    (middle,) = _quantiles(np.bincount(second.ravel(), minlength=1), (0.5,))
    return (middle / 0.6745) ** 2 / 6


def _variance_in_time(difference: NDArray[np.float32]) -> float:
    """Of the difference of two frames, motion limited to what noise would do; a picture full of motion raises it."""
    size = np.abs(difference)
    limit = 2.5 * (1.0 + float(np.median(size)))
    return float(np.mean(np.minimum(size, limit) ** 2)) / 2


def _quantiles(counts: NDArray[np.int64], shares: Sequence[float]) -> list[float]:
    """Of whole numbers, of which ``counts[k]`` are k; between two of them linearly, as everywhere."""
    reached = counts.cumsum()
    at = [share * max(int(reached[-1]) - 1, 0) for share in shares]
    low, high = (reached.searchsorted([side(one) for one in at], "right") for side in (math.floor, math.ceil))
    return [float(a + (b - a) * (one - math.floor(one))) for one, a, b in zip(at, low, high, strict=True)]
