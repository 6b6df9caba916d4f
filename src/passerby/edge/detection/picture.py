"""From planes to the detector's input, without a full-size colour picture in between."""

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.frame import Frame
from passerby.edge.detection.spec import DetectorSpec

# ITU-R BT.601, studio range: columns Y, U, V, constant.
_TO_RGB = np.array(
    [
        [1.164384, 0.0, 1.596027, -222.921],
        [1.164384, -0.391762, -0.812968, 135.576],
        [1.164384, 2.017232, 0.0, -276.836],
    ],
    np.float32,
)
_GREY = 114
cv2.setNumThreads(1)
"""A camera has one thread; more for one picture would cost more than they save."""

FULL_SPAN, MOST_GAIN, MIDDLE = 140.0, 20.0, 110.0


def to_input(frame: Frame, spec: DetectorSpec) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Colour picture uint8[H, W, 3] for the detector, and the factors from its px to the frame's px (x, y)."""
    width, height = frame.size
    if spec.fit == "stretch":
        inner = (spec.width, spec.height)
    else:
        shrink = min(spec.width / width, spec.height / height)
        inner = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    planes = [
        cv2.resize(p, inner, interpolation=cv2.INTER_LINEAR) for p in (frame.luma, frame.chroma_u, frame.chroma_v)
    ]
    matrix = _stretched(_TO_RGB if spec.colour == "rgb" else _TO_RGB[::-1], planes[0])
    colour = cv2.transform(cv2.merge(planes), matrix)
    if inner != (spec.width, spec.height):
        padded = np.full((spec.height, spec.width, 3), _GREY, np.uint8)
        padded[: inner[1], : inner[0]] = colour
        colour = padded
    return colour, (width / inner[0], height / inner[1])


def _stretched(matrix: NDArray[np.float32], luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same conversion for a picture with little contrast (night, fog), after its luma was spread around the middle
    and its chroma as much: detectors were trained on daylight. ``luma``: as small as the detector's input."""
    low, high = np.percentile(luma[::4, ::4], [2, 98])
    gain = min(FULL_SPAN / max(high - low, 1.0), MOST_GAIN)
    if gain <= 1:
        return matrix
    before = np.array([gain, gain, gain, 1.0], np.float32)
    shift = np.array([MIDDLE - gain * (low + high) / 2, 128 * (1 - gain), 128 * (1 - gain)], np.float32)
    stretched = matrix * before
    stretched[:, 3] = matrix[:, 3] + matrix[:, :3] @ shift
    return np.asarray(stretched, np.float32)
