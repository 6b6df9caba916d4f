"""Exact values on their only way out of a worker: through memory, to the gate."""

from collections.abc import Sequence
from datetime import datetime

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window

Row = list[object]
"""Cell, start and end of the window (RFC 3339), value, coverage, outage; JSON values."""


class TransferError(PasserbyError):
    """What came is no measure. Nothing of it is in the message."""


def to_rows(measures: Sequence[Measure]) -> list[Row]:
    """Rows that ``from_rows`` takes back exactly."""
    return [
        [str(m.cell), m.window.start.isoformat(), m.window.end.isoformat(), m.value, m.coverage, m.outage]
        for m in measures
    ]


def from_rows(rows: object) -> list[Measure]:
    """Inverse of ``to_rows``. Raises TransferError."""
    try:
        assert isinstance(rows, list)
        return [_measure(*row) for row in rows]
    except (PasserbyError, AssertionError, TypeError, ValueError):
        raise TransferError("rows are no measures", expected="what to_rows gives") from None


def _measure(cell: str, start: str, end: str, value: int | None, coverage: float, outage: str | None) -> Measure:
    if type(value) not in (int, type(None)) or type(coverage) not in (int, float):
        raise ValueError
    window = Window(datetime.fromisoformat(start), datetime.fromisoformat(end))
    return Measure(Cell.parse(cell), window, value, coverage, None if outage is None else Outage(outage))
