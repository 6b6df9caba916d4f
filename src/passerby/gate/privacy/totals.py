"""Coarser windows (hours, days), summed in memory from exact values of the finest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from passerby.datatypes.cell import Cell
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window, window_at

LEAST_COVERAGE = 0.5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Exact:
    """One cell of one window before its noise; secret. ``value`` is None where there is an outage."""

    cell: Cell
    window: Window
    value: int | None
    coverage: float
    outage: Outage | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Sum:
    window: Window
    value: int
    observed: float
    causes: Mapping[Outage, int]

    def plus(self, measure: Measure) -> "_Sum":
        seconds = measure.window.seconds
        if measure.value is None:
            cause = measure.outage or Outage.NO_SIGNAL
            causes = {**self.causes, cause: self.causes.get(cause, 0) + seconds}
            return _Sum(self.window, self.value, self.observed, causes)
        observed = self.observed + measure.coverage * seconds
        return _Sum(self.window, self.value + measure.value, observed, self.causes)

    def close(self, cell: Cell) -> Exact:
        coverage = min(1.0, self.observed / self.window.seconds)
        if coverage < LEAST_COVERAGE:
            cause = max(self.causes, key=lambda c: self.causes[c], default=Outage.RESTART)
            return Exact(cell, self.window, None, coverage, cause)
        return Exact(cell, self.window, self.value, coverage, None)


class Totals:
    """Sums of one sensor under one mandate at one resolution, as a value: ``plus`` gives the next one.

    A total whose window was observed by less than half is an outage. What a restart forgets was not observed: it lowers
    the coverage of the total, and nothing is drawn twice for it.
    """

    def __init__(self, zone: ZoneInfo, seconds: int, sums: Mapping[Cell, _Sum] | None = None) -> None:
        self._zone = zone
        self._seconds = seconds
        self._sums = sums or {}

    def plus(self, measures: Iterable[Measure]) -> "tuple[Totals, list[Exact]]":
        """With measures of the finest windows, in order of time; and the totals that they close."""
        sums = dict(self._sums)
        closed = []
        for measure in measures:
            cell, current = measure.cell, sums.get(measure.cell)
            if current is not None and measure.window.start >= current.window.end:
                closed.append(sums.pop(cell).close(cell))
                current = None
            if current is None:
                current = _Sum(window_at(measure.window.start, self._zone, self._seconds), 0, 0.0, {})
            sums[cell] = current.plus(measure)
            if measure.window.end >= current.window.end:
                closed.append(sums.pop(cell).close(cell))
        return Totals(self._zone, self._seconds, sums), closed
