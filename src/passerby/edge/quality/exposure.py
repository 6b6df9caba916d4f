"""Light, noise and sharpness of one picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from passerby.datatypes.outage import Outage
from passerby.edge.quality.levels import LEVELS, Luma, counts, quantiles, rows_of

DETAIL_WIDTH = 416
"""Width in px to which detectors shrink a picture: finer blur than theirs does no harm."""
LEAST_RANGE = 6.0
LEAST_RANGE_TO_NOISE = 3.5
LEAST_SHARPNESS = 0.035
DARK = 48.0
ENOUGH = 32_768
UNSURE = 0.2
"""Share of the noise's variance that its own estimate may be wrong by."""


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


def exposure(luma: Luma, samples: Luma, before: Luma | None) -> Exposure:
    """``luma``: uint8[H, W]. ``samples``: of it. ``before``: of the frame before, or None."""
    rows = rows_of(luma)
    variance = _variance_in_space(rows)
    if before is not None and before.shape == samples.shape:
        variance = min(variance, _variance_in_time(cv2.absdiff(samples, before)))
    counted = counts(samples)
    low, high = quantiles(counted, 0.05, 0.95)
    span = max(0.0, (high - low) ** 2 - (2 * 1.645) ** 2 * variance) ** 0.5
    fine = max(1, round(luma.shape[1] / DETAIL_WIDTH))
    near, far = (_squares(rows, step) for step in (fine, 8 * fine))
    sharpness = None
    if far > 4 * variance and far > near:
        sharpness = max(near - 2 * variance, UNSURE * variance) / (far - 2 * variance)
    return Exposure(float(counted @ LEVELS) / samples.size, span, variance**0.5, sharpness)


def _squares(rows: Luma, step: int) -> float:
    """Mean square of the differences between samples that are ``step`` apart."""
    one, other = rows[:, step:], rows[:, :-step]
    return cv2.norm(one, other, cv2.NORM_L2SQR) / max(one.size, 1)


def _variance_in_space(rows: Luma) -> float:
    """Of the second differences along rows, by their median (after Immerkær, 1996); fine texture raises it. Some rows
    are enough for a median."""
    some = rows[:: max(1, rows.size // ENOUGH)]
    second = cv2.convertScaleAbs(cv2.Sobel(some, cv2.CV_16S, 2, 0, ksize=1))
    (middle,) = quantiles(counts(second), 0.5)
    return (middle / 0.6745) ** 2 / 6


def _variance_in_time(change: Luma) -> float:
    """Of the difference of two frames, motion limited to what noise would do; a picture full of motion raises it."""
    counted = counts(change)
    (middle,) = quantiles(counted, 0.5)
    return float(counted @ np.minimum(LEVELS, 2.5 * (1.0 + middle)) ** 2) / change.size / 2
