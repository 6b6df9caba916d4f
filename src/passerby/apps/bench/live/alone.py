"""What a camera needs where there is enough for all: on its main stream, and where it offers a substream."""

from dataclasses import dataclass
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.apps.bench.live.counting import Counted, counted
from passerby.apps.bench.live.street import WINDOW, Street, found
from passerby.apps.bench.live.watched import at_work

PAIRS, LOOKS = 2, 25
FAMILY = "person_seconds"
WHOLE = 950
"""Thousandths."""


@dataclass(frozen=True, slots=True)
class Alone:
    """``cost``: CPU seconds of the worker for a covered second of a main stream. ``counted``: there."""

    cost: float
    counted: Counted
    result: dict[str, object]


def alone(street: Street, town: Path, entry: Entry, cores: frozenset[int], windows: int) -> Alone:
    """Two workers at the same time, one with cameras that have a main stream only, one with the same that offer a
    substream: whatever else the machine does is the same for both. What they count is taken of whole windows alone."""
    cameras = []
    for number in range(PAIRS):
        cameras += [street.camera(f"main-{number}"), street.camera(f"both-{number}", substream=True)]
    names = found(town, cameras, entry, workers=2)
    with at_work(town, names, cores) as node:
        node.settle(LOOKS)
        span = node.windows(windows, WINDOW, FAMILY)
    first, last = span.looks[0], span.looks[-1]
    mains, boths = names[::2], names[1::2]
    cost = {
        kind: last.spent(first, mine[0]) / span.seconds / len(mine) / span.mean_coverage(mine)
        for kind, mine in (("main", mains), ("both", boths))
    }
    result = {
        "cpu_ms_per_camera_second": {
            "main stream alone": round(1e3 * cost["main"], 1),
            "substream offered": round(1e3 * cost["both"], 1),
        },
        "saving": round(cost["main"] / cost["both"], 2),
        "taken": {name: f"{last.cameras[name]['stream']}: {last.cameras[name]['why']}" for name in boths},
        "coverage": round(span.mean_coverage(names), 3),
        "cameras": 2 * PAIRS,
    }
    return Alone(cost["main"], counted(span, mains, least=WHOLE), result)
