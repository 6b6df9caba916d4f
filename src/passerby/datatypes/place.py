"""A point on the Earth."""

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
