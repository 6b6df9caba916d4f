"""A camera and what is drawn on its picture."""

from dataclasses import dataclass

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.ground_frame import GroundFrame
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.place import Place


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """Identity, place and geometry of one camera. Its address and password are not here.

    ``picture``: width and height of the reference picture in px, in which lines and areas are drawn.
    ``frame``: where the metres of the calibration lie on the Earth, if somebody surveyed it.
    """

    id: str
    name: str
    place: Place
    picture: tuple[int, int]
    lines: tuple[MeasurementLine, ...] = ()
    areas: tuple[MeasurementArea, ...] = ()
    calibration: Calibration | None = None
    frame: GroundFrame | None = None

    def __post_init__(self) -> None:
        check_identifier(self.id, "camera")
        subjects = [line.id for line in self.lines] + [area.id for area in self.areas]
        for subject in subjects:
            check_identifier(subject, "line or area")
        if len(set(subjects)) != len(subjects):
            raise InvalidValueError(
                f"camera {self.id!r} uses one id twice",
                expected="a different id for each line and area",
                came=", ".join(subjects),
                remedy="Rename one of them in city.toml.",
            )


def check_identifier(text: str, what: str) -> None:
    """Refuse identifiers that would be ambiguous in a cell, a file name or a URL."""
    ok = 0 < len(text) <= 64 and all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in text)
    if not ok:
        raise InvalidValueError(
            f"{what} id is not usable",
            expected="1 to 64 lower-case letters, digits and hyphens",
            came=repr(text),
            remedy="Rename it in city.toml.",
        )
