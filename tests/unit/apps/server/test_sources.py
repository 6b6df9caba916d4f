"""What the public may ask of a house, without asking its log again and again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from passerby.apps.city import read_city
from passerby.apps.node.house import House
from passerby.apps.node.status import StatusBoard
from passerby.apps.server import sources
from passerby.datatypes.cell import Cell
from passerby.datatypes.counter import Counter
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.standing import Standing, State
from passerby.public.directory import SensorState

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
COUNTERS = tuple(f"mill-{n}" for n in range(50))


def mandate(name: str, sensors: tuple[str, ...], expires: datetime) -> Mandate:
    family = Family.COUNTER_PASSAGES
    return Mandate(
        hash=name.rjust(64, "0"),
        id=name,
        title=name,
        starts=BEGIN,
        expires=expires,
        notice_seconds=0,
        zone=ZoneInfo("UTC"),
        hours=(0, 24),
        cells=tuple(Cell(sensor, family, sensor, "person") for sensor in sensors),
        budgets={family: FamilyBudget(family, Fraction(1), 2)},
        resolutions=(Resolution(3600, Fraction(1)),),
        tracks=2,
        track_seconds=120,
        sensor_cap=Fraction(2),
        background_plate=False,
        archive=None,
        document={},
    )


class Log:
    """Stands for the view of a log; counts how often it is asked."""

    def __init__(self, *mandates: Mandate) -> None:
        self.mandates, self.size, self.asked = list(mandates), len(mandates), 0

    def standings(self, now: datetime) -> tuple[Standing, ...]:
        self.asked += 1
        states = [State.IN_FORCE if now < m.expires else State.EXPIRED for m in self.mandates]
        return tuple(Standing(m, s, now, 0, (), BEGIN, BEGIN) for m, s in zip(self.mandates, states, strict=True))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    class Clock(datetime):
        at = BEGIN

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override] # noqa: ARG003
            return cls.at

    def pass_by(time: timedelta) -> None:
        Clock.at += time

    monkeypatch.setattr(sources, "datetime", Clock)
    return pass_by


def view_of(log: Log, folder: Path, *, stopped: bool = False) -> sources.PublicView:
    (folder / "city.toml").write_text('name = "x"\nstate = "s"\n[log]\norigin = "log.example"\nquorum = 0\n', "utf-8")
    policy = SimpleNamespace(logs=[SimpleNamespace(key=SimpleNamespace(text="key"))], text="policy")
    house = cast(House, SimpleNamespace(city=read_city(folder / "city.toml"), view=log, policy=policy))
    counters = [(Counter(name, name, Place(59.0, 24.0)), "UTC") for name in COUNTERS]
    return sources.PublicView(house, StatusBoard(()), counters, lambda _: None, lambda: stopped)


def test_a_page_of_sensors_asks_the_log_once(tmp_path: Path, clock: Callable[[timedelta], None]) -> None:
    log = Log(mandate("first", COUNTERS[:30], BEGIN + timedelta(hours=1)))
    view = view_of(log, tmp_path)
    city = view.city()
    states = [view.state(name) for name in COUNTERS]
    assert states == [SensorState.MEASURING] * 30 + [SensorState.NOT_MANDATED] * 20
    assert log.asked == 1
    clock(timedelta(milliseconds=500))
    assert view.city() is city
    assert log.asked == 1
    clock(timedelta(seconds=1))
    assert view.city() is city
    assert view.state("nobody") is SensorState.NOT_MANDATED
    assert log.asked == 2


def test_counters_that_stopped_are_an_outage(tmp_path: Path) -> None:
    log = Log(mandate("first", COUNTERS[:30], datetime.now(UTC) + timedelta(hours=1)))
    view = view_of(log, tmp_path, stopped=True)
    states = [view.state(name) for name in COUNTERS]
    assert states == [SensorState.OUTAGE] * 30 + [SensorState.NOT_MANDATED] * 20


def test_an_end_and_a_new_mandate_show_at_once(tmp_path: Path, clock: Callable[[timedelta], None]) -> None:
    log = Log(mandate("first", COUNTERS[:1], BEGIN + timedelta(hours=1)))
    view = view_of(log, tmp_path)
    before = view.city()
    clock(timedelta(hours=1))
    assert view.state(COUNTERS[0]) is SensorState.NOT_MANDATED
    assert view.city() is not before
    log.mandates.append(mandate("second", COUNTERS[:2], BEGIN + timedelta(hours=9)))
    log.size += 1
    assert [view.state(name) for name in COUNTERS[:3]] == [SensorState.MEASURING] * 2 + [SensorState.NOT_MANDATED]
    sensor = next(sensor for sensor in view.city().sensors if sensor.id == COUNTERS[0])
    untouched = [(a is b) for a, b in zip(before.sensors, view.city().sensors, strict=True) if a.id not in COUNTERS[:2]]
    assert all(untouched), "a sensor was made anew though nothing about it changed"
    assert [m.lstrip("0") for m in sensor.mandates] == ["first", "second"]
    assert sensor.cells == (Cell(COUNTERS[0], Family.COUNTER_PASSAGES, COUNTERS[0], "person"),)
