"""A decoded picture. It lives in memory for one pass through the edge and nowhere else."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """Planes of one picture in YUV 4:2:0 and the instant at which it was taken.

    ``luma``: uint8[H, W]. ``chroma_u``, ``chroma_v``: uint8[ceil(H/2), ceil(W/2)], in the range of the stream.
    ``instant``: UTC, from the stream's clock.
    """

    luma: NDArray[np.uint8]
    chroma_u: NDArray[np.uint8]
    chroma_v: NDArray[np.uint8]
    instant: datetime

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.luma.shape[1], self.luma.shape[0]

    def __repr__(self) -> str:
        return "Frame(…)"
