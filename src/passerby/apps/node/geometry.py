"""A camera as its mandate describes it: where it is and what is drawn on its picture is law, not configuration."""

import json
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np

from passerby.apps.city import CameraSection
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.errors import InvalidGeometryError, InvalidValueError, PasserbyError
from passerby.datatypes.ground_frame import GroundFrame
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.place import Place, distance_m
from passerby.edge.groundplane import from_points, to_ground
from passerby.public.directory import OUTLINES_WITHIN_M


class MovedCameraError(PasserbyError):
    """A camera is not where, or as, its mandate says."""


def installation(section: CameraSection) -> dict[str, Any]:
    """What a mandate says about a camera in ``[[camera]]``: another place, picture or calibration needs another one.

    The calibration is the SHA-256 of the surveyed points and their error, in JSON.
    """
    values: dict[str, Any] = {
        "id": section.id,
        "place": [section.latitude, section.longitude],
        "picture": list(section.picture),
    }
    if section.ground:
        points = [[*point.pixel, *point.metres] for point in section.ground]
        values["calibration"] = sha256(json.dumps([points, section.ground_error_m]).encode("utf-8")).hexdigest()
    return values


def camera_of(section: CameraSection, mandate: Mandate | None) -> Camera:
    """The camera with the lines and areas of the mandate, or none.

    Raises MovedCameraError, InvalidValueError, InvalidGeometryError.
    """
    if mandate is not None:
        _check_installation(section, mandate)
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
    calibration, frame = None, section.frame
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
        None if frame is None else GroundFrame(Place(*frame.origin), frame.bearing, frame.error_m),
    )


def outlines(camera: Camera) -> dict[str, tuple[Place, ...]]:
    """By area or line, its vertices on the Earth in their order; empty where nobody surveyed where the metres lie.

    What reaches the horizon, or lies more than OUTLINES_WITHIN_M from the camera, is left out. Raises
    InvalidGeometryError where the metres are those of a mirror: then every area and every direction would be drawn on
    the wrong side.
    """
    if camera.calibration is None or camera.frame is None:
        return {}
    homography = camera.calibration.homography
    foot = np.array([camera.picture[0] / 2, camera.picture[1], 1.0])
    if np.linalg.det(homography) * (homography[2] @ foot) > 0:
        raise InvalidGeometryError(
            f"the ground points of camera {camera.id!r} are mirrored",
            expected="metres with x to the right of y, seen from above, where the camera has a frame",
            came="x to the left of y",
            remedy="Swap the two numbers of each metres in city.toml, and give the bearing of the new y.",
        )
    shapes = {area.id: area.polygon for area in camera.areas}
    shapes |= {line.id: (line.start, line.end) for line in camera.lines}
    found = {}
    for subject, vertices in shapes.items():
        ground = to_ground(np.asarray(vertices, np.float64), homography)
        if np.isfinite(ground).all():
            places = tuple(camera.frame.place(float(x), float(y)) for x, y in ground)
            if all(distance_m(camera.place, place) <= OUTLINES_WITHIN_M for place in places):
                found[subject] = places
    return found


def error_on_map_m(camera: Camera) -> float:
    """Standard error of the outlines, in m: of the calibration and of its frame, independent of each other."""
    assert camera.calibration is not None
    assert camera.frame is not None
    return math.hypot(camera.calibration.standard_error_m, camera.frame.standard_error_m)


def _check_installation(section: CameraSection, mandate: Mandate) -> None:
    cameras = mandate.document.get("camera")
    assert isinstance(cameras, list)
    here = installation(section)
    there: Mapping[str, Any] = next((camera for camera in cameras if camera["id"] == section.id), {})
    other = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    if other:
        raise MovedCameraError(
            f"camera {section.id} is not as mandate {mandate.id} says",
            expected="; ".join(f"{name} {there.get(name, 'none')}" for name in other),
            came="; ".join(f"{name} {here.get(name, 'none')}" for name in other),
            remedy="Restore city.toml; a camera that moved, or was calibrated anew, needs a new mandate.",
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
