"""Metres on the Earth."""

import pytest

from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.ground_frame import GroundFrame
from passerby.datatypes.place import Place, distance_m


@pytest.mark.parametrize(
    ("latitude", "degree_north_m", "degree_east_m"),
    [(0.0, 110_574.3, 111_319.5), (45.0, 111_131.8, 78_846.8), (60.0, 111_412.2, 55_800.0)],
)
def test_a_degree_is_as_long_as_the_tables_of_wgs_84_say(
    latitude: float, degree_north_m: float, degree_east_m: float
) -> None:
    frame = GroundFrame(Place(latitude, 20.0), 0.0, 1.0)
    assert frame.place(0.0, degree_north_m / 100).latitude == pytest.approx(latitude + 0.01, abs=1e-8)
    assert frame.place(degree_east_m / 100, 0.0).longitude == pytest.approx(20.01, abs=1e-8)


def test_the_bearing_turns_clockwise_from_north() -> None:
    east = GroundFrame(Place(59.0, 24.0), 90.0, 1.0)
    ahead, right = east.place(0.0, 100.0), east.place(100.0, 0.0)
    assert ahead.longitude > 24.0
    assert ahead.latitude == pytest.approx(59.0, abs=1e-9)
    assert right.latitude < 59.0
    assert distance_m(Place(59.0, 24.0), ahead) == pytest.approx(100.0, rel=0.006)


def test_a_bearing_is_one_turn_at_most() -> None:
    with pytest.raises(InvalidGeometryError, match="bearing 360"):
        GroundFrame(Place(59.0, 24.0), 360.0, 1.0)
