"""Line crossings."""

import math
from collections.abc import Iterator

from passerby.datatypes.line import MeasurementLine
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.sample import Sample

Point = tuple[float, float]
MARGIN = 0.05
"""Hysteresis, in heights of the person, on each side of the line."""


class LineCrossings:
    """Crossings of a directed segment by the foot point.

    A track has a side once its foot point is further from the line than the margin; a crossing is a change of side
    whose way between the two places meets the segment. Loitering on the line changes nothing. Unit: crossings.
    """

    def __init__(self, lines: tuple[MeasurementLine, ...], allowance: Allowance) -> None:
        self._lines = lines
        self._allowance = allowance
        self._place: dict[tuple[int, str], tuple[bool, Point]] = {}

    def observe(self, sample: Sample) -> Iterator[tuple[str, str, int]]:
        """(line, ``kind.forward`` or ``kind.backward``, crossings) of this frame."""
        for line in self._lines:
            for k, track in enumerate(sample.id.tolist()):
                foot = (float(sample.foot[k, 0]), float(sample.foot[k, 1]))
                distance = signed_distance(line, foot)
                if abs(distance) <= MARGIN * sample.height[k]:
                    continue
                right = distance > 0
                before = self._place.get((track, line.id))
                self._place[track, line.id] = (right, foot)
                if before is None or before[0] == right or not _meets(line, before[1], foot):
                    continue
                if granted := self._allowance.take(track):
                    yield line.id, f"{sample.kind[k]}.{'forward' if right else 'backward'}", granted

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track."""
        self._place = {key: value for key, value in self._place.items() if key[0] in tracks}
        self._allowance.keep(tracks)


def signed_distance(line: MeasurementLine, point: Point) -> float:
    """Distance to the infinite line in px; positive on the right-hand side seen from start to end (y down)."""
    (x1, y1), (x2, y2) = line.start, line.end
    return ((x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)) / math.dist(line.start, line.end)


def _meets(line: MeasurementLine, a: Point, b: Point) -> bool:
    """Whether the way from a to b, on different sides of the line, meets the segment itself."""
    da, db = signed_distance(line, a), signed_distance(line, b)
    t = da / (da - db)
    x, y = a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
    (x1, y1), (x2, y2) = line.start, line.end
    along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / math.dist(line.start, line.end) ** 2
    return 0 <= along <= 1
