"""Pixels → metres → WGS 84, against the same points computed the long way: through the ellipsoid's own axes."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.apps.city import CameraSection, FrameSection, GroundPoint
from passerby.apps.node.geometry import camera_of, outlines
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.ground_frame import GroundFrame
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.place import Place
from passerby.public.directory import OUTLINES_WITHIN_M

AXIS, FLATTENING = 6_378_137.0, 1 / 298.257_223_563
SQUARED = FLATTENING * (2 - FLATTENING)
FOCAL_PX, HEIGHT_M, PITCH = 700.0, 8.0, math.radians(25)
PICTURE = (1280, 720)
Vector = NDArray[np.float64]


def earth_centred(latitude: float, longitude: float) -> Vector:
    """Metres in the Earth's own axes of a point on the ellipsoid (EPSG:4326 → EPSG:4978)."""
    lat, lon = math.radians(latitude), math.radians(longitude)
    radius = AXIS / math.sqrt(1 - SQUARED * math.sin(lat) ** 2)
    around = radius * math.cos(lat)
    return np.array([around * math.cos(lon), around * math.sin(lon), radius * (1 - SQUARED) * math.sin(lat)])


def tangent_point(origin: Place, bearing: float, x: float, y: float) -> Vector:
    """Metres in the Earth's axes of (x, y) m of a plane that touches the ellipsoid in ``origin``."""
    lat, lon, turn = (math.radians(angle) for angle in (origin.latitude, origin.longitude, bearing))
    east = np.array([-math.sin(lon), math.cos(lon), 0.0])
    north = np.array([-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)])
    right = math.cos(turn) * east - math.sin(turn) * north
    ahead = math.sin(turn) * east + math.cos(turn) * north
    return earth_centred(origin.latitude, origin.longitude) + x * right + y * ahead


def pixel(x: float, y: float) -> tuple[float, float]:
    """Where an ideal camera above (0, 0) that looks along y, tilted down, sees a point of the ground."""
    ahead, down = y * math.cos(PITCH) + HEIGHT_M * math.sin(PITCH), HEIGHT_M * math.cos(PITCH) - y * math.sin(PITCH)
    return PICTURE[0] / 2 + FOCAL_PX * x / ahead, PICTURE[1] / 2 + FOCAL_PX * down / ahead


@pytest.mark.parametrize("origin", [Place(59.437, 24.7536), Place(-36.848, 174.763), Place(0.3, -179.9999)], ids=str)
@pytest.mark.parametrize("bearing", [0.0, 37.5, 270.0])
def test_an_area_in_the_picture_lies_where_the_ellipsoid_has_it(origin: Place, bearing: float) -> None:
    survey = [(-6.0, 8.0), (6.0, 8.0), (-20.0, 40.0), (20.0, 40.0), (0.0, 20.0), (3.0, 70.0)]
    section = CameraSection(
        id="square",
        name="Square",
        latitude=origin.latitude,
        longitude=origin.longitude,
        zone="UTC",
        picture=PICTURE,
        ground=tuple(GroundPoint(pixel=pixel(x, y), metres=(x, y)) for x, y in survey),
        frame=FrameSection(origin=(origin.latitude, origin.longitude), bearing=bearing, error_m=0.2),
    )
    square = [(-5.0, 10.0), (5.0, 10.0), (12.0, 60.0), (-12.0, 60.0)]
    bare = camera_of(section, None)
    area = MeasurementArea("area", tuple(pixel(x, y) for x, y in square))
    line = MeasurementLine("line", pixel(-4.0, 15.0), pixel(9.0, 33.0))
    drawn = Camera(bare.id, bare.name, bare.place, PICTURE, (line,), (area,), bare.calibration, bare.frame)
    found = outlines(drawn)
    for name, truth in (("area", square), ("line", [(-4.0, 15.0), (9.0, 33.0)])):
        for place, (x, y) in zip(found[name], truth, strict=True):
            there = earth_centred(place.latitude, place.longitude)
            assert np.linalg.norm(there - tangent_point(origin, bearing, x, y)) < 0.01


@pytest.mark.parametrize("latitude", [-60.0, 0.0, 45.0, 70.0])
@pytest.mark.parametrize(("distance", "error"), [(100.0, 0.005), (OUTLINES_WITHIN_M, 0.03), (1000.0, 0.3)])
def test_the_flat_frame_is_as_good_as_it_says(latitude: float, distance: float, error: float) -> None:
    origin = Place(latitude, 24.75)
    frame = GroundFrame(origin, 10.0, 0.1)
    for turn in range(0, 360, 15):
        x, y = distance * math.sin(math.radians(turn)), distance * math.cos(math.radians(turn))
        place = frame.place(x, y)
        assert (
            np.linalg.norm(earth_centred(place.latitude, place.longitude) - tangent_point(origin, 10.0, x, y)) < error
        )
