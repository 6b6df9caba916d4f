"""How often a camera's picture is looked at."""

from dataclasses import dataclass

from passerby.datatypes.errors import InvalidValueError


@dataclass(frozen=True, slots=True)
class Cadence:
    """A look at least every ``seconds``; where key frames come at least every ``key_seconds``, they alone are enough.

    Key frames need no other picture, so that nothing else is decoded. 0 means that they are never enough.
    """

    seconds: float
    key_seconds: float = 0.0

    def __post_init__(self) -> None:
        if not self.seconds > 0 or not self.key_seconds >= 0:
            raise InvalidValueError(
                "cadence is not usable",
                expected="seconds > 0, key_seconds ≥ 0",
                came=f"{self.seconds}, {self.key_seconds}",
            )

    @property
    def longest(self) -> float:
        """Longest time between two looks, s, while the stream is whole."""
        return max(self.seconds, self.key_seconds)
