"""The TOML that describes a detector."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.kind import Kind

HEADS = ("yolox", "nanodet", "end-to-end")
COLOURS = ("rgb", "bgr")
FITS = ("stretch", "letterbox")


class DetectorSpecError(PasserbyError):
    """The description of a detector is not usable."""


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """How to feed a detector and how to read it.

    ``width``, ``height``: of the input, px. ``colour``: channel order. ``divide``: 8-bit values are divided by it.
    ``fit``: ``stretch`` the picture to the input, or ``letterbox`` it (top left, grey 114).
    ``head``: ``yolox`` (raw, one output [1, N, 5 + classes]), ``nanodet`` (scores and distance bins for each stride) or
    ``end-to-end`` ([N, 6]: left, top, right, bottom, score, class). ``threshold``: lowest score that is handed on;
    ``confident``: lowest score that may start a track.
    ``overlap``: IoU above which the weaker of two boxes of one kind is dropped. ``classes``: class number → Kind.
    ``sha256``: of the ONNX file, hex.
    """

    name: str
    licence: str
    width: int
    height: int
    colour: str
    divide: float
    fit: str
    head: str
    threshold: float
    confident: float
    overlap: float
    classes: Mapping[int, Kind]
    sha256: str


def read_spec(text: str) -> DetectorSpec:
    """Parse a detector's TOML. Raises DetectorSpecError that names the field."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DetectorSpecError("description is not TOML", expected="TOML 1.0", came=str(error)) from error
    detector = _Table(document, "")
    picture, head = detector.table("input"), detector.table("head")
    return DetectorSpec(
        name=detector.text("name"),
        licence=detector.text("licence"),
        width=picture.integer("width"),
        height=picture.integer("height"),
        colour=picture.one_of("colour", COLOURS),
        divide=picture.number("divide"),
        fit=picture.one_of("fit", FITS),
        head=head.one_of("type", HEADS),
        threshold=head.number("threshold"),
        confident=head.number("confident"),
        overlap=head.number("overlap"),
        classes=_classes(detector.table("classes")),
        sha256=detector.text("sha256"),
    )


def _classes(table: "_Table") -> dict[int, Kind]:
    kinds = {kind.label: kind for kind in Kind}
    classes = {}
    for number in table.names():
        label = table.one_of(number, tuple(kinds))
        if not number.isdigit():
            raise DetectorSpecError("class has no number", expected="digits", came=repr(number))
        classes[int(number)] = kinds[label]
    if Kind.PERSON not in classes.values():
        raise DetectorSpecError("detector finds no person", expected="a class that maps to person")
    return classes


class _Table:
    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        self._values = values
        self._path = path

    def names(self) -> list[str]:
        return list(self._values)

    def _get(self, key: str, kinds: type | tuple[type, ...], expected: str) -> Any:
        value = self._values.get(key)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise DetectorSpecError(f"field {self._path}{key} is not usable", expected=expected, came=repr(value))
        return value

    def table(self, key: str) -> "_Table":
        return _Table(self._get(key, dict, "a table"), f"{self._path}{key}.")

    def text(self, key: str) -> str:
        return str(self._get(key, str, "text"))

    def integer(self, key: str) -> int:
        value = int(self._get(key, int, "a positive integer"))
        if value <= 0:
            raise DetectorSpecError(
                f"field {self._path}{key} is not usable", expected="a positive integer", came=str(value)
            )
        return value

    def number(self, key: str) -> float:
        value = float(self._get(key, (int, float), "a positive number"))
        if not value > 0:
            raise DetectorSpecError(
                f"field {self._path}{key} is not usable", expected="a positive number", came=str(value)
            )
        return value

    def one_of(self, key: str, choices: tuple[str, ...]) -> str:
        value = self._get(key, str, " or ".join(choices))
        if value not in choices:
            raise DetectorSpecError(
                f"field {self._path}{key} is unknown", expected=" or ".join(choices), came=repr(value)
            )
        return str(value)
