"""Where people stand on the ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.errors import InvalidValueError


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Positions:
    """Ground positions of the tracks of one frame, in the same order; secret, never leaves the edge.

    ``xy``: float64[N, 2] in m, in ``crs`` (a local east-north-like frame of the camera); NaN above the horizon.
    ``standard_error_m``: typical error of a position, in m.
    """

    xy: NDArray[np.float64]
    crs: str
    standard_error_m: float

    def __post_init__(self) -> None:
        if self.xy.ndim != 2 or self.xy.shape[1] != 2:
            raise InvalidValueError("positions have the wrong shape", expected="xy[N, 2]", came=str(self.xy.shape))

    def __repr__(self) -> str:
        return "Positions(…)"
