"""Windows of the public grid: fixed parts of a civil day, whatever happens in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from passerby.datatypes.errors import InvalidGeometryError


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Half-open interval [start, end) of instants, both UTC and whole seconds."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        whole = (
            self.start.tzinfo is UTC and self.end.tzinfo is UTC and not (self.start.microsecond or self.end.microsecond)
        )
        if not whole or not self.start < self.end:
            raise InvalidGeometryError(
                "window is not an interval of time",
                expected="start before end, both UTC and whole seconds",
                came=f"{self.start!s} to {self.end!s}",
                remedy="Build windows with windows_of_day().",
            )

    @property
    def seconds(self) -> int:
        """Length in s."""
        return round((self.end - self.start).total_seconds())

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def __str__(self) -> str:
        return f"{utc_text(self.start)}/{utc_text(self.end)}"


@lru_cache(maxsize=4096)
def utc_text(instant: datetime) -> str:
    """RFC 3339 text of a whole-second instant: ``2026-11-23T09:00:00Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def civil_day(instant: datetime, zone: ZoneInfo) -> date:
    """The civil day of the city in which the instant lies."""
    return instant.astimezone(zone).date()


def day_window(day: date, zone: ZoneInfo) -> Window:
    """The civil day as a window; 23 or 25 hours long where the clock changes."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
    return Window(start, end)


def windows_of_day(day: date, zone: ZoneInfo, seconds: int) -> Iterator[Window]:
    """All windows of ``seconds`` that tile a civil day, counted in elapsed time from its first instant.

    A day that the last window does not fill exactly ends with a shorter one. ``seconds >= 86400`` gives the day.
    """
    if seconds < 1:
        raise InvalidGeometryError("window has no length", expected="at least 1 s", came=f"{seconds} s")
    whole = day_window(day, zone)
    if seconds >= 86400:
        yield whole
        return
    start = whole.start
    while start < whole.end:
        end = min(start + timedelta(seconds=seconds), whole.end)
        yield Window(start, end)
        start = end


def window_at(instant: datetime, zone: ZoneInfo, seconds: int) -> Window:
    """The window of ``seconds`` of the public grid in which the instant lies."""
    whole = day_window(civil_day(instant, zone), zone)
    if seconds >= 86400:
        return whole
    index = int((instant - whole.start).total_seconds()) // seconds
    start = whole.start + timedelta(seconds=index * seconds)
    return Window(start, min(start + timedelta(seconds=seconds), whole.end))
