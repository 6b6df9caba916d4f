"""How often a camera's picture is looked at."""

from dataclasses import dataclass

from passerby.datatypes.errors import InvalidValueError

SELDOM_SECONDS = 0.75
"""Looks that are further apart than this see many people once only."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """A look at least every ``seconds``; or, where key frames come at least every ``key_seconds``, one at each of them
    and another one after ``again`` (a share) of the time to the next. Where key frames come twice in ``seconds``, they
    are enough: two looks in ``seconds`` are the most.

    A key frame needs no other picture, and the look after it those in between alone, so that little is decoded.
    ``key_seconds`` of 0 means that key frames are never enough.
    """

    seconds: float
    key_seconds: float = 0.0
    again: float = 0.0

    def __post_init__(self) -> None:
        if not self.seconds > 0 or not self.key_seconds >= 0 or not 0 <= self.again < 1:
            raise InvalidValueError(
                "cadence is not usable",
                expected="seconds > 0, key_seconds ≥ 0, 0 ≤ again < 1",
                came=f"{self.seconds}, {self.key_seconds}, {self.again}",
            )

    @property
    def longest(self) -> float:
        """Longest time between two looks, s, while the stream is whole."""
        return max(self.seconds, self.key_seconds * (1 - self.again))
