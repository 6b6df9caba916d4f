"""How large a metre is in the picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.edge.groundplane.homography import to_ground


def pixels_per_metre(points: Sequence[tuple[float, float]], calibration: Calibration) -> NDArray[np.float64]:
    """px of the reference picture for a metre across the view, float64[N], where points (px) touch the ground.

    Where the camera is level, points of a row are equally far away (Hartley & Zisserman, 2004, 8.6), so that this is
    also the scale of whoever stands there upright, seen from the front. NaN at and above the horizon.
    """
    pixels = np.asarray(points, np.float64)
    step = np.array([0.5, 0.0])
    ground = to_ground(pixels + step, calibration.homography) - to_ground(pixels - step, calibration.homography)
    return np.asarray(1.0 / np.linalg.norm(ground, axis=1), np.float64)
