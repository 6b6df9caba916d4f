"""From the picture to the ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.errors import InvalidGeometryError

LARGEST_ERROR_M = 0.5
"""Standard error of a place above which nothing is said in metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A homography from the reference picture (px) to the ground (m, local frame, z = 0).

    ``homography``: float64[3, 3], maps (x, y, 1) px to (X, Y, 1) m up to scale.
    ``standard_error_m``: typical error of a ground position inside the measured areas, in m.
    ``source``: how it was found ("surveyed points", "people who pass").
    """

    homography: NDArray[np.float64]
    standard_error_m: float
    source: str

    def __post_init__(self) -> None:
        h = self.homography
        if h.shape != (3, 3) or not np.isfinite(h).all() or abs(np.linalg.det(h)) < 1e-15:
            raise InvalidGeometryError(
                "calibration is not a homography",
                expected="an invertible, finite 3×3 matrix",
                came=f"an array of shape {h.shape}",
                remedy="Calibrate the camera again: passerby calibrate --help.",
            )
        if not self.standard_error_m > 0:
            raise InvalidGeometryError(
                "calibration has no standard error",
                expected="a positive number of metres",
                came=str(self.standard_error_m),
                remedy="Calibrate the camera again: passerby calibrate --help.",
            )
