"""What the detector found in one frame."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.errors import InvalidValueError


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Detections:
    """Boxes in one frame; secret, never leaves the edge.

    ``xyxy``: float32[N, 4], left, top, right, bottom in px of the reference picture.
    ``score``: float32[N] in [0, 1]. ``kind``: uint8[N], values of Kind. ``instant``: UTC.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    kind: NDArray[np.uint8]
    instant: datetime

    def __post_init__(self) -> None:
        n = len(self.score)
        if self.xyxy.shape != (n, 4) or self.kind.shape != (n,) or self.score.shape != (n,):
            raise InvalidValueError(
                "detections do not fit together",
                expected="xyxy[N, 4], score[N], kind[N]",
                came=f"{self.xyxy.shape}, {self.score.shape}, {self.kind.shape}",
            )

    @classmethod
    def none(cls, instant: datetime) -> "Detections":
        """Nobody and nothing."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.uint8), instant)

    def __repr__(self) -> str:
        return "Detections(…)"
