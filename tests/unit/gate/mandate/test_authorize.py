"""Who may measure when: to the second, whatever the clock on the wall does."""

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing, State
from passerby.gate.mandate import NotAuthorizedError, parse_document, parse_toml
from passerby.gate.mandate.authorize import VALID_SECONDS, authorize

EXAMPLE = (Path(__file__).parents[4] / "spec/examples/square.toml").read_text("utf-8")
DOCUMENT: dict[str, Any] = dict(parse_toml(EXAMPLE).document)
SECOND = timedelta(seconds=1)


def mandate(**schedule: Any) -> Mandate:
    document = copy.deepcopy(DOCUMENT)
    document["schedule"].update(schedule)
    return parse_document(document)


def ask(one: Mandate, instant: datetime, state: State = State.IN_FORCE, seen: timedelta = -SECOND) -> Authorization:
    force = max(one.starts, datetime(2020, 1, 1, tzinfo=UTC))
    standing = Standing(one, state, instant, 1, ("council", "oversight"), force, force)
    return authorize(standing, "square", instant, instant, tree_size=4, log_as_of=instant + seen)


def allowed(one: Mandate, instant: datetime) -> bool:
    try:
        return ask(one, instant).covers(instant)
    except NotAuthorizedError:
        return False


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "hours", "first", "last"),
    [
        ("Europe/Tallinn", [6, 24], "2026-06-01T06:00+03:00", "2026-06-02T00:00+03:00"),
        ("Europe/Tallinn", [0, 24], "2026-03-29T00:00+02:00", "2026-03-30T00:00+03:00"),  # 23 hours
        ("Europe/Tallinn", [2, 4], "2026-03-29T02:00+02:00", "2026-03-29T04:00+03:00"),  # the hour from 3 is skipped
        ("Europe/Tallinn", [0, 24], "2026-10-25T00:00+03:00", "2026-10-26T00:00+02:00"),  # 25 hours
        ("Europe/Tallinn", [3, 4], "2026-10-25T03:00+03:00", "2026-10-25T04:00+02:00"),  # the hour from 3 comes twice
        ("Europe/Tallinn", [0, 3], "2026-10-25T00:00+03:00", "2026-10-25T03:00+03:00"),
        ("Pacific/Auckland", [8, 20], "2026-06-01T08:00+12:00", "2026-06-01T20:00+12:00"),
        ("America/St_Johns", [0, 24], "2026-06-01T00:00-02:30", "2026-06-02T00:00-02:30"),
        ("Africa/Cairo", [0, 6], "2026-04-24T01:00+03:00", "2026-04-24T06:00+03:00"),  # midnight does not exist
        ("Asia/Kathmandu", [6, 24], "2026-06-01T06:00+05:45", "2026-06-02T00:00+05:45"),
    ],
)
def test_hours_are_those_of_the_citys_clock(zone: str, hours: list[int], first: str, last: str) -> None:
    one = mandate(zone=zone, hours=hours, starts="2026-01-01T00:00:00Z", expires="2026-12-31T00:00:00Z")
    begin, end = at(first), at(last)
    assert allowed(one, begin)
    assert allowed(one, end - SECOND)
    if hours != [0, 24]:
        assert not allowed(one, begin - SECOND)
        assert hours[1] == 24 or not allowed(one, end)
    proof = ask(one, end - SECOND)
    assert proof.valid_until <= end


def test_every_second_of_a_year_is_allowed_or_not_as_the_wall_clock_says() -> None:
    one = mandate(hours=[3, 4], starts="2024-01-01T00:00:00Z", expires="2025-01-01T00:00:00Z")
    instant, count = datetime(2024, 1, 1, tzinfo=UTC), 0
    while instant < datetime(2025, 1, 1, tzinfo=UTC):
        wall = instant.astimezone(one.zone)
        assert allowed(one, instant) == (wall.hour == 3), instant
        count += wall.hour == 3
        instant += timedelta(minutes=30)
    # A leap year of 366 days: one day lacks the hour, one has it twice.
    assert count == 2 * 366


def test_it_begins_and_ends_on_the_second() -> None:
    one = mandate(hours=[0, 24], starts="2026-03-01T10:07:13Z", expires="2026-03-01T11:07:13Z")
    assert not allowed(one, at("2026-03-01T10:07:12Z"))
    assert allowed(one, at("2026-03-01T10:07:13Z"))
    assert allowed(one, at("2026-03-01T11:07:12Z"))
    assert not allowed(one, at("2026-03-01T11:07:13Z"))
    assert ask(one, at("2026-03-01T11:07:10Z")).valid_until == one.expires


def test_a_leap_day_is_a_day() -> None:
    one = mandate(hours=[0, 24], starts="2024-02-28T22:00:00Z", expires="2024-02-29T22:00:00Z", zone="Europe/Tallinn")
    assert allowed(one, at("2024-02-29T00:00+02:00"))
    assert allowed(one, at("2024-02-29T23:59:59+02:00"))
    assert not allowed(one, at("2024-03-01T00:00+02:00"))


def test_a_proof_stands_a_moment() -> None:
    instant = at("2026-06-01T12:00Z")
    proof = ask(mandate(), instant)
    assert proof.valid_until - instant == timedelta(seconds=VALID_SECONDS)
    assert proof.asked_at == instant


@pytest.mark.parametrize("state", [state for state in State if state is not State.IN_FORCE])
def test_no_other_state_allows_anything(state: State) -> None:
    with pytest.raises(NotAuthorizedError, match=f"got state {state.value}"):
        ask(mandate(), at("2026-06-01T12:00Z"), state)


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (-3600, True), (-3601, False), (120, True), (121, False)])
def test_the_log_is_fresh_within_the_mandates_limit_and_never_from_the_future(seconds: int, fresh: bool) -> None:
    instant = at("2026-06-01T12:00Z")
    if fresh:
        assert ask(mandate(), instant, seen=timedelta(seconds=seconds)).covers(instant)
    else:
        with pytest.raises(NotAuthorizedError, match="not fresh enough"):
            ask(mandate(), instant, seen=timedelta(seconds=seconds))


def test_a_log_that_no_witness_saw_allows_nothing() -> None:
    instant = at("2026-06-01T12:00Z")
    standing = Standing(mandate(), State.IN_FORCE, instant, 1, (), instant, instant)
    with pytest.raises(NotAuthorizedError, match="no witness"):
        authorize(standing, "square", instant, instant, tree_size=4, log_as_of=None)
