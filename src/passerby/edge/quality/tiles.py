"""Where parts of a small picture lie in another."""

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = (160, 120)
ROWS = 3 * SIZE[1]
"""Of a large picture so many rows, about, are enough."""
TILE, SEARCH = 24, 10
TOPS, LEFTS = (10, 35, 60, 86), (10, 39, 68, 97, 126)
"""Of the tiles, px, so that there is room around each to search in."""
FOUND = 0.6
LEAST_TEXTURE, FEWEST_TILES = 0.5, 3

Picture = NDArray[np.float32]


def edges(luma: NDArray[np.uint8]) -> Picture:
    """float32[120, 160]: strength of edges, nearly whatever the light."""
    rows = luma[:: max(1, luma.shape[0] // ROWS)]
    small = cv2.resize(rows, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    across, down = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    return np.asarray(np.sqrt(cv2.magnitude(across, down)), np.float32)


def find_tiles(reference: Picture, now: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shifts float64[N, 2] px of ``SIZE``, right and down, and correlations float64[N] in [-1, 1], of the tiles of
    ``reference`` that have structure."""
    shifts, scores = [], []
    for top, left in product(TOPS, LEFTS):
        tile = reference[top : top + TILE, left : left + TILE]
        if cv2.meanStdDev(tile)[1][0, 0] < LEAST_TEXTURE:
            continue
        around = now[top - SEARCH : top + TILE + SEARCH, left - SEARCH : left + TILE + SEARCH]
        match = cv2.matchTemplate(around, tile, cv2.TM_CCOEFF_NORMED)
        _, score, _, (x, y) = cv2.minMaxLoc(match)
        shifts.append((x + _summit(match[y], x) - SEARCH, y + _summit(match[:, x], y) - SEARCH))
        scores.append(score)
    return np.array(shifts, np.float64).reshape(-1, 2), np.array(scores, np.float64)


def _summit(line: NDArray[np.float32], at: int) -> float:
    """How far the summit of the parabola through the largest value and its neighbours is from it."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, here, after = (float(v) for v in line[at - 1 : at + 2])
    bend = before - 2 * here + after
    return (before - after) / (2 * bend) if bend < 0 else 0.0
