"""The sensors of a city on its map: where they crowd a number stands for them, so that 200,000 can be shown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from passerby.public.directory import Sensor, SensorType

SINGLES = 300
"""As many sensors in view are shown one by one."""
MOST_CELLS = 64
"""Across a view; each holds a sensor, a cluster or nothing."""
CELLS_A_TILE = 3
"""Cells of a view are 2^3 to a map tile of 512 px: 64 px."""
NEAR_KM = 40.0
_EARTH_KM = 6371.0
_DEGREE_M = 110_000.0
_MERCATOR_END = 85.051_128

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Degrees, WGS 84; west is above east where the 180th meridian lies between them."""

    west: float
    south: float
    east: float
    north: float

    def widened(self, metres: float) -> "Bounds":
        """With a margin of at least so many metres, up to the edge of the map."""
        north = metres / _DEGREE_M
        flattest = math.cos(math.radians(min(89.0, max(abs(self.south), abs(self.north)))))
        east = north / flattest
        return Bounds(
            max(-180.0, self.west - east),
            max(-90.0, self.south - north),
            min(180.0, self.east + east),
            min(90.0, self.north + north),
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Sensors too close to each other to be shown one by one; their mean place and their bounds."""

    longitude: float
    latitude: float
    count: int
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Place:
    """Sensors within NEAR_KM of the first of them. ``zone``: that of the first; ``name``: its name, if it is alone."""

    name: str | None
    zone: str
    count: int
    bounds: Bounds


class Geography:
    """Where the sensors of one description of a city are."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sensors = sensors
        self._longitude = np.array([sensor.place.longitude for sensor in sensors], np.float64)
        self._latitude = np.array([sensor.place.latitude for sensor in sensors], np.float64)
        self._x, self._y = _world(self._longitude, self._latitude)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Groups of sensors that are near each other, the largest first."""
        left = np.arange(len(self._sensors))
        found = []
        while len(left):
            near = self._distance_km(int(left[0]), left) <= NEAR_KM
            members, left = left[near], left[~near]
            first = self._sensors[int(members[0])]
            name = first.name if len(members) == 1 else None
            found.append(Place(name, first.zone, len(members), self._bounds(members)))
        return tuple(sorted(found, key=lambda place: -place.count))

    @cached_property
    def cameras(self) -> int:
        """How many of the sensors are cameras."""
        return sum(sensor.type is SensorType.CAMERA for sensor in self._sensors)

    def within(self, bounds: Bounds) -> NDArray[np.int64]:
        """Places in the description of the sensors that stand inside, the edges included, in order."""
        east, west = self._longitude <= bounds.east, self._longitude >= bounds.west
        between = west & east if bounds.west <= bounds.east else west | east
        return np.flatnonzero(between & (self._latitude >= bounds.south) & (self._latitude <= bounds.north))

    def view(self, bounds: Bounds, zoom: float) -> tuple[list[Sensor], list[Cluster]]:
        """What a map that shows ``bounds`` draws: sensors one by one, and clusters of those that crowd.

        ``zoom``: of web maps with tiles of 512 px. The cells of clusters do not move with the view.
        """
        (west, east), (south, north) = _world(
            np.array([bounds.west, bounds.east]), np.array(sorted((bounds.south, bounds.north)))
        )
        east += east < west
        x = np.where(self._x < west, self._x + 1, self._x) if east > 1 else self._x
        widest = max(east - west, south - north, 2.0**-24)
        cells = 2.0 ** min(np.floor(zoom) + CELLS_A_TILE, np.floor(np.log2(MOST_CELLS / widest)))
        left, right = np.floor(west * cells), np.floor(east * cells)
        top, bottom = np.floor(north * cells), np.floor(south * cells)
        column, row = np.floor(x * cells), np.floor(self._y * cells)
        shown = np.flatnonzero((column >= left) & (column <= right) & (row >= top) & (row <= bottom))
        if len(shown) <= SINGLES:
            return [self._sensors[int(n)] for n in shown], []
        key = ((row[shown] - top) * (right - left + 1) + column[shown] - left).astype(np.int64)
        counts = np.bincount(key)
        alone = counts[key] == 1
        return [self._sensors[int(n)] for n in shown[alone]], self._clusters(shown[~alone], key[~alone], counts)

    def _clusters(self, members: NDArray[np.int64], key: NDArray[np.int64], counts: NDArray[np.int64]) -> list[Cluster]:
        """One for each ``key`` of some ``members``; ``counts``: of members by key."""
        crowded = np.flatnonzero(counts > 1)
        longitude, latitude = self._longitude[members], self._latitude[members]
        columns = [np.bincount(key, degrees)[crowded] / counts[crowded] for degrees in (longitude, latitude)]
        for edge, outside in ((np.minimum, np.inf), (np.maximum, -np.inf)):
            for degrees in (longitude, latitude):
                found = np.full(len(counts), outside)
                edge.at(found, key, degrees)
                columns.append(found[crowded])
        rows = zip(*(column.tolist() for column in (*columns, counts[crowded])), strict=True)
        return [
            Cluster(x, y, count, Bounds(west, south, east, north)) for x, y, west, south, east, north, count in rows
        ]

    def _bounds(self, members: NDArray[np.int64]) -> Bounds:
        longitude, latitude = self._longitude[members], self._latitude[members]
        return Bounds(float(longitude.min()), float(latitude.min()), float(longitude.max()), float(latitude.max()))

    def _distance_km(self, one: int, others: NDArray[np.int64]) -> Floats:
        """Great-circle distances (haversine) on a sphere."""
        lat, lon = np.radians(self._latitude), np.radians(self._longitude)
        d_lat, d_lon = (lat[others] - lat[one]) / 2, (lon[others] - lon[one]) / 2
        h = np.sin(d_lat) ** 2 + np.cos(lat[others]) * np.cos(lat[one]) * np.sin(d_lon) ** 2
        return np.asarray(2 * _EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(h))))


def _world(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Spherical Mercator in units of the whole world, both in [0, 1], y from north to south."""
    sine = np.sin(np.radians(np.clip(latitude, -_MERCATOR_END, _MERCATOR_END)))
    return longitude / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
