"""Lines, areas and calibration as they are given on the command line."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from passerby.apps.evaluate.errors import EvaluationError
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.line import MeasurementLine
from passerby.edge.groundplane import from_points

Point = tuple[float, float]
SURVEY_ERROR_M = 0.1


def lines_of(texts: Sequence[str], picture: tuple[int, int]) -> tuple[MeasurementLine, ...]:
    """Lines from ``x,y x,y`` in px; without any, the four that cut the picture into thirds. Raises EvaluationError."""
    width, height = picture
    if texts:
        shapes = [_points(text, "line", 2) for text in texts]
    else:
        shapes = [[(width * k / 3, 0.0), (width * k / 3, float(height))] for k in (1, 2)]
        shapes += [[(0.0, height * k / 3), (float(width), height * k / 3)] for k in (1, 2)]
    return tuple(MeasurementLine(f"line-{k}", start, end) for k, (start, end) in enumerate(shapes, 1))


def areas_of(texts: Sequence[str]) -> tuple[MeasurementArea, ...]:
    """Areas from ``x,y x,y x,y …`` in px. Raises EvaluationError, InvalidGeometryError."""
    return tuple(MeasurementArea(f"area-{k}", tuple(_points(text, "area", None))) for k, text in enumerate(texts, 1))


def read_calibration(path: Path) -> Calibration:
    """Surveyed points: TOML with ``[[ground]] pixel = [x, y]  metres = [X, Y]``, as in city.toml, or one point a line,
    ``x,y,X,Y``. Raises EvaluationError, InvalidGeometryError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"calibration {path.name} cannot be read", expected="a text file") from error
    try:
        if path.suffix == ".toml":
            document = tomllib.loads(text)
            points = [(*point["pixel"], *point["metres"]) for point in document["ground"]]
        else:
            lines = (line.split("#")[0].replace(",", " ").split() for line in text.splitlines())
            points = [tuple(float(value) for value in line) for line in lines if line]
        pixels = [(float(x), float(y)) for x, y, _, _ in points]
        metres = [(float(x), float(y)) for _, _, x, y in points]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise EvaluationError(
            f"calibration {path.name} is not readable",
            expected="[[ground]] with pixel and metres (TOML), or lines of x,y,X,Y",
            came=type(error).__name__,
        ) from error
    return from_points(pixels, metres, standard_error_m=SURVEY_ERROR_M)


def _points(text: str, what: str, count: int | None) -> list[Point]:
    try:
        points = [(float(x), float(y)) for x, y in (part.split(",") for part in text.split())]
    except ValueError:
        points = []
    if not points or (count is not None and len(points) != count):
        raise EvaluationError(
            f"{what} is not readable",
            expected='"x,y x,y" in px' if count == 2 else '"x,y x,y x,y …" in px',
            came=repr(text),
        )
    return points
