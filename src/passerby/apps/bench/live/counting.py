"""What is counted for a second that is covered, with and without overload."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.apps.bench.live.watched import Span

ROUNDS, SEED = 4000, 7
INSIDE = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums of windows that have a number. ``counts``: float64[N, 2], person-seconds and covered seconds of each group
    of windows that are drawn together."""

    counts: NDArray[np.float64]

    @property
    def rate(self) -> float:
        """Person-seconds for a covered second."""
        return _rate(self.counts)

    def ratio_to(self, other: "Counted") -> dict[str, float] | None:
        """Of the rates, with its 95 % interval by bootstrap over the groups of both (Efron, 1979).

        None where either has no number."""
        if not len(self.counts) or not len(other.counts):
            return None
        random = np.random.default_rng(SEED)
        drawn = [_rate(_draw(self.counts, random)) / _rate(_draw(other.counts, random)) for _ in range(ROUNDS)]
        low, high = np.percentile(drawn, INSIDE)
        return {"ratio": round(self.rate / other.rate, 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def counted(span: Span, cameras: Sequence[str], *, least: int = 0) -> Counted:
    """Of each camera, a group for each window: windows of one camera show the same people, but rest at other times.
    ``least``: coverage of those that are taken, thousandths."""
    numbers = [
        (record.value, record.coverage / 1000 * record.window.seconds)
        for camera in cameras
        for record in span.of(camera)
        if record.value is not None and record.coverage >= least
    ]
    return Counted(np.array(numbers, np.float64).reshape(-1, 2))


def _draw(counts: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    return counts[random.integers(0, len(counts), len(counts))]


def _rate(counts: NDArray[np.float64]) -> float:
    people, seconds = counts.sum(axis=0)
    return float(people / seconds)
