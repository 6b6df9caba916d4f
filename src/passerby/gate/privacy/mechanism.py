"""Discrete Laplace noise, integer-exact, by OpenDP."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_laplace
from opendp.metrics import l1_distance
from opendp.mod import enable_features

from passerby.datatypes.errors import PasserbyError

enable_features("contrib")

SCALE_DECIMALS = 6


class MechanismError(PasserbyError):
    """The noise would be smaller than the mandate declares."""


def scale_of(sensitivity: int, epsilon: Fraction) -> float:
    """b = Δ₁/ε in the unit of the family, rounded up to the six decimals that are published, never down."""
    exact = Fraction(sensitivity) / epsilon
    scale = math.ceil(exact * 10**SCALE_DECIMALS) / 10**SCALE_DECIMALS
    return scale if Fraction(scale) >= exact else math.nextafter(scale, math.inf)


def randomize(values: Sequence[int], scale: float) -> list[int]:
    """Each value plus independent discrete Laplace noise of scale b.

    P[noise = k] = (1 − p)/(1 + p) · p^|k| with p = e^(−1/b) (Ghosh, Roughgarden, Sundararajan, 2009).
    The same call protects all values of one release together: what a unit changes in them in all, Δ₁, costs Δ₁/b.
    """
    if not values:
        return []
    return [int(value) for value in _laplace(scale)(list(values))]


@lru_cache(maxsize=1024)
def spent(sensitivity: int, scale: float) -> float:
    """ε that a release of this sensitivity costs, rounded up, as OpenDP accounts for it."""
    return float(_laplace(scale).map(sensitivity))


def outside(scale: float, width: int) -> float:
    """P[|noise| > width] = 2·p^(width + 1)/(1 + p) with p = e^(−1/b)."""
    return 2 * math.exp(-(width + 1) / scale) / (1 + math.exp(-1 / scale))


def half_width(scale: float, alpha: float = 0.05) -> int:
    """The least integer h with P[|noise| ≤ h] ≥ 1 − α: ⌈b·ln(2/(α(1 + e^(−1/b))))⌉ − 1, and never below 0."""
    width = max(0, math.ceil(scale * math.log(2 / (alpha * (1 + math.exp(-1 / scale))))) - 1)
    return width if outside(scale, width) <= alpha else width + 1


@lru_cache(maxsize=1024)
def _laplace(scale: float) -> Any:
    if not scale > 0 or not math.isfinite(scale):
        raise MechanismError("noise has no scale", expected="a positive number", came=str(scale))
    return make_laplace(vector_domain(atom_domain(T="i64")), l1_distance(T="i64"), scale=scale)
