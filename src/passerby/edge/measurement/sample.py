"""What a family sees of one frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sample:
    """Tracks of one frame, kinds as labels; secret.

    ``id``: int64[N]. ``kind``: N labels. ``foot``: float64[N, 2] px. ``height``: float64[N] px.
    ``ground``: float64[N, 2] m or None without a calibration. ``seconds``: since the frame before, 0 after a gap.
    """

    id: NDArray[np.int64]
    kind: list[str]
    foot: NDArray[np.float64]
    height: NDArray[np.float64]
    ground: NDArray[np.float64] | None
    seconds: float
    time: float
