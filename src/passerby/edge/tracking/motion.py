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

    ``mean``: float64[N, 8], four values (px) and their velocities (px/s). ``covariance``: float64[N, 4, 2, 2].
    """

    def __init__(self) -> None:
        self.mean = np.zeros((0, 8))
        self.covariance = np.zeros((0, 4, 2, 2))

    def predict(self, seconds: float) -> None:
        """Move every box on by ``seconds``."""
        if not len(self.mean):
            return
        self.mean[:, :4] += seconds * self.mean[:, 4:]
        step = np.array([[1.0, seconds], [0.0, 1.0]])
        noise = np.array([[seconds**4 / 4, seconds**3 / 2], [seconds**3 / 2, seconds**2]])
        scale = (_VELOCITY * self._size()) ** 2
        self.covariance = step @ self.covariance @ step.T + scale[:, None, None, None] * noise

    def update(self, which: NDArray[np.int64], boxes: Array) -> None:
        """Correct the boxes ``which`` by what was seen, float64[M, 4] xyxy."""
        if not len(which):
            return
        noise = (_POSITION * self._size()[which]) ** 2
        covariance = self.covariance[which]
        gain = covariance[..., 0] / (covariance[..., 0, 0] + noise[:, None])[..., None]
        surprise = to_state(boxes) - self.mean[which, :4]
        self.mean[which, :4] += gain[..., 0] * surprise
        self.mean[which, 4:] += gain[..., 1] * surprise
        self.covariance[which] = covariance - gain[..., :, None] * covariance[..., None, 0, :]

    def add(self, boxes: Array) -> None:
        """Begin with new boxes, at rest and unsure about it."""
        state = to_state(boxes)
        start = np.zeros((len(boxes), 4, 2, 2))
        start[..., 0, 0] = (2 * _POSITION * state[:, 3, None]) ** 2
        start[..., 1, 1] = state[:, 3, None] ** 2
        self.mean = np.concatenate([self.mean, np.concatenate([state, np.zeros_like(state)], axis=1)])
        self.covariance = np.concatenate([self.covariance, start])

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Forget the others."""
        self.mean, self.covariance = self.mean[mask], self.covariance[mask]

    def boxes(self) -> Array:
        """float64[N, 4] xyxy now."""
        return to_box(self.mean)

    def _size(self) -> Array:
        return np.maximum(self.mean[:, 3], 1.0)
