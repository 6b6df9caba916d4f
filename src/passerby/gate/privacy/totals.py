"""Coarser windows (hours, days), summed in memory from exact values of the finest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from passerby.datatypes.cell import Cell
from passerby.datatypes.mandate import Mandate
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

    def close(self, cell: Cell, mandated: float) -> Exact:
        coverage = min(1.0, self.observed / self.window.seconds)
        if coverage < LEAST_COVERAGE * mandated:
            cause = max(self.causes, key=lambda c: self.causes[c], default=Outage.RESTART)
            return Exact(cell, self.window, None, coverage, cause)
        return Exact(cell, self.window, self.value, coverage, None)


class Totals:
    """Sums of one sensor under one mandate at one resolution, as a value: ``plus`` gives the next one.

    A total is an outage where less than half of what the mandate's hours allow was observed. What a restart forgets was
    not observed: it lowers the coverage of the total, and nothing is drawn twice for it.
    """

    def __init__(self, mandate: Mandate, seconds: int, sums: Mapping[Cell, _Sum] | None = None) -> None:
        self._mandate = mandate
        self._seconds = seconds
        self._sums = sums or {}
        first, last = mandate.hours
        self._mandated = (last - first) / 24 if seconds >= 86400 else 1.0

    def plus(self, measures: Iterable[Measure]) -> "tuple[Totals, list[Exact]]":
        """With measures of the finest windows, in order of time; and the totals that they close."""
        sums = dict(self._sums)
        closed = []
        for measure in measures:
            cell, current = measure.cell, sums.get(measure.cell)
            if current is not None and measure.window.start >= current.window.end:
                closed.append(sums.pop(cell).close(cell, self._mandated))
                current = None
            if current is None:
                current = _Sum(window_at(measure.window.start, self._mandate.zone, self._seconds), 0, 0.0, {})
            sums[cell] = current.plus(measure)
            if measure.window.end >= current.window.end:
                closed.append(sums.pop(cell).close(cell, self._mandated))
        return Totals(self._mandate, self._seconds, sums), closed
