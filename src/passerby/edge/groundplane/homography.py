"""The homography between picture and ground."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.positions import Positions

LOCAL_FRAME = "local"
LEAST_BREADTH = 0.01
"""Of points, across as a share of along."""
_ROUNDS, _CERTAIN = 10, 1e-7


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
    homography = _fitted(source, target)
    if homography is None or min(_breadth(source), _breadth(target)) < LEAST_BREADTH:
        raise InvalidGeometryError(
            "points do not calibrate a camera",
            expected="points that are not all on one line, in the picture and on the ground, and below the horizon",
            came="points on one line, or in another order",
            remedy="Survey another point, well aside of that line; see that each has its own metres.",
        )
    residual = np.linalg.norm(to_ground(source, homography) - target, axis=1)
    error = max(standard_error_m, float(np.sqrt(np.mean(residual**2))))
    return Calibration(homography, error, "surveyed points")


def _fitted(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """float64[3, 3] that takes ``source`` to ``target`` [N, 2] with the least squares of error there, with a third
    coordinate of 1 in the middle of ``source``; None where points on a line leave it open, or some are beyond the
    horizon. Normalised direct linear transformation, then Gauss-Newton (Hartley and Zisserman, Multiple View Geometry,
    2004, 4.1 to 4.5)."""
    before, after = _normaliser(source), _normaliser(target)
    p, q = _homogeneous(source) @ before.T, (_homogeneous(target) @ after.T)[:, :2]
    _, sizes, directions = np.linalg.svd(_rows(p, q))
    if sizes[7] < _CERTAIN * sizes[0]:
        return None
    found = directions[8].reshape(3, 3)
    for _ in range(_ROUNDS):
        depth = p @ found[2:].T
        if depth.min() * depth.max() <= 0:
            return None
        reached = p @ found[:2].T / depth
        found = found + np.linalg.lstsq(_rows(p / depth, reached), (q - reached).T.ravel())[0].reshape(3, 3)
    found = np.linalg.solve(after, found @ before)
    return np.asarray(found / (found[2, :2] @ source.mean(axis=0) + found[2, 2]))


def _rows(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[2N, 9]: by the nine numbers of a homography, the derivative of p·h₁ − q₁ p·h₃ and of p·h₂ − q₂ p·h₃."""
    rows = np.zeros((2, len(p), 9))
    rows[0, :, :3] = rows[1, :, 3:6] = p
    rows[:, :, 6:] = -q.T[:, :, None] * p
    return rows.reshape(-1, 9)


def _normaliser(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The similarity float64[3, 3] that brings points [N, 2] about the origin, at a mean distance of √2."""
    centre = points.mean(axis=0)
    size = np.linalg.norm(points - centre, axis=1).mean() / np.sqrt(2) or 1.0
    return np.array([[1 / size, 0, -centre[0] / size], [0, 1 / size, -centre[1] / size], [0, 0, 1]])


def _homogeneous(points: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(points, np.float64), np.ones((len(points), 1))], axis=1)


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
    points = _homogeneous(pixels) @ homography.T
    depth = points[:, 2]
    below = np.sign(homography[2] @ np.array([0.0, 1e9, 1.0])) or 1.0
    ground = np.full((len(points), 2), np.nan)
    seen = depth * below > 1e-12
    ground[seen] = points[seen, :2] / depth[seen, None]
    return ground
