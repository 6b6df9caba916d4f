"""Constant-velocity Kalman filters for many boxes at once (Bewley et al., SORT, 2016; height instead of area)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POSITION = 1 / 20
"""Standard deviation of measurement, in sizes: the longer sides of boxes."""
_MIDDLE, _START, _VELOCITY = np.array([[1 / 12, 1 / 4], [0.6, 3.0], [1 / 4, 1.0]])
"""The same for who walks, and for what drives: of a box's middle where it has to be recognised (feet are hidden,
strides open and close), of the velocity of what is new (1/s), of acceleration (1/s²)."""


def to_state(xyxy: Array) -> Array:
    """float64[N, 4] left, top, right, bottom → centre x, foot y, width, height."""
    left, top, right, bottom = xyxy.T
    return np.array([(left + right) / 2, bottom, right - left, bottom - top]).T


def _middle(state: Array) -> Array:
    return np.array([state[:, 0], state[:, 1] - state[:, 3] / 2]).T


class Motion:
    """State of N boxes.

    ``mean``: float64[N, 8], four values (px) and their velocities (px/s). ``covariance``: float64[3, N], variance of a
    value, its covariance with its velocity, variance of that; all four values of a box have the same.
    """

    def __init__(self) -> None:
        self.mean = np.zeros((0, 8))
        self.drives = np.zeros(0, np.int64)
        self.covariance = np.zeros((3, 0))

    def predict(self, seconds: float) -> None:
        """Move every box on by ``seconds``."""
        self.mean[:, :4] += seconds * self.mean[:, 4:]
        step = np.array([[1.0, 2 * seconds, seconds**2], [0.0, 1.0, seconds], [0.0, 0.0, 1.0]])
        noise = np.array([[seconds**4 / 4], [seconds**3 / 2], [seconds**2]])
        self.covariance = step @ self.covariance + noise * (_VELOCITY[self.drives] * self._size()) ** 2

    def update(self, which: NDArray[np.int64], boxes: Array) -> None:
        """Correct the boxes ``which`` by what was seen, float64[M, 4] xyxy."""
        position, both, _ = self.covariance[:, which]
        seen = position + (_POSITION * self._size()[which]) ** 2
        gain, gain_velocity = position / seen, both / seen
        surprise = to_state(boxes) - self.mean[which, :4]
        self.mean[which] += np.concatenate([gain[:, None] * surprise, gain_velocity[:, None] * surprise], axis=1)
        self.covariance[:, which] -= np.array([gain * position, gain * both, gain_velocity * both])

    def add(self, boxes: Array, drives: NDArray[np.bool_]) -> None:
        """Begin with new boxes, at rest and unsure about it. ``drives``: bool[M], none of them is on foot."""
        state = to_state(boxes)
        size = state[:, 2:].max(axis=1, initial=0.0)
        start = np.array([(2 * _POSITION * size) ** 2, np.zeros_like(size), (_START[drives.astype(int)] * size) ** 2])
        self.drives = np.concatenate([self.drives, drives.astype(np.int64)])
        self.mean = np.concatenate([self.mean, np.concatenate([state, np.zeros_like(state)], axis=1)])
        self.covariance = np.concatenate([self.covariance, start], axis=1)

    def strangeness(self, boxes: Array) -> Array:
        """How little each of ``boxes``, float64[M, 4] xyxy, is where each track should be, float64[N, M]: −2 log of the
        density of its middle under the prediction, over the highest one that a perfect prediction would give. It is the
        squared Mahalanobis distance, and more for whoever was not seen for long: they could be anywhere, and nowhere in
        particular.
        """
        least = (_MIDDLE[self.drives] * self._size()) ** 2
        variance = self.covariance[0] + least
        apart = _middle(to_state(boxes))[None] - _middle(self.mean)[:, None]
        return np.asarray((apart**2).sum(axis=2) / variance[:, None] + 2 * np.log(variance / least)[:, None])

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Forget the others."""
        self.mean, self.covariance, self.drives = self.mean[mask], self.covariance[:, mask], self.drives[mask]

    def _size(self) -> Array:
        return np.asarray(self.mean[:, 2:4].max(axis=1, initial=1.0))
