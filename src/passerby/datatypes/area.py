"""An area that people enter and stay in."""

import math
from dataclasses import dataclass

from passerby.datatypes.errors import InvalidGeometryError


@dataclass(frozen=True, slots=True)
class MeasurementArea:
    """A simple polygon in the camera's reference picture, vertices in px, not closed."""

    id: str
    polygon: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.polygon) < 3 or not all(math.isfinite(v) for p in self.polygon for v in p):
            raise InvalidGeometryError(
                f"area {self.id!r} is no polygon",
                expected="at least 3 finite vertices",
                came=f"{len(self.polygon)} vertices",
                remedy="Draw the area again.",
            )
        if self._self_intersects():
            raise InvalidGeometryError(
                f"area {self.id!r} crosses itself",
                expected="a simple polygon",
                came="edges that intersect",
                remedy="Give the vertices in order around the area.",
            )
        if abs(signed_area(self.polygon)) < 1.0:
            raise InvalidGeometryError(
                f"area {self.id!r} is empty",
                expected="at least 1 px² inside",
                came=f"{abs(signed_area(self.polygon)):.3g} px²",
                remedy="Draw the area again.",
            )

    def _self_intersects(self) -> bool:
        p = self.polygon
        n = len(p)
        for i in range(n):
            for j in range(i + 1, n):
                if j == i + 1 or (i == 0 and j == n - 1):
                    continue
                if _properly_cross(p[i], p[(i + 1) % n], p[j], p[(j + 1) % n]):
                    return True
        return False


def signed_area(polygon: tuple[tuple[float, float], ...]) -> float:
    """Shoelace formula; the sign tells the orientation of the vertices."""
    n = len(polygon)
    return 0.5 * sum(
        polygon[i][0] * polygon[(i + 1) % n][1] - polygon[(i + 1) % n][0] * polygon[i][1] for i in range(n)
    )


def _properly_cross(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
