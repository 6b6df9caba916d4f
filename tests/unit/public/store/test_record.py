"""Only the very text that the gate writes is a release line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.datatypes.release import HEADER
from passerby.public.store.record import ReleaseLineError, nominal_resolution, parse

GOOD = "plaza,area_entries,square,person,2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,-3,4.000000,12,1000,," + "ab" * 32


def changed(field: str, text: str) -> str:
    parts = GOOD.split(",")
    parts[HEADER.split(",").index(field)] = text
    return ",".join(parts)


def test_a_good_line_comes_back_byte_for_byte() -> None:
    record = parse(GOOD)
    assert record.value == -3
    assert record.resolution == 3600
    assert record.line() == GOOD


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("sensor", "Plaza"),
        ("sensor", ""),
        ("family", "faces"),
        ("category", "PERSON"),
        ("start", "2026-03-01 09:00:00Z"),
        ("start", "2026-03-01T09:00:00+00:00"),
        ("start", "2026-03-01T09:00:00.5Z"),
        ("start", "20260301T090000Z"),
        ("start", "2026-02-30T09:00:00Z"),
        ("end", "2026-03-01T09:00:00Z"),
        ("value", "03"),
        ("value", "-0"),
        ("value", "+3"),
        ("value", " 3"),
        ("value", "3.0"),
        ("value", "٣"),
        ("value", ""),
        ("scale", "4.0"),
        ("scale", "nan"),
        ("scale", "04.000000"),
        ("half_width", "-12"),
        ("coverage", "1001"),
        ("coverage", "1.0"),
        ("outage", "no-signal"),
        ("outage", "lunch"),
        ("mandate", "AB" * 32),
        ("mandate", "ab" * 31),
    ],
)
def test_what_is_not_canonical_is_refused(field: str, text: str) -> None:
    with pytest.raises(ReleaseLineError):
        parse(changed(field, text))


def test_an_outage_has_no_value() -> None:
    text = changed("value", "").replace(",1000,,", ",0,covered,")
    assert parse(text).value is None
    assert parse(text).line() == text


@given(st.text(max_size=200))
def test_any_text_is_a_release_that_writes_itself_or_an_error(text: str) -> None:
    try:
        record = parse(text)
    except ReleaseLineError:
        return
    assert record.line() == text


@given(
    value=st.integers(-(10**12), 10**12),
    scale=st.integers(0, 10**12),
    half_width=st.integers(0, 10**9),
    coverage=st.integers(0, 1000),
)
def test_every_number_survives_the_round_trip(value: int, scale: int, half_width: int, coverage: int) -> None:
    scale_text = f"{scale // 10**6}.{scale % 10**6:06d}"
    text = GOOD.replace(",-3,4.000000,12,1000,,", f",{value},{scale_text},{half_width},{coverage},,")
    assert parse(text).line() == text


def test_days_of_23_and_25_hours_are_days() -> None:
    assert [nominal_resolution(hours * 3600) for hours in (1, 23, 24, 25)] == [3600, 86400, 86400, 86400]
