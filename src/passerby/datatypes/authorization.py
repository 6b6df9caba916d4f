"""The proof that a mandate stands."""

from dataclasses import dataclass
from datetime import datetime

from passerby.datatypes.mandate import Mandate


@dataclass(frozen=True, slots=True, eq=False)
class Authorization:
    """Constructed by ``gate/mandate/authorize.py`` alone, for one sensor and a short while.

    ``valid_from`` ≤ t < ``valid_until``, UTC; ask again after that. ``tree_size``: of the cosigned checkpoint
    that proves it. ``asked_at``: when the log was asked, UTC.
    """

    mandate: Mandate
    sensor: str
    valid_from: datetime
    valid_until: datetime
    tree_size: int
    asked_at: datetime

    def covers(self, instant: datetime) -> bool:
        """Whether this proof still stands at the instant."""
        return self.valid_from <= instant < self.valid_until
