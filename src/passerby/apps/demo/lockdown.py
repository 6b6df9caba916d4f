"""What the released numbers say about Auckland's first lockdown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from passerby.datatypes.cell import Cell
from passerby.datatypes.window import day_window
from passerby.public.store import query
from passerby.public.store.store import Store

ZONE = ZoneInfo("Pacific/Auckland")
FIRST, LAST = date(2020, 3, 26), date(2020, 4, 27)
DAY = 86400


@dataclass(frozen=True, slots=True)
class Change:
    """People a day then and on the same dates of the year before, and the change in % with its 95 % interval."""

    before: float
    then: float
    percent: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """One sentence."""
        return (
            f"26 March to 27 April 2020 against the same dates of 2019: {self.then:,.0f} people a day instead of "
            f"{self.before:,.0f}, {self.percent:+.1f} % "
            f"(95 % interval of the noise: {self.low:+.2f} to {self.high:+.2f} %)"
        )


def lockdown(store: Store, cells: Sequence[Cell]) -> Change | None:
    """Compare the released daily numbers of all counters; None where there are none.

    A day of a counter counts only where both years have a number. The variance of discrete Laplace noise of scale b
    is at most 2b²; the interval of the ratio follows from the variances of both sums (delta method).
    """
    sums, variances, days = [0.0, 0.0], [0.0, 0.0], (LAST - FIRST).days + 1
    for cell in cells:
        years = [_daily(store, cell, year) for year in (2019, 2020)]
        for key in years[0].keys() & years[1].keys():
            for side, year in enumerate(years):
                value, half_width = year[key]
                sums[side] += value
                variances[side] += 2 * (half_width / math.log(20)) ** 2
    if sums[0] <= 0:
        return None
    ratio = sums[1] / sums[0]
    error = 1.96 * math.sqrt(variances[1] + ratio**2 * variances[0]) / sums[0]
    percent = [100 * (value - 1) for value in (ratio, ratio - error, ratio + error)]
    return Change(sums[0] / days, sums[1] / days, percent[0], percent[1], percent[2])


def _daily(store: Store, cell: Cell, year: int) -> dict[tuple[int, int], tuple[int, int]]:
    """(month, day) → released value and half-width."""
    start = day_window(FIRST.replace(year=year), ZONE).start
    end = day_window(LAST.replace(year=year) + timedelta(days=1), ZONE).start
    found = query.series(store, cell, DAY, start, end)
    dated = zip(found.start, found.value, found.half_width, strict=True)
    return {
        (local.month, local.day): (value, half_width)
        for second, value, half_width in dated
        if value is not None
        for local in [datetime.fromtimestamp(second, UTC).astimezone(ZONE)]
    }
