"""Where things are, as GeoJSON (RFC 7946): WGS 84, longitude before latitude."""

from typing import Any

from passerby.datatypes.area import signed_area
from passerby.datatypes.place import Place
from passerby.public.directory import Sensor


def positions(places: tuple[Place, ...]) -> list[tuple[float, float]]:
    """Longitude and latitude to seven decimals, a centimetre."""
    return [(round(place.longitude, 7), round(place.latitude, 7)) for place in places]


def sensor_point(sensor: Sensor) -> dict[str, Any]:
    """Where the sensor stands."""
    return {"type": "Point", "coordinates": [sensor.place.longitude, sensor.place.latitude]}


def subject_shape(sensor: Sensor, subject: str) -> dict[str, Any] | None:
    """The area or line on the ground; None where nobody surveyed where it lies.

    A ring is closed and goes counter-clockwise; a line keeps its direction.
    """
    places = sensor.outlines.get(subject)
    if places is None:
        return None
    vertices = positions(places)
    if subject in {line.id for line in sensor.lines}:
        return {"type": "LineString", "coordinates": vertices}
    ring = vertices if signed_area(tuple(vertices)) > 0 else vertices[::-1]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
