"""The exact value of one cell in one window. Secret: its window dies with it."""

from dataclasses import dataclass

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measure:
    """Made by ``edge.measurement`` and ``edge.counters`` alone, carried by ``edge.transfer``, read by ``gate`` alone.

    ``value``: exact integer in the unit of the family, or None where there is an outage.
    ``coverage``: share of the window that was really observed, in [0, 1].
    """

    cell: Cell
    window: Window
    value: int | None
    coverage: float
    outage: Outage | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.outage is None):
            raise InvalidValueError("measure is neither number nor outage", expected="a value or an outage, not both")
        if not 0 <= self.coverage <= 1:
            raise InvalidValueError("coverage is no share", expected="a number in [0, 1]", came=str(self.coverage))

    def __repr__(self) -> str:
        return f"Measure({self.cell}, {self.window}, value hidden)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise InvalidValueError("a measure is never serialised", remedy="Release it through the gate.")
