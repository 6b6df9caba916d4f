"""More cameras than a core can carry, and one that floods."""

from itertools import pairwise
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.apps.bench.live.alone import FAMILY, LOOKS, Alone
from passerby.apps.bench.live.counting import counted
from passerby.apps.bench.live.street import WINDOW, Street, found, given
from passerby.apps.bench.live.watched import Span, at_work, looked

OVER = 1.4
MOST = 60
FLOOD, OTHERS_SHARE = 10, 0.5
HALF = 500


def overload(
    street: Street,
    town: Path,
    entry: Entry,
    core: frozenset[int],
    alone: Alone,
    windows: int,
    number: int | None = None,
) -> dict[str, object]:
    """``number`` of cameras, or as many as need 1.4 times what the core gives."""
    gives = given(core)
    number = number or min(MOST, max(2, round(OVER * gives / alone.cost)))
    names = found(town, [street.camera(f"many-{one}") for one in range(number)], entry)
    with at_work(town, names, core) as node:
        node.settle(LOOKS)
        span = node.windows(windows, WINDOW, FAMILY)
    got, needed = _got(span), number * alone.cost
    possible = min(1.0, got / needed)
    shares = [span.coverage(name) for name in names]
    below = [record for record in span.records if record.coverage < HALF]
    return {
        "cameras": number,
        "cores": {"given before": round(gives, 2), "needed": round(needed, 2), "got": round(got, 2)},
        "needed_over_got": round(needed / got, 2),
        "coverage": {"possible": round(possible, 3), **_least_mean_most(shares)},
        "still_there": sum(looked(span.looks[len(span.looks) // 2 :], name) > 0 for name in names),
        "restarts": sum(
            a.cameras[name]["pid"] != b.cameras[name]["pid"] for a, b in pairwise(span.looks) for name in names
        ),
        "coverage_over_possible": _least_mean_most([share / possible for share in shares]),
        "person_seconds_per_covered_second": counted(span, names).ratio_to(alone.counted),
        "windows": len(span.records),
        "outages": {
            cause: sum(record.outage == cause for record in span.records)
            for cause in sorted({record.outage for record in span.records if record.outage is not None})
        },
        "numbers_below_half": sum(record.value is not None for record in below),
        "told": list(span.looks[-1].told),
    }


def flood(
    street: Street, town: Path, entry: Entry, core: frozenset[int], alone: Alone, windows: int
) -> dict[str, object]:
    """As many cameras as need half of the core, and one that sends ten times as many pictures."""
    number = max(1, round(OTHERS_SHARE * given(core) / alone.cost))
    cameras = [street.camera(f"calm-{one}") for one in range(number)] + [street.camera("flood", times=FLOOD)]
    *calm, flooder = found(town, cameras, entry)
    with at_work(town, [*calm, flooder], core) as node:
        node.settle(LOOKS, calm)
        span = node.windows(windows, WINDOW, FAMILY)
    first, last = span.looks[0].cameras, span.looks[-1].cameras
    rested = [(last[name]["rested"] - first[name]["rested"]) / span.seconds for name in calm]
    return {
        "cameras": number,
        "cores": {"needed by them": round(number * alone.cost, 2), "got": round(_got(span), 2)},
        "coverage": _least_mean_most([span.coverage(name) for name in calm]),
        "not_rested": _least_mean_most([1 - share for share in rested]),
        "coverage_of_the_flood": round(span.coverage(flooder), 3),
        "told": list(span.looks[-1].told),
    }


def _got(span: Span) -> float:
    return span.looks[-1].spent(span.looks[0]) / span.seconds


def _least_mean_most(values: list[float]) -> dict[str, float]:
    return {
        "least": round(min(values), 3),
        "mean": round(sum(values) / len(values), 3),
        "most": round(max(values), 3),
    }
