"""What a day's budget looks like in the log, and what is read back from there."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.gate.manifest import decimal, read_budget


@settings(deadline=None)
@given(st.fractions(min_value=0, max_value=9999))
def test_a_charge_is_read_back_and_never_smaller(epsilon: Fraction) -> None:
    read = read_budget({"sensors": {"square": decimal(epsilon)}})["square"]
    assert epsilon <= read <= epsilon + Fraction(1, 10**12)


@pytest.mark.parametrize("said", ["-1", "+1", "1e9", "1e-9", "nan", "Infinity", "1/2", " 1", "01", "", 1, None, ["1"]])
def test_what_is_no_plain_decimal_is_no_charge(said: Any) -> None:
    assert read_budget({"sensors": {"square": said}}) == {}
