"""Area entries and person-seconds."""

import random
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.area import MeasurementArea
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.sample import Sample

MARGIN = 0.05
"""Hysteresis, in heights of the person: how far the foot point must be beyond the border to have crossed it."""


class AreaEntries:
    """Entries into areas: changes of a track's foot point from outside to inside, with hysteresis.

    Whoever appears inside has not entered, so that a loiterer whose track breaks counts once. Unit: entries.
    """

    def __init__(self, areas: tuple[MeasurementArea, ...], allowance: Allowance) -> None:
        self._areas = [(area.id, polygon_array(area)) for area in areas]
        self._allowance = allowance
        self._inside: dict[tuple[int, str], bool] = {}

    def observe(self, sample: Sample) -> Iterator[tuple[str, str, int]]:
        """(area, kind, entries) of this frame."""
        for area, polygon in self._areas:
            depth = depth_inside(polygon, sample.foot)
            for k, track in enumerate(sample.id.tolist()):
                margin = MARGIN * sample.height[k]
                before = self._inside.get((track, area))
                if before is None:
                    self._inside[track, area] = bool(depth[k] > 0)
                elif not before and depth[k] > margin:
                    self._inside[track, area] = True
                    if granted := self._allowance.take(track):
                        yield area, sample.kind[k], granted
                elif before and depth[k] < -margin:
                    self._inside[track, area] = False

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track."""
        self._inside = {key: value for key, value in self._inside.items() if key[0] in tracks}
        self._allowance.keep(tracks)


class PersonSeconds:
    """Time spent in areas: Σ over tracks of the seconds during which the foot point is inside. Unit: s.

    Each track adds whole seconds; where its first second begins is random, so that the sum has no bias.
    Mean occupancy is person-seconds / window in s (Little, 1961); mean density is occupancy / area in m²
    (``formulas.density``).
    """

    def __init__(self, areas: tuple[MeasurementArea, ...], allowance: Allowance) -> None:
        self._areas = [(area.id, polygon_array(area)) for area in areas]
        self._allowance = allowance
        self._dwell: dict[tuple[int, str], float] = {}

    def observe(self, sample: Sample) -> Iterator[tuple[str, str, int]]:
        """(area, kind, seconds) of this frame."""
        for area, polygon in self._areas:
            inside = depth_inside(polygon, sample.foot) >= 0
            for k in np.flatnonzero(inside).tolist():
                track = int(sample.id[k])
                dwell = self._dwell.get((track, area), random.random()) + sample.seconds
                whole = int(dwell)
                self._dwell[track, area] = dwell - whole
                if whole and (granted := self._allowance.take(track, whole)):
                    yield area, sample.kind[k], granted

    def keep(self, tracks: set[int]) -> None:
        """Forget every other track."""
        self._dwell = {key: value for key, value in self._dwell.items() if key[0] in tracks}
        self._allowance.keep(tracks)


def polygon_array(area: MeasurementArea) -> NDArray[np.float32]:
    """Vertices float32[V, 1, 2] as OpenCV wants them."""
    return np.asarray(area.polygon, np.float32)[:, None, :]


def depth_inside(polygon: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance to the border in px, positive inside, float64[N]."""
    return np.array([cv2.pointPolygonTest(polygon, (float(x), float(y)), True) for x, y in points], np.float64)
