"""What the numbers of a mandate will be good for, before anybody signs."""

from collections.abc import Iterator
from dataclasses import dataclass

from passerby.datatypes.family import Family
from passerby.datatypes.mandate import Mandate
from passerby.gate.privacy.accountant import day_cost
from passerby.gate.privacy.mechanism import half_width, scale_of

PLACES = (("an alley", 20), ("a quiet street", 160), ("a square", 2000), ("a station", 12000))
"""People who pass or enter in an hour, as orders of magnitude."""

RIGHT, USELESS = 0.1, 0.5
"""A number is right where its ± is at most a tenth of it, useless where it is more than half."""

_SECONDS_EACH = {Family.PERSON_SECONDS: 30, Family.CLOSE_PAIR_SECONDS: 3}
"""Seconds that a passer-by adds on the average, to compare with the places."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Numbers of one family at one resolution. ``half_width``: of the 95 % interval, in the unit of the family."""

    family: Family
    seconds: int
    half_width: int

    @property
    def right_from(self) -> int:
        """Smallest number of which the ± is at most a tenth."""
        return max(1, round(self.half_width / RIGHT))

    @property
    def useless_below(self) -> int:
        """Numbers below this are more ± than number."""
        return round(self.half_width / USELESS)

    def verdict(self, an_hour: int) -> str:
        """``right``, ``rough`` or ``useless`` where so many people pass in an hour."""
        number = an_hour * min(self.seconds, 24 * 3600) / 3600 * _SECONDS_EACH.get(self.family, 1)
        if number >= self.right_from:
            return "right"
        return "rough" if number >= self.useless_below else "useless"

    def sentence(self) -> str:
        """Plain words: ±, unit, window, and the places that it suits."""
        by_verdict: dict[str, list[str]] = {"right": [], "rough": [], "useless": []}
        for place, an_hour in PLACES:
            number = round(an_hour * self.seconds / 3600 * _SECONDS_EACH.get(self.family, 1))
            by_verdict[self.verdict(an_hour)].append(f"{place} with {number:,}")
        parts = [f"{verdict} for {', '.join(places)}" for verdict, places in by_verdict.items() if places]
        return f"±{self.half_width} {self.family.unit} per {length_text(self.seconds)}: {'; '.join(parts)}."


def worth_of(mandate: Mandate) -> Iterator[Worth]:
    """Each family at each resolution, in the order of the mandate."""
    for family, budget in mandate.budgets.items():
        for resolution in mandate.resolutions:
            scale = scale_of(mandate.sensitivity(family), budget.epsilon * resolution.share)
            yield Worth(family, resolution.seconds, half_width(scale))


def day_epsilon(mandate: Mandate) -> float:
    """ε that the sensor with the most families is charged for a civil day."""
    return float(max(day_cost(mandate, sensor) for sensor in mandate.sensors))


def length_text(seconds: int) -> str:
    """``15 minutes``, ``hour``, ``day``, ``7 days``."""
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % unit == 0:
            count = seconds // unit
            return name if count == 1 else f"{count} {name}s"
    raise AssertionError(seconds)
