"""Coarser windows (hours, days), summed in memory from exact values of the finest."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from passerby.datatypes.cell import Cell
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window, window_at

LEAST_COVERAGE = 0.5


@dataclass(slots=True, eq=False, repr=False)
class Exact:
    """One cell of one window before its noise; secret. ``value`` is None where there is an outage."""

    cell: Cell
    window: Window
    value: int | None
    coverage: float
    outage: Outage | None


@dataclass(slots=True, eq=False, repr=False)
class _Sum:
    window: Window
    value: int = 0
    observed: float = 0.0
    causes: Counter[Outage] = field(default_factory=Counter)


class Totals:
    """Sums of one mandate at one resolution. A total whose window was observed by less than half is an outage."""

    def __init__(self, zone: ZoneInfo, seconds: int) -> None:
        self._zone = zone
        self._seconds = seconds
        self._sums: dict[Cell, _Sum] = {}

    def add(self, measures: Iterable[Measure]) -> list[Exact]:
        """Take measures of the finest windows in order; returns the totals that they close."""
        closed = []
        for measure in measures:
            current = self._sums.get(measure.cell)
            if current is not None and measure.window.start >= current.window.end:
                closed.append(_close(measure.cell, self._sums.pop(measure.cell)))
                current = None
            if current is None:
                window = window_at(measure.window.start, self._zone, self._seconds)
                current = self._sums[measure.cell] = _Sum(window)
            _count(current, measure)
            if measure.window.end >= current.window.end:
                closed.append(_close(measure.cell, self._sums.pop(measure.cell)))
        return closed


def _count(total: _Sum, measure: Measure) -> None:
    if measure.value is None:
        total.causes[measure.outage or Outage.NO_SIGNAL] += measure.window.seconds
    else:
        total.value += measure.value
        total.observed += measure.coverage * measure.window.seconds


def _close(cell: Cell, total: _Sum) -> Exact:
    coverage = min(1.0, total.observed / total.window.seconds)
    if coverage < LEAST_COVERAGE:
        cause = total.causes.most_common(1)[0][0] if total.causes else Outage.RESTART
        return Exact(cell, total.window, None, coverage, cause)
    return Exact(cell, total.window, total.value, coverage, None)
