"""The homography between picture and ground."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.positions import Positions

LOCAL_FRAME = "local"
LEAST_BREADTH = 0.01
"""Of points, across as a share of along."""


def from_points(
    pixels: Sequence[tuple[float, float]], metres: Sequence[tuple[float, float]], *, standard_error_m: float
) -> Calibration:
    """Calibration from four or more surveyed points; least squares where there are more.

    ``pixels``: in the reference picture. ``metres``: the same points in a local ground frame.
    The standard error is at least the residual of the fit. Raises InvalidGeometryError.
    """
    source, target = np.asarray(pixels, np.float64), np.asarray(metres, np.float64)
    if source.shape != target.shape or source.ndim != 2 or len(source) < 4:
        raise InvalidGeometryError(
            "points do not calibrate a camera",
            expected="at least four points, each in px and in m",
            came=f"{len(pixels)} in px, {len(metres)} in m",
            remedy="Survey more points: passerby calibrate --help.",
        )
    homography, _ = cv2.findHomography(source, target, 0)
    if homography is None or min(_breadth(source), _breadth(target)) < LEAST_BREADTH:
        raise InvalidGeometryError(
            "points do not calibrate a camera",
            expected="points that are not all on one line, in the picture and on the ground",
            came="points on one line",
            remedy="Survey another point, well aside of that line.",
        )
    residual = np.linalg.norm(to_ground(source, homography) - target, axis=1)
    error = max(standard_error_m, float(np.sqrt(np.mean(residual**2))))
    return Calibration(np.asarray(homography, np.float64), error, "surveyed points")


def _breadth(points: NDArray[np.float64]) -> float:
    """Spread of points [N, 2] across their main direction, as a share of that along it."""
    along, across = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return float(across / along) if along > 0 else 0.0


def positions(foot: NDArray[np.float32], calibration: Calibration) -> Positions:
    """Ground positions of foot points float32[N, 2] px of the reference picture; NaN at and above the horizon."""
    return Positions(to_ground(foot, calibration.homography), LOCAL_FRAME, calibration.standard_error_m)


def to_ground(pixels: NDArray[np.floating], homography: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[N, 2] m, NaN at and above the horizon.

    A point is below the horizon where its third coordinate has the sign that it has far down the picture.
    """
    points = np.concatenate([np.asarray(pixels, np.float64), np.ones((len(pixels), 1))], axis=1) @ homography.T
    depth = points[:, 2]
    below = np.sign(homography[2] @ np.array([0.0, 1e9, 1.0])) or 1.0
    ground = np.full((len(points), 2), np.nan)
    seen = depth * below > 1e-12
    ground[seen] = points[seen, :2] / depth[seen, None]
    return ground
