"""Eight gates that break a promise, one each: an attack that cannot beat the one made for it proves nothing.

They wrap the real gate from outside. Nothing outside this folder imports them; the gate has no switch for any of it.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import perf_counter

from passerby.apps.attack.door import Door, Line
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.window import utc_text
from passerby.gate.gate import Gate
from passerby.gate.privacy.mechanism import randomize, scale_of


class NoiseTooSmall(Door):
    """Draws as if each family had four times the ε that its mandate declares."""

    @cached_property
    def _generous(self) -> Mandate:
        mandate = self.target.mandate
        budgets = {family: replace(budget, epsilon=4 * budget.epsilon) for family, budget in mandate.budgets.items()}
        return replace(mandate, budgets=budgets, sensor_cap=4 * mandate.sensor_cap)

    def release(self, measures: Sequence[Measure], mandate: Mandate | None = None) -> list[Line]:
        """With the other mandate."""
        return super().release(measures, mandate or self._generous)


class RedrawOnRestart(Door):
    """Begins each process with an empty journal, and reads no log."""

    def _open(self) -> Gate:
        (self.folder / "journal").unlink(missing_ok=True)
        self.log.clear()
        return super()._open()


class FloatNoise(Door):
    """Adds Laplace noise in double precision, by inversion, and publishes every digit of it."""

    def release(self, measures: Sequence[Measure], mandate: Mandate | None = None) -> list[Line]:
        """With other values in the finest windows."""
        exact = {(str(m.cell), utc_text(m.window.start)): m for m in measures}
        finest = self.target.mandate.resolutions[0]
        lines = []
        for line in super().release(measures, mandate):
            one = exact.get((line.cell, line.start))
            if one is not None and line.seconds == one.window.seconds:
                budget = self.target.mandate.budgets[one.cell.family]
                scale = scale_of(self.target.mandate.sensitivity(one.cell.family), budget.epsilon * finest.share)
                noise = scale * math.log(1 - random.random()) * random.choice((-1, 1))
                line = replace(line, value=(one.value or 0) + noise)
            lines.append(line)
        return lines


class ZerosSuppressed(Door):
    """Publishes nothing where nobody was."""

    def release(self, measures: Sequence[Measure], mandate: Mandate | None = None) -> list[Line]:
        """Without the cells that were empty."""
        empty = {(str(m.cell), utc_text(m.window.start), m.window.seconds) for m in measures if not m.value}
        lines = super().release(measures, mandate)
        return [line for line in lines if (line.cell, line.start, line.seconds) not in empty]


class CapMissing(Door):
    """Lets every track add as much as it likes."""

    @property
    def measured_under(self) -> Mandate:
        """A mandate without caps."""
        mandate = self.target.mandate
        budgets = {family: replace(budget, cap=10**6) for family, budget in mandate.budgets.items()}
        return replace(mandate, budgets=budgets)


class BudgetPerProcess(Door):
    """Keeps the budget in the process: a second one knows nothing of the first."""

    def beside(self, folder: Path, node: str) -> Door:
        """A process with an empty journal and no log."""
        return type(self)(self.target, folder, node=node)


class TotalUnlinked(Door):
    """Publishes, beside the classes of a family, their total with a quarter of their noise, and charges nobody."""

    def release(self, measures: Sequence[Measure], mandate: Mandate | None = None) -> list[Line]:
        """With one more line for each family and window."""
        lines = super().release(measures, mandate)
        under = mandate or self.target.mandate
        totals: dict[tuple[str, datetime], int] = {}
        for m in measures:
            key = (m.cell.family.value, m.window.start)
            totals[key] = totals.get(key, 0) + (m.value or 0)
        for (family, start), total in totals.items():
            one = next(m for m in measures if m.cell.family.value == family)
            scale = scale_of(
                under.sensitivity(one.cell.family), under.budgets[one.cell.family].epsilon * under.resolutions[0].share
            )
            (value,) = randomize([total], scale / 4)
            cell = f"{one.cell.sensor}/{family}/all/total"
            lines.append(Line(cell, family, utc_text(start), one.window.seconds, float(value), "1000", "", ""))
        return lines


class SlowForMany(Door):
    """Takes longer the more people there were."""

    def release(self, measures: Sequence[Measure], mandate: Mandate | None = None) -> list[Line]:
        """Two microseconds later for each count, up to 5 ms."""
        lines = super().release(measures, mandate)
        until = perf_counter() + min(0.005, 2e-6 * sum(m.value or 0 for m in measures))
        while perf_counter() < until:
            pass
        return lines


PLANTED: dict[str, tuple[type[Door], str]] = {
    "noise too small": (NoiseTooSmall, "membership"),
    "redraw on restart": (RedrawOnRestart, "averaging"),
    "class and total unlinked": (TotalUnlinked, "differencing"),
    "zeros suppressed": (ZerosSuppressed, "small_counts"),
    "float noise": (FloatNoise, "low_order_bits"),
    "budget per process": (BudgetPerProcess, "ledger"),
    "cap missing": (CapMissing, "long_dweller"),
    "time depends on the count": (SlowForMany, "side_channels"),
}
"""Name → what is broken, and the attack that must notice."""
