"""Whose box is whose: pairs with the largest sum of gains."""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray


def best_pairs(gain: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the pairs, each row and each column in one at most, whose gains [N, M] have the largest sum.
    What is not above 0 is no pair.

    Shortest augmenting paths with potentials (Jonker and Volgenant, A shortest augmenting path algorithm for dense and
    sparse linear assignment problems, 1987) over the pairs that there are; a row may also stay alone, for nothing.
    Where no two rows, or no two columns, suit the same one best, as usual, that is the answer.
    """
    rows, favourites = _favourites(gain)
    if len(set(favourites.tolist())) == len(rows):
        return rows, favourites
    columns, favourites = _favourites(gain.T)
    if len(set(favourites.tolist())) == len(columns):
        return favourites, columns
    edges: list[list[tuple[int, float]]] = [[] for _ in range(len(gain))]
    for row, column in zip(*(axis.tolist() for axis in np.nonzero(gain > 0)), strict=True):
        edges[row].append((column, float(gain[row, column])))
    worth = [max((value for _, value in found), default=0.0) for found in edges]
    price: dict[int, float] = {}
    owner: dict[int, int] = {}
    for start in range(len(edges)):
        _give_place(start, edges, worth, price, owner)
    taken = sorted(owner, key=lambda column: owner[column])
    return np.array([owner[column] for column in taken], np.int64), np.array(taken, np.int64)


def _favourites(gain: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that gain with any column, and the column with which each gains most."""
    rows = np.flatnonzero((gain > 0).any(axis=1))
    return rows, gain[rows].argmax(axis=1) if len(rows) else rows


def _give_place(
    start: int,
    edges: list[list[tuple[int, float]]],
    worth: list[float],
    price: dict[int, float],
    owner: dict[int, int],
) -> None:
    """The cheapest chain of rows that make place for each other, from ``start`` to a column without an owner, or to a
    row that is better off alone. ``worth`` of a row + ``price`` of a column ≥ the gain of their pair, = where it is one
    of ``owner``."""
    heap: list[tuple[float, int, int]] = []
    reached, left, row, at = {start: 0.0}, dict[int, int](), start, 0.0
    alone, last = worth[start], start
    while True:
        for column, value in edges[row]:
            if column not in left:
                heappush(heap, (at + worth[row] + price.get(column, 0.0) - value, column, row))
        while heap and heap[0][1] in left:
            heappop(heap)
        if not heap or heap[0][0] >= alone:
            at, column = alone, -1
            break
        at, column, left_by = heappop(heap)
        left[column] = left_by
        if column not in owner:
            break
        row = owner[column]
        reached[row] = at
        if at + worth[row] < alone:
            alone, last = at + worth[row], row
    for one, distance in reached.items():
        worth[one] -= at - distance
    for taken in left:
        if taken in owner:
            price[taken] = price.get(taken, 0.0) + at - reached[owner[taken]]
    mine = {owner_row: taken for taken, owner_row in owner.items() if owner_row in reached}
    if column < 0:
        if last == start:
            return
        column = mine[last]
    while True:
        row = left[column]
        owner[column] = row
        if row == start:
            return
        column = mine[row]
