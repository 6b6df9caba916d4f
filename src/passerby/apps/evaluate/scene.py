"""What was there, or what was seen, frame by frame. It stays in memory; only errors leave."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Seen:
    """People in one frame.

    ``id``: int64[N]. ``xyxy``: float64[N, 4] px. ``ground``: float64[N, 2] m, NaN where nobody knows.
    ``seconds``: since the first frame of the video.
    """

    id: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    ground: NDArray[np.float64]
    seconds: float

    @property
    def foot(self) -> NDArray[np.float64]:
        """float64[N, 2]: middle of the lower edge, px."""
        return np.stack([(self.xyxy[:, 0] + self.xyxy[:, 2]) / 2, self.xyxy[:, 3]], axis=1)

    def only(self, which: NDArray[np.bool_]) -> "Seen":
        """The people of the mask."""
        return Seen(self.id[which], self.xyxy[which], self.ground[which], self.seconds)


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of every pair of xyxy boxes, float64[N, M]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    areas = [np.clip(box[:, 2:] - box[:, :2], 0, None).prod(axis=1) for box in (a, b)]
    return np.asarray(common / np.maximum(areas[0][:, None] + areas[1][None, :] - common, 1e-9))
