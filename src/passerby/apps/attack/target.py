"""What is attacked: a deployment's own mandate, with days without end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from passerby.apps.attack.walkers import measure
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.counter import Counter
from passerby.datatypes.family import Family
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.place import Place
from passerby.datatypes.standing import Standing, State
from passerby.datatypes.window import Window, window_at, windows_of_day
from passerby.edge.counters import CounterArchive
from passerby.gate.mandate.authorize import authorize

FIRST_DAY = date(2001, 1, 1)
NOW = datetime(2001, 1, 1, 12, tzinfo=UTC)
"""What the clock of an attacked node says."""
_EPOCH, _END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """A mandate, in force for four centuries, and the sensor of it that is attacked: the one with the most families."""

    mandate: Mandate

    @classmethod
    def of(cls, mandate: Mandate) -> "Target":
        """The mandate with its hash, budgets, caps, grid and shapes; its dates and hours are set aside."""
        return cls(replace(mandate, starts=_EPOCH, expires=_END, hours=(0, 24), archive=None))

    @cached_property
    def sensor(self) -> str:
        """Id of the sensor."""
        return max(self.mandate.sensors, key=lambda sensor: len({c.family for c in self.mandate.cells_of(sensor)}))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its cells."""
        return self.mandate.cells_of(self.sensor)

    @property
    def families(self) -> tuple[Family, ...]:
        """Its families, sorted."""
        return tuple(sorted({cell.family for cell in self.cells}))

    @property
    def loudest(self) -> Family:
        """The family with the most ε."""
        return max(self.families, key=lambda family: self.mandate.budgets[family].epsilon)

    @property
    def is_counter(self) -> bool:
        """Whether it is a counter, whose records are passages and not tracks."""
        return self.families == (Family.COUNTER_PASSAGES,)

    def windows(self, day: date, count: int, hour: int = 0) -> list[Window]:
        """The first finest windows of a civil day, from an hour of the local clock on."""
        zone, seconds = self.mandate.zone, self.mandate.resolutions[0].seconds
        instant = datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
        found: list[Window] = []
        while len(found) < count:
            found.append(window_at(instant, zone, seconds))
            instant = found[-1].end
        return found

    def whole_day(self, day: date) -> list[Window]:
        """All finest windows of a civil day."""
        return list(windows_of_day(day, self.mandate.zone, self.mandate.resolutions[0].seconds))

    def charge(self, family: Family, resolutions: int) -> float:
        """ε that the mandate declares for a family in its first so many resolutions."""
        share = sum(resolution.share for resolution in self.mandate.resolutions[:resolutions])
        return float(self.mandate.budgets[family].epsilon * share)

    def authorization(self, mandate: Mandate | None = None) -> Authorization:
        """The gate's own proof, stretched over every day that an attack uses."""
        mandate = mandate or self.mandate
        standing = Standing(mandate, State.IN_FORCE, NOW, 0, (), _EPOCH, _EPOCH)
        proof = authorize(standing, self.sensor, NOW, NOW, tree_size=1, log_as_of=NOW)
        return replace(proof, valid_from=_EPOCH, valid_until=_END)

    def louder(self, epsilon: float) -> "Target":
        """The same with at least this ε a day for each family: what is less, no short test can tell."""
        least = Fraction(epsilon) / sum(resolution.share for resolution in self.mandate.resolutions)
        budgets = {f: replace(b, epsilon=max(b.epsilon, least)) for f, b in self.mandate.budgets.items()}
        cap = max(self.mandate.sensor_cap, sum((b.epsilon for b in budgets.values()), Fraction(0)))
        return Target(replace(self.mandate, budgets=budgets, sensor_cap=cap))

    def again(self, number: int) -> Mandate:
        """The same decision under another hash, as somebody would file it who wants the budget once more."""
        return replace(self.mandate, hash=f"{number:064x}")

    @cached_property
    def _blank(self) -> Mapping[Cell, Measure]:
        """An empty scene of one window, as the edge measures it."""
        (window,) = self.windows(FIRST_DAY, 1)
        if self.is_counter:
            counts = np.zeros((1, 24, 1), np.int64)
            counter = Counter(self.sensor, self.sensor, Place(0, 0))
            archive = CounterArchive((counter,), FIRST_DAY, counts, np.zeros(1, np.int64))
            found = archive.measures(FIRST_DAY, self.cells, self.mandate.zone)
            return {one.cell: replace(one, window=window) for one in found}
        empty = measure([], self.camera, self.mandate, window.start, window.seconds, frame_rate=1.0)
        return {one.cell: one for one in empty if one.window == window}

    def measures(self, window: Window, values: Mapping[Cell, int]) -> list[Measure]:
        """Every cell of a window; zero where ``values`` says nothing."""
        return [replace(one, window=window, value=values.get(cell, 0)) for cell, one in self._blank.items()]

    @cached_property
    def camera(self) -> Camera:
        """The camera with the shapes of the mandate, over ground that begins at the origin with 5 cm a pixel."""
        shapes: Sequence[dict[str, Any]] = self.mandate.document["measure"]  # type: ignore[assignment]
        lines: dict[str, MeasurementLine] = {}
        areas: dict[str, MeasurementArea] = {}
        for shape in (shape for shape in shapes if shape["sensor"] == self.sensor):
            name = shape["subject"]
            if "polygon" in shape:
                areas[name] = MeasurementArea(name, tuple((float(x), float(y)) for x, y in shape["polygon"]))
            if "line" in shape:
                (x1, y1), (x2, y2) = shape["line"]
                lines[name] = MeasurementLine(name, (float(x1), float(y1)), (float(x2), float(y2)))
        ground = Calibration(np.diag([0.05, 0.05, 1.0]), 0.1, "attack")
        return Camera(
            self.sensor, self.sensor, Place(0, 0), (1920, 1080), tuple(lines.values()), tuple(areas.values()), ground
        )


class Days:
    """An iterator of days that never comes back."""

    def __init__(self) -> None:
        self._next = FIRST_DAY

    def __iter__(self) -> "Days":
        return self

    def __next__(self) -> date:
        day, self._next = self._next, self._next + timedelta(days=1)
        return day
