"""Constant-velocity Kalman filters for many boxes at once (Bewley et al., SORT, 2016; height instead of area)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POSITION, _VELOCITY = 1 / 20, 1 / 4
"""Standard deviations of measurement and of acceleration (1/s²), in heights of the box."""


def to_state(xyxy: Array) -> Array:
    """float64[N, 4] left, top, right, bottom → centre x, foot y, width, height."""
    return np.stack(
        [(xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3], xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]], axis=1
    )


def to_box(state: Array) -> Array:
    """Inverse of ``to_state``."""
    x, foot, width, height = state[:, :4].T
    return np.stack([x - width / 2, foot - height, x + width / 2, foot], axis=1)


class Motion:
    """State of N boxes.

    ``mean``: float64[N, 8], four values (px) and their velocities (px/s). ``covariance``: float64[3, N], variance of a
    value, its covariance with its velocity, variance of that; all four values of a box have the same.
    """

    def __init__(self) -> None:
        self.mean = np.zeros((0, 8))
        self.covariance = np.zeros((3, 0))

    def predict(self, seconds: float) -> None:
        """Move every box on by ``seconds``."""
        self.mean[:, :4] += seconds * self.mean[:, 4:]
        step = np.array([[1.0, 2 * seconds, seconds**2], [0.0, 1.0, seconds], [0.0, 0.0, 1.0]])
        noise = np.array([[seconds**4 / 4], [seconds**3 / 2], [seconds**2]])
        self.covariance = step @ self.covariance + noise * (_VELOCITY * self._size()) ** 2

    def update(self, which: NDArray[np.int64], boxes: Array) -> None:
        """Correct the boxes ``which`` by what was seen, float64[M, 4] xyxy."""
        position, both, _ = self.covariance[:, which]
        seen = position + (_POSITION * self._size()[which]) ** 2
        gain, gain_velocity = position / seen, both / seen
        surprise = to_state(boxes) - self.mean[which, :4]
        self.mean[which] += np.concatenate([gain[:, None] * surprise, gain_velocity[:, None] * surprise], axis=1)
        self.covariance[:, which] -= np.stack([gain * position, gain * both, gain_velocity * both])

    def add(self, boxes: Array) -> None:
        """Begin with new boxes, at rest and unsure about it."""
        state = to_state(boxes)
        height = state[:, 3]
        start = np.stack([(2 * _POSITION * height) ** 2, np.zeros_like(height), height**2])
        self.mean = np.concatenate([self.mean, np.concatenate([state, np.zeros_like(state)], axis=1)])
        self.covariance = np.concatenate([self.covariance, start], axis=1)

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Forget the others."""
        self.mean, self.covariance = self.mean[mask], self.covariance[:, mask]

    def boxes(self) -> Array:
        """float64[N, 4] xyxy now."""
        return to_box(self.mean)

    def _size(self) -> Array:
        return np.maximum(self.mean[:, 3], 1.0)
