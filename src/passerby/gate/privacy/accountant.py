"""A day's ε, debited when the day opens."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate


class BudgetError(PasserbyError):
    """The day's budget of a sensor does not allow this."""


@dataclass(frozen=True, slots=True)
class Debit:
    """What one node charged to one sensor's civil day under one mandate.

    ``epsilon``: for K = ``tracks`` tracks. ``cap``: the most that the mandate lets all mandates charge together.
    """

    day: str
    sensor: str
    mandate: str
    epsilon: Fraction
    cap: Fraction
    tracks: int


class Accountant:
    """What each sensor's civil days have been charged, over all mandates and nodes (basic composition).

    Debits add up per track, ε/K, since mandates may count in different K; what another node charged counts in the K of
    the mandate that asks. The lowest cap among them holds for all, so that no later mandate raises it. The journal
    holds this node's debits; a debit is never returned.
    """

    def __init__(self) -> None:
        self._debits: dict[tuple[str, str], dict[str, Debit]] = {}
        self._elsewhere: dict[tuple[str, str], dict[tuple[str, str], Fraction]] = {}

    def is_open(self, sensor: str, day: str, mandate: str) -> bool:
        """Whether this node debited the day for this mandate."""
        return mandate in self._debits.get((sensor, day), {})

    def check(self, sensor: str, day: str, mandate: Mandate) -> Debit:
        """What opening the day costs. Raises BudgetError beyond the cap."""
        k = mandate.tracks
        debit = Debit(day, sensor, mandate.hash, day_cost(mandate, sensor), mandate.sensor_cap, k)
        before = list(self._debits.get((sensor, day), {}).values())
        elsewhere = sum(self._elsewhere.get((sensor, day), {}).values(), Fraction(0))
        spent = sum((one.epsilon / one.tracks for one in before), Fraction(0)) + elsewhere / k
        limit = min(one.cap / one.tracks for one in (debit, *before))
        if spent + debit.epsilon / k > limit:
            raise BudgetError(
                f"budget of {sensor} on {day} is spent",
                expected=f"at most ε {float(limit * k):g} a day over all mandates",
                came=f"ε {float(spent * k):g} already, and {float(debit.epsilon):g} more",
                remedy="End another mandate for this sensor first.",
            )
        return debit

    def refuse_double(self, sensor: str, day: str, mandate: str) -> None:
        """Raise BudgetError where another node opened this day of this sensor under this mandate."""
        others = sorted(node for node, its in self._elsewhere.get((sensor, day), {}) if its == mandate)
        if others:
            raise BudgetError(
                f"{sensor} is measured by another node on {day}",
                expected="one node for each sensor and mandate",
                came=", ".join(others),
                remedy="Stop one of them; see the budget-day leaves of the log.",
            )

    def debit(self, debit: Debit) -> None:
        """Charge the day; the journal has the record already."""
        self._debits.setdefault((debit.sensor, debit.day), {}).setdefault(debit.mandate, debit)

    def debit_elsewhere(self, node: str, mandate: str, sensor: str, day: str, epsilon: Fraction) -> None:
        """The log says that another node charged the day. Nothing that it says later makes it less."""
        its = self._elsewhere.setdefault((sensor, day), {})
        its[node, mandate] = max(epsilon, its.get((node, mandate), epsilon))

    def charged(self, sensor: str, day: str) -> Fraction:
        """ε charged to a sensor's day, here and by other nodes."""
        here = sum((one.epsilon for one in self._debits.get((sensor, day), {}).values()), Fraction(0))
        return here + sum(self._elsewhere.get((sensor, day), {}).values(), Fraction(0))

    def own(self) -> Iterable[Debit]:
        """Every debit of this node."""
        for debits in self._debits.values():
            yield from debits.values()


def day_cost(mandate: Mandate, sensor: str) -> Fraction:
    """ε of a civil day: Σ over the sensor's families of ε times the shares that its resolutions use."""
    families = {cell.family for cell in mandate.cells_of(sensor)}
    share = sum((r.share for r in mandate.resolutions), Fraction(0))
    return sum((mandate.budgets[family].epsilon for family in families), Fraction(0)) * share
