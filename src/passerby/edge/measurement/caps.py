"""What one track may add to a family: its sensitivity is a fact, not a hope."""

from collections.abc import Iterable


class Allowance:
    """At most ``cap`` units for each track, over all cells and windows of a family together."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._used: dict[int, int] = {}

    def take(self, track: int, amount: int = 1) -> int:
        """How many of ``amount`` units still count."""
        used = self._used.get(track, 0)
        granted = max(0, min(amount, self._cap - used))
        self._used[track] = used + granted
        return granted

    def keep(self, tracks: Iterable[int]) -> None:
        """Forget every other track."""
        alive = set(tracks)
        self._used = {track: used for track, used in self._used.items() if track in alive}
