"""Where the shapes of a mandate lie on the Earth."""

import pytest

from passerby.apps.city import CameraSection, FrameSection, GroundPoint
from passerby.apps.node.geometry import camera_of, error_on_map_m, outlines
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.place import distance_m

# A camera 10 m up that looks east along the ground: v = 100 px at 100 m, the horizon at v = 0.
ROWS = [(-50, 200, 50.0), (50, 200, 50.0), (-50, 100, 100.0), (50, 100, 100.0)]
GROUND = tuple(GroundPoint(pixel=(320 + u, v), metres=(u * ahead / 1000, ahead)) for u, v, ahead in ROWS)


def camera(
    frame: FrameSection | None,
    *shapes: MeasurementArea | MeasurementLine,
    ground: tuple[GroundPoint, ...] = GROUND,
) -> Camera:
    section = CameraSection(
        id="square",
        name="Square",
        latitude=59.437,
        longitude=24.7536,
        zone="Europe/Tallinn",
        picture=(640, 480),
        ground=ground,
        frame=frame,
    )
    bare = camera_of(section, None)
    areas = tuple(shape for shape in shapes if isinstance(shape, MeasurementArea))
    lines = tuple(shape for shape in shapes if isinstance(shape, MeasurementLine))
    return Camera(bare.id, bare.name, bare.place, bare.picture, lines, areas, bare.calibration, bare.frame)


EAST = FrameSection(origin=(59.437, 24.7536), bearing=90.0, error_m=0.3)
NEAR = MeasurementArea("near", ((270.0, 200.0), (370.0, 200.0), (370.0, 100.0)))
LINE = MeasurementLine("line", (270.0, 100.0), (370.0, 100.0))


def test_shapes_lie_where_the_survey_says() -> None:
    drawn = camera(EAST, NEAR, LINE)
    found = outlines(drawn)
    assert error_on_map_m(drawn) == pytest.approx((0.1**2 + 0.3**2) ** 0.5)
    assert set(found) == {"near", "line"}
    assert [distance_m(drawn.place, place) for place in found["near"]] == pytest.approx(
        [50.06, 50.06, 100.1], rel=0.006
    )
    assert all(place.longitude > 24.7536 for place in found["near"])
    left, right = found["line"]
    assert left.latitude > right.latitude, "who looks east has north at the left"


def test_nothing_is_drawn_where_nobody_surveyed() -> None:
    assert outlines(camera(None, NEAR, LINE)) == {}


def test_what_reaches_the_horizon_is_left_out() -> None:
    sky = MeasurementLine("sky", (320.0, 200.0), (320.0, -5.0))
    far = MeasurementLine("far", (320.0, 200.0), (320.0, 20.0))
    assert set(outlines(camera(EAST, NEAR, sky, far))) == {"near"}


def test_metres_of_a_mirror_are_refused() -> None:
    northing_first = tuple(GroundPoint(pixel=point.pixel, metres=point.metres[::-1]) for point in GROUND)
    with pytest.raises(InvalidGeometryError, match="mirrored"):
        outlines(camera(EAST, NEAR, ground=northing_first))
