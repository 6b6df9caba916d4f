"""Where and when errors happen: sums over cells, sizes and crowding, never a box."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.apps.evaluate.matching import Pairing

COLUMNS, ROWS = 16, 9


@dataclass(frozen=True, slots=True, eq=False)
class Breakdown:
    """Errors of a sequence.

    ``seconds``, ``error``: float64[F], when, and people counted less people there. ``there``, ``missed``, ``wrong``:
    int64[9, 16] by cell of the picture: people, people missed, false people. ``by_height``: (from px, to px, people,
    share found) by quarters of the heights of people; who is far away is small. ``by_crowd``: (people, frames, mean
    absolute error).
    """

    picture: tuple[int, int]
    seconds: NDArray[np.float64]
    error: NDArray[np.float64]
    there: NDArray[np.int64]
    missed: NDArray[np.int64]
    wrong: NDArray[np.int64]
    by_height: tuple[tuple[float, float, int, float], ...]
    by_crowd: tuple[tuple[int, int, float], ...]


def break_down(pairings: Sequence[Pairing], picture: tuple[int, int]) -> Breakdown:
    """Sum up matched frames. ``picture``: width and height in px."""
    there, missed, wrong = (np.zeros((ROWS, COLUMNS), np.int64) for _ in range(3))
    heights, found = [], []
    for pairing in pairings:
        rows, columns = pairing.matches()
        hit = np.isin(np.arange(len(pairing.true.id)), rows)
        good = np.isin(np.arange(len(pairing.counted.id)), columns)
        _add(there, pairing.true.foot, picture)
        _add(missed, pairing.true.foot[~hit], picture)
        _add(wrong, pairing.counted.foot[~good], picture)
        heights.append(pairing.true.xyxy[:, 3] - pairing.true.xyxy[:, 1])
        found.append(hit)
    error = np.array([len(p.counted.id) - len(p.true.id) for p in pairings], np.float64)
    crowd = np.array([len(p.true.id) for p in pairings], np.int64)
    return Breakdown(
        picture,
        np.array([p.true.seconds for p in pairings], np.float64),
        error,
        there,
        missed,
        wrong,
        _by_height(np.concatenate(heights), np.concatenate(found)),
        tuple(
            (int(n), int((crowd == n).sum()), float(np.abs(error[crowd == n]).mean()))
            for n in np.unique(crowd).tolist()
        ),
    )


def _add(cells: NDArray[np.int64], foot: NDArray[np.float64], picture: tuple[int, int]) -> None:
    column = (foot[:, 0] / picture[0] * COLUMNS).astype(int).clip(0, COLUMNS - 1)
    row = (foot[:, 1] / picture[1] * ROWS).astype(int).clip(0, ROWS - 1)
    np.add.at(cells, (row, column), 1)


def _by_height(height: NDArray[np.float64], found: NDArray[np.bool_]) -> tuple[tuple[float, float, int, float], ...]:
    if not len(height):
        return ()
    borders = np.unique(np.quantile(height, [0, 0.25, 0.5, 0.75, 1]))
    parts = []
    for low, high in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        inside = (height >= low) & ((height < high) | (high == borders[-1]))
        if inside.any():
            parts.append((low, high, int(inside.sum()), float(found[inside].mean())))
    return tuple(parts)
