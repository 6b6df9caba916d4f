"""Noise, scale and interval against their formulas, and against two other accountants."""

import math
from collections import Counter
from fractions import Fraction

import pytest
from dp_accounting.pld import privacy_loss_distribution as pld
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.gate.privacy.mechanism import MechanismError, half_width, outside, randomize, scale_of, spent

SCALES = (0.2, 0.5, 1.0, 2.5, 4.0, 20 / 3, 100.0)
DRAWS = 20_000


def probability(k: int, scale: float) -> float:
    p = math.exp(-1 / scale)
    return (1 - p) / (1 + p) * p ** abs(k)


@pytest.mark.parametrize("scale", SCALES)
def test_noise_has_the_declared_distribution(scale: float) -> None:
    """Pearson's chi-square over the bins that expect at least 20 draws, at six standard deviations."""
    seen = Counter(randomize([1000] * DRAWS, scale))
    bins = [k for k in range(-2000, 2001) if DRAWS * probability(k, scale) >= 20]
    expected = [DRAWS * probability(k, scale) for k in bins]
    found = [seen[1000 + k] for k in bins]
    rest = DRAWS - sum(expected)
    statistic = sum((f - e) ** 2 / e for f, e in zip(found, expected, strict=True))
    statistic += (DRAWS - sum(found) - rest) ** 2 / max(rest, 1.0)
    assert statistic < len(bins) + 6 * math.sqrt(2 * len(bins)) + 20


@pytest.mark.parametrize("scale", SCALES)
def test_the_interval_covers_95_percent_and_no_narrower_one_does(scale: float) -> None:
    h = half_width(scale)
    inside = sum(probability(k, scale) for k in range(-h, h + 1))
    assert inside == pytest.approx(1 - outside(scale, h), abs=1e-12)
    assert inside >= 0.95
    assert h == 0 or 1 - outside(scale, h - 1) < 0.95
    assert inside <= 0.95 + 2 * probability(h, scale)


@given(
    st.integers(1, 10**6),
    st.fractions(Fraction(1, 10**6), Fraction(10), max_denominator=10**6).filter(lambda e: e > 0),
)
@settings(max_examples=200, deadline=None)
def test_the_scale_is_never_below_what_was_declared_and_is_what_is_printed(sensitivity: int, epsilon: Fraction) -> None:
    scale, exact = scale_of(sensitivity, epsilon), Fraction(sensitivity) / epsilon
    assert exact <= Fraction(scale) <= exact * (1 + Fraction(1, 2**51)) + Fraction(1, 10**6)
    assert float(f"{scale:.6f}") == pytest.approx(scale, rel=1e-15)


def test_the_scale_of_the_plan() -> None:
    assert (scale_of(4, Fraction(1)), half_width(4.0)) == (4.0, 12)
    assert f"{scale_of(4, Fraction('0.6')):.6f}" == "6.666667"


@pytest.mark.parametrize(("sensitivity", "epsilon"), [(4, "1"), (4, "0.6"), (2, "0.2"), (240, "0.2"), (1, "2.5")])
def test_opendp_and_dp_accounting_agree_with_the_charge(sensitivity: int, epsilon: str) -> None:
    declared = Fraction(epsilon)
    scale = scale_of(sensitivity, declared)
    assert spent(sensitivity, scale) <= float(declared) * (1 + 1e-9)
    loss = pld.from_discrete_laplace_mechanism(1 / scale, sensitivity=sensitivity, value_discretization_interval=1e-4)
    assert loss.get_epsilon_for_delta(0) == pytest.approx(float(declared), abs=2e-4)


def test_a_scale_that_is_no_scale_is_refused() -> None:
    for scale in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(MechanismError):
            randomize([1], scale)
    assert randomize([], 4.0) == []
