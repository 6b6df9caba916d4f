"""Attacks on released numbers: membership, differencing, small counts, low-order bits."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from passerby.apps.attack.door import Door, Line
from passerby.apps.attack.statistics import CONFIDENCE, Outcome, best_bound, laplace_fit, trials_for
from passerby.apps.attack.target import Days, Target
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.window import Window, day_window, utc_text
from passerby.gate.privacy.accountant import BudgetError
from passerby.gate.privacy.mechanism import scale_of

MakeDoor = Callable[..., Door]


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try. ``lines``: most lines a simulated day. ``least`` and ``trials``: least and most of a world.

    ``every_family``: attack each family, and not the one with the most ε alone.
    """

    lines: int
    least: int
    trials: int
    every_family: bool


QUICK, DEEP = Effort(130, 300, 2_500, False), Effort(2_500, 2_000, 25_000, True)
SEED = 2020
"""Of who is there when. Noise has no seed."""


class Bench:
    """A door with simulated days, and what the mandate says about its noise."""

    def __init__(self, make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> None:
        self.target = target
        self.effort = effort
        self.random = random.Random(SEED)
        self._days = Days()
        self.door = make(target, Path(mkdtemp(dir=scratch)))
        finest = target.mandate.resolutions[0].seconds
        self.levels = 1
        while self.levels < len(target.mandate.resolutions):
            windows = target.mandate.resolutions[self.levels].seconds // finest
            if windows * len(target.cells) > effort.lines:
                break
            self.levels += 1
        self.per_day = max(1, target.mandate.resolutions[self.levels - 1].seconds // finest)

    def scale(self, family: Family, level: int) -> float:
        """Declared scale b of a family at a resolution."""
        mandate = self.target.mandate
        epsilon = mandate.budgets[family].epsilon * mandate.resolutions[level].share
        return scale_of(mandate.sensitivity(family), epsilon)

    def day(self) -> date:
        """The next day of 24 hours."""
        return next(day for day in self._days if day_window(day, self.target.mandate.zone).seconds == 86400)

    def windows(self, day: date) -> list[Window]:
        """Windows that are fed on a day: from 3 in the morning, or the whole day where its total is fed."""
        longest = self.target.mandate.resolutions[self.levels - 1].seconds
        if longest >= 86400:
            return self.target.whole_day(day)
        return self.target.windows(day, self.per_day, hour=3 if longest <= 3600 else 0)

    def release(self, values: Mapping[tuple[int, Cell], int]) -> tuple[list[Window], list[Line]]:
        """A new day whose windows hold ``values`` by window and cell; the windows, and what is public."""
        windows = self.windows(self.day())
        measures = []
        for k, window in enumerate(windows):
            measures += self.target.measures(window, {c: v for (n, c), v in values.items() if n == k})
        return windows, self.door.release(measures)

    def evidence(self, values: Mapping[tuple[int, Cell], int], windows: list[Window], lines: list[Line]) -> float:
        """ln-likelihood of these values against nobody, over every public number that they add to."""
        starts = {utc_text(window.start): k for k, window in enumerate(windows)}
        lengths = [self.target.mandate.resolutions[level].seconds for level in range(self.levels)]
        score = 0.0
        for line in lines:
            if line.value is None or line.start not in starts or line.seconds not in lengths:
                continue
            level, first = lengths.index(line.seconds), starts[line.start]
            covered = range(first, first + max(1, line.seconds // lengths[0]))
            shift = sum(
                v for (k, c), v in values.items() if k in covered and c.family.value == line.family and _adds(c, line)
            )
            if shift:
                b = self.scale(Family(line.family), level)
                score += (abs(line.value) - abs(line.value - shift)) / b
        return score

    def compare(
        self, values: Mapping[tuple[int, Cell], int], trials: int, feature: Callable[[list[Window], list[Line]], float]
    ) -> tuple[list[float], list[int]]:
        """Scores of days with and without these values, in random order."""
        scores, worlds = [], []
        for _ in range(2 * trials):
            world = self.random.getrandbits(1)
            windows, lines = self.release(values if world else {})
            scores.append(feature(windows, lines))
            worlds.append(world)
        return scores, worlds


def _adds(cell: Cell, line: Line) -> bool:
    return line.cell == str(cell) or line.cell.endswith("/all/total")


def membership(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """Were K tracks there? Each cell holds either nobody or all that K tracks may add; the rest of the day is known."""
    bench = Bench(make, target, effort, scratch)
    seconds = [resolution.seconds for resolution in target.mandate.resolutions]
    scores: dict[tuple[Family, int], list[float]] = defaultdict(list)
    worlds: dict[tuple[Family, int], list[int]] = defaultdict(list)
    noise: dict[tuple[Family, int], list[int]] = defaultdict(list)
    wanted = {
        (f, n): 2 * trials_for(target.charge(f, 1), least=effort.least, most=effort.trials)
        for f in target.families
        for n in range(bench.levels)
    }
    cells = {str(cell): cell for cell in target.cells}
    for _ in range(2 * effort.trials):
        if all(len(scores[key]) >= least for key, least in wanted.items()):
            break
        bits = {(k, c): bench.random.getrandbits(1) for k in range(bench.per_day) for c in target.cells}
        values = {key: bit * target.mandate.sensitivity(key[1].family) for key, bit in bits.items()}
        windows, lines = bench.release(values)
        starts = {utc_text(window.start): k for k, window in enumerate(windows)}
        for line in lines:
            if line.value is None or line.cell not in cells:
                continue
            cell, level, first = cells[line.cell], seconds.index(line.seconds), starts[line.start]
            covered = range(first, first + line.seconds // seconds[0])
            rest = sum(values[k, cell] for k in covered) - values[first, cell]
            scores[cell.family, level].append(line.value - rest)
            worlds[cell.family, level].append(bits[first, cell])
            noise[cell.family, level].append(round(line.value - rest - values[first, cell]))
    found = []
    for family, level in wanted:
        share = target.mandate.resolutions[level].share
        declared = float(target.mandate.budgets[family].epsilon * share)
        low = best_bound(scores[family, level], worlds[family, level], tests=len(wanted))
        fit = laplace_fit(noise[family, level], bench.scale(family, level))
        fits = fit > (1 - CONFIDENCE) / len(wanted)
        note = f"{family.value} at {seconds[level]} s, {len(scores[family, level])} cells"
        note += "" if fits else f"; the noise is not what is declared (p = {fit:.0e})"
        found.append(Outcome(low <= declared and fits, low, declared, note))
    return worst(found)


def differencing(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """Everything public about a day together: classes and whatever totals there are, windows and hours, two mandates,
    days of 23 and 25 hours."""
    found = []
    for family in target.families if effort.every_family else (target.loudest,):
        bench = Bench(make, target, effort, scratch)
        spread = _spread(bench, family)
        declared = target.charge(family, bench.levels)
        trials = trials_for(declared, least=effort.least, most=effort.trials)
        low = best_bound(*bench.compare(spread, trials, partial(bench.evidence, spread)), tests=len(target.families))
        note = f"{family.value} over {len(spread)} cells and {bench.levels} resolutions, {2 * trials} days"
        found.append(Outcome(low <= declared, low, declared, note))
    bench = Bench(make, target, effort, scratch)
    return worst([*found, _overlap(bench), _odd_days(bench)])


def _spread(bench: Bench, family: Family) -> dict[tuple[int, Cell], int]:
    """All that K tracks may add, shared out over the cells of the family and the windows of a day."""
    cells = [cell for cell in bench.target.cells if cell.family is family]
    amount = bench.target.mandate.sensitivity(family)
    keys = list({(k % bench.per_day, cells[k % len(cells)]): 0 for k in range(min(amount, 2 * len(cells)))})
    return {key: amount // len(keys) + (k < amount % len(keys)) for k, key in enumerate(keys)}


def _overlap(bench: Bench) -> Outcome:
    """Mandates one after the other on one sensor, until the gate refuses: what they charge together."""
    target, day = bench.target, bench.day()
    measures = target.measures(bench.windows(day)[0], {})
    charged, count = Fraction(0), 0
    try:
        for count in range(40):
            bench.door.release(measures, target.again(count))
            charged = bench.door.gate.charged(target.sensor, day.isoformat())
    except BudgetError:
        pass
    cap = float(target.mandate.sensor_cap)
    held = charged <= target.mandate.sensor_cap
    return Outcome(held, 0.0 if held else float(charged), cap, f"{count} mandates over one place")


def _odd_days(bench: Bench) -> Outcome:
    """Days of other lengths than 24 hours: each window once, each day charged once."""
    target = bench.target
    cost = float(sum(target.charge(family, len(target.mandate.resolutions)) for family in target.families))
    spent, odd = cost, 0
    for number in range(365):
        day = date(2301, 1, 1) + timedelta(days=number)
        if day_window(day, target.mandate.zone).seconds == 86400:
            continue
        odd += 1
        windows = target.whole_day(day)
        if len(windows) * len(target.cells) > 20 * bench.effort.lines:
            windows = [*windows[:4], *windows[-4:]]
        lines = bench.door.release([m for window in windows for m in target.measures(window, {})])
        charged = float(bench.door.gate.charged(target.sensor, day.isoformat()))
        twice = len({(line.cell, line.start, line.seconds) for line in lines}) != len(lines)
        spent = max(spent, charged + cost * twice)
    return Outcome(spent <= cost, 0.0 if spent <= cost else spent, cost, f"{odd} days that are not 24 hours long")


def small_counts(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """Three in the morning: nobody, or one track. By the numbers, by which lines there are, by their size."""
    bench = Bench(make, target, effort, scratch)
    family = target.loudest
    cell = next(cell for cell in target.cells if cell.family is family)
    one = {(0, cell): target.mandate.budgets[family].cap}
    declared = target.charge(family, bench.levels) / target.mandate.tracks
    trials = trials_for(declared, least=effort.least, most=effort.trials)
    features: dict[str, Callable[[list[Window], list[Line]], float]] = {
        "numbers": lambda windows, lines: bench.evidence(one, windows, lines),
        "which lines there are": lambda _, lines: float(len(lines)),
        "size": lambda _, lines: float(sum(len(line.text) for line in lines)),
        "coverage and outages": lambda _, lines: float(sum(len(n.outage) + int(n.coverage) for n in lines)),
    }
    seen: dict[str, list[float]] = {name: [] for name in features}
    worlds: list[int] = []

    def look(windows: list[Window], lines: list[Line]) -> float:
        for name, feature in features.items():
            seen[name].append(feature(windows, lines))
        return 0.0

    _, worlds = bench.compare(one, trials, look)
    found = []
    for name, scores in seen.items():
        low = best_bound(scores, worlds, tests=len(features))
        found.append(Outcome(low <= declared, low, declared, f"one track or none, by {name}, {2 * trials} nights"))
    return worst(found)


def low_order_bits(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """Which numbers can a sampler reach? (Mironov, On significance of the least significant bits, 2012.)"""
    bench = Bench(make, target, effort, scratch)
    family = target.loudest
    cell = next(cell for cell in target.cells if cell.family is family)
    amount, scale = target.mandate.sensitivity(family), bench.scale(family, 0)
    declared = target.charge(family, 1)
    start = 0

    def feature(windows: list[Window], lines: list[Line]) -> float:
        first = utc_text(windows[start].start)
        value = next((n.value for n in lines if n.cell == str(cell) and n.start == first), None)
        if value is None:
            return 0.0
        return float(reachable(value, amount, scale)) - float(reachable(value, 0, scale))

    trials = trials_for(declared, least=effort.least, most=effort.trials)
    scores, worlds = bench.compare({(0, cell): amount}, trials, feature)
    low = best_bound(scores, worlds)
    return Outcome(low <= declared, low, declared, f"{2 * trials} numbers by what double precision can reach")


def reachable(value: float, exact: int, scale: float) -> bool:
    """Whether inversion of a 53-bit uniform number in double precision can give ``value`` from ``exact``."""
    if value.is_integer():
        return True
    centre = round(math.exp(-abs(value - exact) / scale) * 2**53)
    sign = 1 if value < exact else -1
    return any(
        exact + sign * (scale * math.log(k * 2.0**-53)) == value for k in range(max(1, centre - 24), centre + 25)
    )


def worst(outcomes: list[Outcome]) -> Outcome:
    """The one that did not hold; else the one that came nearest to what is declared."""
    return max(outcomes, key=lambda o: (not o.held, o.empirical / o.declared if o.declared else o.empirical))
