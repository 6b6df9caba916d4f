"""A canonical release line, read. The public side parses what the gate wrote; it never makes a number itself."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window, utc_text

_SHORTEST_DAY, _LONGEST_DAY, DAY = 82_800, 90_000, 86_400
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_SCALE = re.compile(r"(0|[1-9][0-9]{0,8})\.[0-9]{6}")
_OUTAGES: dict[str, Outage | None] = {"": None, **{outage.value: outage for outage in Outage}}
_HASH = re.compile(r"[0-9a-f]{64}")


class ReleaseLineError(PasserbyError):
    """A line is not the canonical text of a release."""


@dataclass(frozen=True, slots=True)
class Record:
    """One release as it stands in its batch; the fields of ``datatypes.release.HEADER``.

    ``value``: noisy integer in the unit of the family, None where there is an outage. ``scale``: b of the discrete
    Laplace noise. ``half_width``: of the 95 % interval. ``coverage``: thousandths of the window. ``mandate``: hash.
    """

    cell: Cell
    window: Window
    value: int | None
    scale: float
    half_width: int
    coverage: int
    outage: Outage | None
    mandate: str

    @property
    def resolution(self) -> int:
        """Nominal step of the grid in s; a civil day of 23 or 25 hours is 86400."""
        return nominal_resolution(self.window.seconds)

    def line(self) -> str:
        """The canonical line, byte for byte as it was parsed."""
        c, w = self.cell, self.window
        value = "" if self.value is None else str(self.value)
        outage = "" if self.outage is None else self.outage.value
        return (
            f"{c.sensor},{c.family.value},{c.subject},{c.category},{utc_text(w.start)},{utc_text(w.end)},"
            f"{value},{self.scale:.6f},{self.half_width},{self.coverage},{outage},{self.mandate}"
        )


Fields = tuple[Cell, Window, int | None, float, int, int, Outage | None, str]


def parse(line: str) -> Record:
    """Read one canonical line. Raises ReleaseLineError where a single byte is not as the gate writes it."""
    return Record(*parse_fields(line))


def parse_fields(line: str) -> Fields:
    """The values of a ``Record`` in order, without making one; raises as ``parse``."""
    fields = line.split(",")
    if len(fields) != 12:
        raise ReleaseLineError("line is not a release", expected="12 fields", came=f"{len(fields)}")
    sensor, family, subject, category, start, end, value, scale, half_width, coverage, outage, mandate = fields
    if (value == "") == (outage == ""):
        raise ReleaseLineError("release is neither number nor outage", expected="a value or an outage, not both")
    return (
        _cell(sensor, family, subject, category),
        _window(start, end),
        None if value == "" else _integer(value, "value"),
        *_quality(scale, half_width, coverage, outage, mandate),
    )


def nominal_resolution(seconds: int) -> int:
    """Step of the grid to which a window belongs, in s: a day that a clock change made shorter or longer is a day."""
    return DAY if _SHORTEST_DAY <= seconds <= _LONGEST_DAY else seconds


@lru_cache(maxsize=1 << 20)
def _cell(sensor: str, family: str, subject: str, category: str) -> Cell:
    try:
        return Cell.parse(f"{sensor}/{family}/{subject}/{category}")
    except PasserbyError as error:
        raise ReleaseLineError(error.problem, expected=error.expected, came=error.came) from error


@lru_cache(maxsize=1 << 16)
def _window(start: str, end: str) -> Window:
    try:
        return Window(_instant(start), _instant(end))
    except PasserbyError as error:
        raise ReleaseLineError(error.problem, expected=error.expected, came=error.came) from error


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is not UTC or utc_text(instant) != text:
        raise ReleaseLineError(
            "instant is not canonical", expected="text such as 2026-11-23T09:00:00Z", came=repr(text)
        )
    return instant


@lru_cache(maxsize=1 << 12)
def _quality(
    scale: str, half_width: str, coverage: str, outage: str, mandate: str
) -> tuple[float, int, int, Outage | None, str]:
    if not _SCALE.fullmatch(scale):
        raise ReleaseLineError("scale is not canonical", expected="a decimal with six places", came=repr(scale))
    share = _integer(coverage, "coverage")
    if share > 1000:
        raise ReleaseLineError("coverage is no share", expected="0 to 1000 thousandths", came=coverage)
    if outage not in _OUTAGES:
        raise ReleaseLineError("outage is unknown", expected=", ".join(Outage), came=repr(outage))
    if not _HASH.fullmatch(mandate):
        raise ReleaseLineError("mandate is not a hash", expected="64 hex digits", came=repr(mandate))
    return float(scale), _integer(half_width, "half width"), share, _OUTAGES[outage], mandate


def _integer(text: str, what: str) -> int:
    if not _NUMBER.fullmatch(text) or (what != "value" and text[0] == "-"):
        raise ReleaseLineError(f"{what} is not canonical", expected="a decimal integer", came=repr(text))
    return int(text)
