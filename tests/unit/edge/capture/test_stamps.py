"""Stream time and time of day over a week."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from passerby.edge.capture.stamps import Stamps

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Set:
    def __init__(self) -> None:
        self.time = BEGIN

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def test_a_camera_that_gains_ten_seconds_a_day_is_followed_within_a_moment_for_a_week() -> None:
    clock, random = Set(), Random(1)
    stamps = Stamps(clock)
    last = BEGIN
    for step in range(7 * 24 * 360):
        true = BEGIN + timedelta(seconds=10 * step)
        clock.time = true + timedelta(seconds=random.uniform(0.0, 0.3))
        instant = stamps.instant(10 * step * (1 + 10 / 86400))
        assert instant is not None
        assert last <= instant
        assert abs(instant - true) < timedelta(seconds=0.5)
        last = instant


def test_spacing_is_the_streams_however_late_frames_arrive() -> None:
    clock, random = Set(), Random(2)
    stamps = Stamps(clock)
    instants = []
    for number in range(500):
        clock.time = BEGIN + timedelta(seconds=number / 25 + random.uniform(0.0, 0.4))
        instants.append(stamps.instant(number / 25))
    steps = [b - a for a, b in pairwise(instants) if a and b]
    assert all(abs(step.total_seconds() - 0.04) < 0.002 for step in steps)


def test_a_new_session_has_another_origin() -> None:
    clock = Set()
    stamps = Stamps(clock)
    stamps.instant(100_000.0)
    clock.sleep(60)
    stamps.begin()
    assert stamps.instant(0.0) == clock.time


def test_frames_are_dropped_while_a_clock_that_was_set_back_catches_up() -> None:
    clock = Set()
    stamps = Stamps(clock)
    assert stamps.instant(0.0) == BEGIN
    clock.time = BEGIN - timedelta(minutes=5)
    assert stamps.instant(1.0) is None
    clock.time = BEGIN + timedelta(seconds=1)
    assert stamps.instant(302.0) == clock.time
