"""What the gate charges for a day is what dp-accounting composes from the scales on the released lines."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from dp_accounting.pld import privacy_loss_distribution as pld

SPLITS = [
    [("900", "0.6"), ("3600", "0.2"), ("86400", "0.2")],
    [("900", "1")],
    [("3600", "0.5"), ("86400", "0.3")],
]


@pytest.mark.parametrize("split", SPLITS)
def test_a_days_charge_is_the_composition_of_its_lines(split: Any, house: Any) -> None:
    """Each family and resolution is one vector mechanism with L1 sensitivity Δ₁; together they are one day."""
    resolutions = [{"seconds": int(seconds), "share": share} for seconds, share in split]
    gate, mandate = house.open(), house.mandate(resolution=resolutions)
    start = datetime(2026, 5, 31, 21, tzinfo=UTC)
    batch = gate.release(
        house.measures(mandate, start, 4, windows=86400 // int(split[0][0])), house.authorizations(mandate)
    )
    mechanisms = set()
    for line in batch.lines:
        row = line.split(",")
        seconds = (datetime.fromisoformat(row[5]) - datetime.fromisoformat(row[4])).total_seconds()
        mechanisms.add((row[1], seconds, float(row[7])))
    assert len(mechanisms) == 2 * len(split)
    whole = None
    for _, _, scale in sorted(mechanisms):
        one = pld.from_discrete_laplace_mechanism(1 / scale, sensitivity=4, value_discretization_interval=1e-3)
        whole = one if whole is None else whole.compose(one)
    assert whole is not None
    charged = gate.charged("square-1", "2026-06-01")
    assert charged == Fraction("1.6") * sum(Fraction(share) for _, share in split)
    assert whole.get_epsilon_for_delta(0) == pytest.approx(float(charged), abs=1e-3 * len(mechanisms))
