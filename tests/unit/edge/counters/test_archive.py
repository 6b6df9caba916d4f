"""Archives of hourly counts: what is there, what is not, and what cannot be read."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.edge.counters import CounterArchive, CounterArchiveError, read_archive

ZONE = ZoneInfo("Pacific/Auckland")
PLACES = "Address,Latitude,Longitude\nHigh Street (EW),-36.8,174.7\nK Road,-36.9,174.8\n"
HEADER = "date,hour,High Street (EW),K Road\n"
HIGH, ROAD = (Cell(s, Family.COUNTER_PASSAGES, s, "person") for s in ("high-street-ew", "k-road"))


def archive(folder: Path, rows: str, places: str = PLACES) -> CounterArchive:
    (folder / "counts.csv").write_text(HEADER + rows, "utf-8")
    (folder / "places.csv").write_text(places, "utf-8")
    return read_archive(folder / "counts.csv", folder / "places.csv")


def shown(measures: list[Measure]) -> list[int | Outage | None]:
    return [measure.value if measure.outage is None else measure.outage for measure in measures]


def test_hours_become_windows_and_gaps_stay_gaps(tmp_path: Path) -> None:
    found = archive(tmp_path, "2020-01-02,6:00-6:59,5,\n2020-01-02,7:00,0,8\n")
    assert [counter.id for counter in found.counters] == ["high-street-ew", "k-road"]
    assert found.counters[0].place.latitude == -36.8
    measures = found.measures(date(2020, 1, 2), [HIGH, ROAD], ZONE)
    assert len(measures) == 48
    assert shown(measures)[5:9] == [Outage.NO_REPORT, 5, 0, Outage.NO_REPORT]
    assert shown(measures)[24 + 6 : 24 + 8] == [Outage.NO_REPORT, 8]
    assert measures[6].window.start.astimezone(ZONE).hour == 6
    assert "5" not in repr(measures[6]).split(",")[-1]


def test_a_counter_that_came_later_was_not_installed_before(tmp_path: Path) -> None:
    found = archive(tmp_path, "2020-01-01,0:00,1,\n2020-01-02,0:00,1,\n2020-01-03,1:00,,4\n")
    assert shown(found.measures(date(2020, 1, 2), [ROAD], ZONE)) == [Outage.NOT_INSTALLED] * 24
    assert shown(found.measures(date(2020, 1, 3), [ROAD], ZONE))[:2] == [Outage.NO_REPORT, 4]


@pytest.mark.parametrize(("day", "hours"), [(date(2020, 9, 27), 23), (date(2020, 4, 5), 25), (date(2020, 2, 29), 24)])
def test_days_have_the_hours_that_the_clock_gives_them(day: date, hours: int, tmp_path: Path) -> None:
    rows = "".join(f"{day},{hour}:00,{hour},\n" for hour in range(24))
    measures = archive(tmp_path, rows).measures(day, [HIGH], ZONE)
    assert len(measures) == hours
    assert all(a.window.end == b.window.start for a, b in pairwise(measures))
    values = shown(measures)
    if hours == 23:
        assert 2 not in values, "the hour that the clock skips has no window"
    if hours == 25:
        assert values[2:4] == [2, Outage.NO_REPORT], "the repeated hour belongs to its first pass"


def test_rows_that_contradict_each_other_are_no_report(tmp_path: Path) -> None:
    found = archive(tmp_path, "2020-01-01,0:00,1,2\n2020-01-01,0:00,1,3\n2020-01-01,0:00,,2\n")
    assert shown(found.measures(date(2020, 1, 1), [HIGH, ROAD], ZONE))[::24] == [1, Outage.NO_REPORT]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("2020-01-01,25:00,1,2\n", r"line 2 is not readable"),
        ("yesterday,1:00,1,2\n", r"line 2 is not readable"),
        ("2020-01-01,1:00,1,2\n2020-01-01,2:00,many,2\n", r"line 3 is not readable"),
        ("2020-01-01,1:00,1\n", r"line 2 is not readable"),
        ("2020-01-01,1:00,1e400,1\n", r"line 2 is not readable"),
        ("", r"is empty"),
    ],
)
def test_what_cannot_be_read_is_named(rows: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(CounterArchiveError, match=told):
        archive(tmp_path, rows)


def test_a_counter_without_a_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(CounterArchiveError, match=r"lacks places.*K Road"):
        archive(tmp_path, "2020-01-01,1:00,1,2\n", PLACES.replace("K Road", "Elsewhere"))
