"""A step of the public grid in time and its share of ε."""

from dataclasses import dataclass
from fractions import Fraction

from passerby.datatypes.errors import InvalidValueError


@dataclass(frozen=True, slots=True, order=True)
class Resolution:
    """Windows of ``seconds`` (86400 is the civil day) get ``share`` of a family's ε."""

    seconds: int
    share: Fraction

    def __post_init__(self) -> None:
        if self.seconds < 1 or not 0 < self.share <= 1:
            raise InvalidValueError(
                "resolution is not usable",
                expected="at least 1 s and a share in (0, 1]",
                came=f"{self.seconds} s, share {self.share}",
            )
