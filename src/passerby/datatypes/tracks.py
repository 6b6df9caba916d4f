"""Who moved where, for the length of a window, under a number drawn at random."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.errors import InvalidValueError


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tracks:
    """Confirmed tracks seen in one frame (never coasting ones); secret, never leaves the edge.

    ``id``: int64[N], random, cut after ρ seconds, linked to nothing else. ``xyxy``: float32[N, 4] px of the reference
    picture. ``kind``: uint8[N]. ``instant``: UTC.
    """

    id: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    kind: NDArray[np.uint8]
    instant: datetime

    def __post_init__(self) -> None:
        n = len(self.id)
        if self.xyxy.shape != (n, 4) or self.kind.shape != (n,):
            raise InvalidValueError(
                "tracks do not fit together",
                expected="id[N], xyxy[N, 4], kind[N]",
                came=f"{self.id.shape}, {self.xyxy.shape}, {self.kind.shape}",
            )

    @property
    def foot(self) -> NDArray[np.float32]:
        """float32[N, 2]: middle of the lower edge of each box, px."""
        return np.stack([(self.xyxy[:, 0] + self.xyxy[:, 2]) / 2, self.xyxy[:, 3]], axis=1)

    def __repr__(self) -> str:
        return "Tracks(…)"
