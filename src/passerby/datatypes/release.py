"""A public number: randomised once, journalled, and never drawn again."""

from dataclasses import dataclass

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window, utc_text


@dataclass(frozen=True, slots=True)
class Release:
    """What ``gate/release.py`` alone constructs; ``spec/release.md`` describes the line.

    ``value``: noisy integer, may be negative; None where there is an outage.
    ``scale``: b of the discrete Laplace noise, in the unit of the family. ``half_width``: of the 95 % interval.
    ``coverage``: share of the window really observed, in thousandths. ``mandate``: hash, 64 hex digits.
    """

    cell: Cell
    window: Window
    value: int | None
    scale: float
    half_width: int
    coverage: int
    outage: Outage | None
    mandate: str

    def __post_init__(self) -> None:
        if (self.value is None) == (self.outage is None):
            raise InvalidValueError("release is neither number nor outage", expected="a value or an outage, not both")

    def line(self) -> str:
        """Canonical text of the release, without the newline; its SHA-256 is a leaf of the batch's tree."""
        value = "" if self.value is None else str(self.value)
        outage = "" if self.outage is None else self.outage.value
        c = self.cell
        return (
            f"{c.sensor},{c.family.value},{c.subject},{c.category},{utc_text(self.window.start)},{utc_text(self.window.end)},"
            f"{value},{self.scale:.6f},{self.half_width},{self.coverage},{outage},{self.mandate}"
        )


HEADER = "sensor,family,subject,category,start,end,value,scale,half_width,coverage,outage,mandate"
