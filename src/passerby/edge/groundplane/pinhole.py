"""A camera above level ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pinhole:
    """Square pixels, no distortion, the principal point in the middle of the picture.

    ``picture``: width and height, px. ``focal``: px. ``tilt``: rad, of the optical axis below the horizon. ``roll``:
    rad, clockwise around it. ``height``: m above the ground.

    Ground frame in m: the camera stands above the origin, y is forward, x to the right, z up.
    """

    picture: tuple[int, int]
    focal: float
    tilt: float
    roll: float
    height: float

    def axes(self) -> Array:
        """float64[3, 3]: rows are the directions of the picture's right, down and depth in the ground frame."""
        right = np.array([1.0, 0.0, 0.0])
        down = np.array([0.0, -np.sin(self.tilt), -np.cos(self.tilt)])
        depth = np.array([0.0, np.cos(self.tilt), -np.sin(self.tilt)])
        c, s = np.cos(self.roll), np.sin(self.roll)
        return np.stack([c * right + s * down, c * down - s * right, depth])

    def project(self, points: Array) -> Array:
        """float64[N, 2] px of points float64[N, 3] m; NaN behind the camera."""
        seen = (points - np.array([0.0, 0.0, self.height])) @ self.axes().T
        depth = np.where(seen[:, 2] > 1e-6, seen[:, 2], np.nan)
        return np.asarray(self._middle() + self.focal * seen[:, :2] / depth[:, None])

    def ground(self, pixels: Array) -> Array:
        """float64[N, 2] m where rays meet the ground; NaN at and above the horizon."""
        rays = np.concatenate([(pixels - self._middle()) / self.focal, np.ones((len(pixels), 1))], 1) @ self.axes()
        down = np.where(rays[:, 2] < -1e-6, -rays[:, 2], np.nan)
        return np.asarray(self.height * rays[:, :2] / down[:, None])

    def homography(self) -> Array:
        """float64[3, 3]: from (x, y, 1) px to (X, Y, 1) m, up to scale."""
        axes = self.axes()
        middle = self._middle()
        inner = np.array([[self.focal, 0, middle[0]], [0, self.focal, middle[1]], [0, 0, 1]])
        to_picture = inner @ np.column_stack([axes[:, 0], axes[:, 1], -self.height * axes[:, 2]])
        back = np.linalg.inv(to_picture)
        return np.asarray(back / np.linalg.norm(back))

    def _middle(self) -> Array:
        return np.array(self.picture, np.float64) / 2
