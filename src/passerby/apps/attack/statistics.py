"""What counts of two worlds prove about ε."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, chi2

CONFIDENCE = 1 - 1e-4
"""Of each attack's bound: in ten thousand audits of a gate that keeps its promise, one may say that it does not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attack achieved.

    ``empirical``: ε that the attack proves to have been spent, at least, with ``CONFIDENCE``. ``declared``: ε that the
    mandate charges for what was attacked. ``held``: whether the gate kept to it and to its rules. ``note``: in words.
    """

    held: bool
    empirical: float
    declared: float
    note: str = ""


def epsilon_low(hits: int, of: int, false_hits: int, false_of: int, *, alpha: float) -> float:
    """Lower bound of ln(P[hit | one world]/P[hit | other world]) with confidence 1 − α, never below 0.

    Clopper and Pearson (1934) for each probability at α/2.
    """
    if hits == 0 or not of or not false_of:
        return 0.0
    low = float(beta.ppf(alpha / 2, hits, of - hits + 1))
    high = 1.0 if false_hits == false_of else float(beta.ppf(1 - alpha / 2, false_hits + 1, false_of - false_hits))
    return max(0.0, math.log(low / high))


def best_bound(scores: Sequence[float], worlds: Sequence[int], *, tests: int = 1, thresholds: int = 9) -> float:
    """The best ε that any threshold on the score proves, in either direction, over ``tests`` such calls.

    ``worlds``: 1 where the people are there, 0 where they are not. Thresholds are quantiles of the first third of the
    scores, and the bound is computed on the rest, so that choosing them costs nothing; α is shared by all of them.
    """
    score, world = np.asarray(scores, float), np.asarray(worlds, int)
    third = len(score) // 3
    cuts = np.unique(np.quantile(score[:third], np.linspace(0.02, 0.98, thresholds), method="nearest"))
    score, world = score[third:], world[third:]
    alpha = (1 - CONFIDENCE) / (2 * len(cuts) * tests)
    with_people, without = score[world == 1], score[world == 0]
    best = 0.0
    for cut in cuts:
        above, false_above = int((with_people >= cut).sum()), int((without >= cut).sum())
        n, m = len(with_people), len(without)
        best = max(best, epsilon_low(above, n, false_above, m, alpha=alpha))
        best = max(best, epsilon_low(m - false_above, m, n - above, n, alpha=alpha))
    return best


def laplace_fit(noise: Iterable[int], scale: float) -> float:
    """p-value of Pearson's chi-square: the noise is discrete Laplace of this scale. Bins expect at least 10 draws."""
    drawn = np.asarray(list(noise), np.int64)
    p = math.exp(-1 / scale)
    n, centre = len(drawn), (1 - p) / (1 + p)
    last = max(0, math.floor(math.log(10 / (n * centre), p))) if n * centre > 10 else 0
    bins = np.arange(-last, last + 1)
    expected = n * centre * p ** np.abs(bins).astype(float)
    found = np.array([(drawn == k).sum() for k in bins], float)
    for side in (drawn > last, drawn < -last):
        found = np.append(found, side.sum())
        expected = np.append(expected, n * p ** (last + 1) / (1 + p))
    return float(chi2.sf(((found - expected) ** 2 / expected).sum(), len(expected) - 1))


def trials_for(epsilon: float, *, least: int, most: int) -> int:
    """Trials a world so that a bound of 1.5 ε + 0.5 can be proven at all, between ``least`` and ``most``."""
    return int(min(most, max(least, 40 * math.exp(min(1.5 * epsilon + 0.5, 20)))))
