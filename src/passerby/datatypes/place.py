"""A point on the Earth."""

import math
from dataclasses import dataclass

from passerby.datatypes.errors import InvalidGeometryError


@dataclass(frozen=True, slots=True)
class Place:
    """WGS 84 position in degrees (EPSG:4326)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise InvalidGeometryError(
                "place is not on the Earth",
                expected="latitude in [-90, 90] and longitude in [-180, 180], in degrees",
                came=f"latitude {self.latitude}, longitude {self.longitude}",
                remedy="Check that latitude and longitude were not swapped.",
            )


def distance_m(a: Place, b: Place) -> float:
    """Great-circle distance in m on a sphere of 6371 km (haversine); within 0.6 % of WGS 84."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    half_lon = math.radians(b.longitude - a.longitude) / 2
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * 6_371_000.0 * math.asin(min(1.0, math.sqrt(h)))
