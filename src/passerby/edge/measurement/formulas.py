"""The formulas behind the measures, as pure functions."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVELS = ((3.24, "A"), (2.32, "B"), (1.39, "C"), (0.93, "D"), (0.46, "E"))
"""Least space for each person on a walkway, m²; below the last it is F."""


def density(people: float, area_m2: float) -> float:
    """People on each square metre, ρ = N / A, with A > 0 (Fruin, Pedestrian Planning and Design, 1971). Unit: 1/m²."""
    return people / area_m2


def level_of_service(people_per_m2: float) -> str:
    """A to F, by the space 1 / ρ that each person has on a walkway (Fruin, 1971)."""
    space = np.inf if people_per_m2 <= 0 else 1 / people_per_m2
    return next((level for least, level in LEVELS if space >= least), "F")


def apart(places: Array) -> Array:
    """Distance of every pair, float64[N, N] m, of places float64[N, 2] m; infinite for somebody and themselves."""
    distance: Array = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    np.fill_diagonal(distance, np.inf)
    return distance


def near_somebody(places: Array, metres: float) -> NDArray[np.bool_]:
    """bool[N]: who has a neighbour closer than ``metres``. The share of them is the distancing figure of the literature
    (Pouw et al., Monitoring physical distancing for crowd management, PLoS ONE, 2020)."""
    return np.asarray(apart(places).min(axis=1, initial=np.inf) < metres)


def mean_speed(first: Array, last: Array, seconds: float) -> float:
    """Speed of a track, |last − first| / t, of places float64[2] m, ``seconds`` > 0. Unit: m/s. The length of the way
    itself would grow with the noise of every position."""
    return float(np.linalg.norm(last - first)) / seconds
