"""Paths on the picture, as the families see them."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest

from passerby.edge.measurement.sample import Sample

Path = Sequence[tuple[float, float] | None]
RATE = 5.0
Feed = Callable[..., list[tuple[str, str, int]]]


@pytest.fixture
def feed() -> Feed:
    """``feed(family, path, path, …)``: what a family counts while people 100 px tall walk these paths at 5 frames a
    second. None: not seen. ``ids`` names them, ``metres`` is the size of a px on the ground, ``kind`` what they are."""

    def run(
        family: object,
        *paths: Path,
        ids: Sequence[Sequence[int]] | None = None,
        metres: float | None = None,
        kind: str = "person",
    ) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = []
        for k in range(max(map(len, paths))):
            here = [(n, p[k]) for n, p in enumerate(paths) if k < len(p) and p[k] is not None]
            foot = np.array([point for _, point in here], np.float64).reshape(-1, 2)
            number = np.array([ids[n][k] if ids else n for n, _ in here], np.int64)
            ground = None if metres is None else foot * metres
            seconds = 1 / RATE if k else 0.0
            sample = Sample(number, [kind] * len(here), foot, np.full(len(here), 100.0), ground, seconds, k / RATE)
            found += family.observe(sample)  # type: ignore[attr-defined]
        return found

    return run


@pytest.fixture
def straight() -> Callable[..., list[tuple[float, float]]]:
    """``straight(start, end, frames)``: points on a line."""

    def build(start: tuple[float, float], end: tuple[float, float], frames: int) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in np.linspace(start, end, frames)]

    return build


def totals(found: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    """Sums by subject and category."""
    sums: dict[tuple[str, str], int] = {}
    for subject, category, amount in found:
        sums[subject, category] = sums.get((subject, category), 0) + amount
    return sums


@pytest.fixture(name="totals")
def totals_fixture() -> Callable[..., dict[tuple[str, str], int]]:
    """Sums by subject and category."""
    return totals
