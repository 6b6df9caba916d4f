"""A camera as its mandate describes it: what is drawn on its picture is law, not configuration."""

from collections.abc import Mapping

from passerby.apps.city import CameraSection
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.place import Place
from passerby.edge.groundplane import from_points


def camera_of(section: CameraSection, mandate: Mandate | None) -> Camera:
    """The camera with the lines and areas of the mandate, or none. Raises InvalidValueError, InvalidGeometryError."""
    areas: dict[str, MeasurementArea] = {}
    lines: dict[str, MeasurementLine] = {}
    for measure in _measures(mandate, section.id):
        subject = str(measure["subject"])
        if "polygon" in measure:
            area = MeasurementArea(subject, tuple((float(x), float(y)) for x, y in measure["polygon"]))
            _same(areas.setdefault(subject, area) == area, subject)
        if "line" in measure:
            (x1, y1), (x2, y2) = measure["line"]
            line = MeasurementLine(subject, (float(x1), float(y1)), (float(x2), float(y2)))
            _same(lines.setdefault(subject, line) == line, subject)
    calibration = None
    if section.ground:
        calibration = from_points(
            [point.pixel for point in section.ground],
            [point.metres for point in section.ground],
            standard_error_m=section.ground_error_m,
        )
    return Camera(
        section.id,
        section.name,
        Place(section.latitude, section.longitude),
        section.picture,
        tuple(lines.values()),
        tuple(areas.values()),
        calibration,
    )


def _measures(mandate: Mandate | None, sensor: str) -> list[Mapping[str, list[list[float]]]]:
    if mandate is None:
        return []
    measures = mandate.document["measure"]
    assert isinstance(measures, list)
    return [measure for measure in measures if measure["sensor"] == sensor]


def _same(holds: bool, subject: str) -> None:
    if not holds:
        raise InvalidValueError(f"mandate draws {subject!r} in two ways", expected="one shape for each name")
