"""A day's ε, debited when the day opens."""

from fractions import Fraction

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate


class BudgetError(PasserbyError):
    """The day's budget of a sensor does not allow this."""


class Accountant:
    """What each sensor's civil days have been charged, over all mandates (basic composition).

    The journal holds the debits; a debit is never returned.
    """

    def __init__(self) -> None:
        self._debits: dict[tuple[str, str], dict[str, Fraction]] = {}

    def is_open(self, sensor: str, day: str, mandate: str) -> bool:
        """Whether the day was debited for this mandate."""
        return mandate in self._debits.get((sensor, day), {})

    def check(self, sensor: str, day: str, mandate: Mandate) -> Fraction:
        """ε that opening the day costs. Raises BudgetError beyond the cap of the sensor, which no mandate can raise."""
        cost = day_cost(mandate, sensor)
        before = sum(self._debits.get((sensor, day), {}).values(), Fraction(0))
        cap = Fraction(str(_privacy(mandate)["sensor_cap"]))
        if before + cost > cap:
            raise BudgetError(
                f"budget of {sensor} on {day} is spent",
                expected=f"at most ε {float(cap):g} a day over all mandates",
                came=f"ε {float(before):g} already, and {float(cost):g} more",
                remedy="End another mandate for this sensor first.",
            )
        return cost

    def debit(self, sensor: str, day: str, mandate: str, cost: Fraction) -> None:
        """Charge the day; the journal has the record already."""
        self._debits.setdefault((sensor, day), {})[mandate] = cost

    def charged(self, sensor: str, day: str) -> Fraction:
        """ε charged to a sensor's day."""
        return sum(self._debits.get((sensor, day), {}).values(), Fraction(0))


def day_cost(mandate: Mandate, sensor: str) -> Fraction:
    """ε of a civil day: Σ over the sensor's families of ε times the shares that its resolutions use."""
    families = {cell.family for cell in mandate.cells_of(sensor)}
    share = sum((r.share for r in mandate.resolutions), Fraction(0))
    return sum((mandate.budgets[family].epsilon for family in families), Fraction(0)) * share


def _privacy(mandate: Mandate) -> dict[str, object]:
    section = mandate.document["privacy"]
    assert isinstance(section, dict)
    return section
