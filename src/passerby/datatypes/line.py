"""A line that people cross."""

import math
from dataclasses import dataclass

from passerby.datatypes.errors import InvalidGeometryError


@dataclass(frozen=True, slots=True)
class MeasurementLine:
    """A directed segment in the camera's reference picture, in px.

    Seen from ``start`` towards ``end``, a crossing from the left side (image y down) to the right side is
    *forward*, the other way *backward*.
    """

    id: str
    start: tuple[float, float]
    end: tuple[float, float]

    def __post_init__(self) -> None:
        length = math.dist(self.start, self.end)
        if not math.isfinite(length) or length < 1.0:
            raise InvalidGeometryError(
                f"line {self.id!r} is too short to cross",
                expected="two finite points at least 1 px apart",
                came=f"{self.start} to {self.end}",
                remedy="Draw the line again.",
            )
