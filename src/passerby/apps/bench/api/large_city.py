"""A large city and a year of its releases, generated.

What a year of releases means here: for each camera the total of each civil day, and for one camera in ten the hours of
the last week too. Batches hold 1,000 cameras. Rows are written by SQL into the tables of the store, settled as the
store settles; their values are arbitrary and the roots of their batches are not those of their lines, which nothing
that is measured here recomputes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.standing import Standing, State
from passerby.public.directory import City, LogDescription, Sensor, SensorState, SensorType, Sources
from passerby.public.store.schema import DDL, INDEX_BITS, release_id
from passerby.public.store.store import SETTLE_ROWS, connect

DAYS, WEEK_HOURS, GROUP = 365, 168, 1000
FIRST_DAY = 20_089  # 2025-01-01, days since 1970
_DAY = 86_400
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """Cameras of a city; the others follow."""

    cameras: int

    @property
    def groups(self) -> int:
        """Batches a day."""
        return -(-self.cameras // GROUP)

    @property
    def hourly(self) -> int:
        """Cameras with hours."""
        return self.cameras // 10

    @property
    def rows(self) -> int:
        """Releases in the store."""
        return self.cameras * DAYS + self.hourly * WEEK_HOURS


def camera_id(number: int) -> str:
    """Name of the camera with this number."""
    return f"cam-{number:06d}"


def place_of(number: int) -> Place:
    """Where the camera with this number stands: a grid of 500 rows, a thousandth of a degree apart."""
    return Place(59.0 + number % 500 / 1000, 24.0 + number // 500 / 1000)


def mandate_hash(group: int) -> str:
    """Stands for the hash of the mandate of a group."""
    return sha256(f"group {group}".encode()).hexdigest()


def build(path: Path, size: Size, tell: Tell) -> None:
    """Write the store of the city; takes about a minute for 200,000 cameras."""
    database = connect(path, threads=2, memory="4GB")
    database.execute(DDL)
    _streams(database, size)
    days_a_run = max(1, SETTLE_ROWS // size.cameras)
    settled = -1
    for first in range(0, DAYS, days_a_run):
        until = min(DAYS, first + days_a_run)
        _insert(database, first * size.cameras, until * size.cameras, _daily(size))
        settled = _settle(database, settled, release_id(until * size.groups, 0) - 1)
        tell(f"large city: {until} of {DAYS} days")
    # The hours stay unsettled, as the newest releases do.
    _insert(database, 0, size.hourly * WEEK_HOURS, _hours(size))
    _finish(database, size, settled)
    database.close()


def sources(size: Size) -> Sources:
    """The city as the API asks for it: a mandate for each thousand cameras."""
    standings = tuple(_standing(group, size) for group in range(size.groups))
    hashes = [standing.mandate.hash for standing in standings]
    sensors = tuple(_sensor(number, hashes[number // GROUP]) for number in range(size.cameras))
    city = City("Large city", LogDescription("log.large.example", "-", "-"), sensors)
    return Sources(lambda: city, lambda: standings, lambda _: SensorState.MEASURING, lambda _: None)


def _streams(database: duckdb.DuckDBPyConnection, size: Size) -> None:
    for first, cameras, seconds in ((0, size.cameras, _DAY), (size.cameras, size.hourly, 3600)):
        database.execute(
            f"INSERT INTO streams SELECT {first} + c, 'cam-' || lpad(c::VARCHAR, 6, '0'), 'area_entries', 'square',"
            f" 'person', {seconds} FROM range({cameras}) t(c)"
        )


def _daily(size: Size) -> str:
    c, g = size.cameras, size.groups
    return (
        f"((n // {c} * {g} + n % {c} // {GROUP}) << {INDEX_BITS}) | (n % {c} % {GROUP}) AS id, n % {c} AS stream,"
        f' ({FIRST_DAY} + n // {c}) * {_DAY} AS "start", {_DAY} AS seconds'
    )


def _hours(size: Size) -> str:
    c, first = max(1, size.hourly), DAYS * size.groups
    groups = -(-c // GROUP)
    start = (FIRST_DAY + DAYS) * _DAY - WEEK_HOURS * 3600
    return (
        f"(({first} + n // {c} * {groups} + n % {c} // {GROUP}) << {INDEX_BITS}) | (n % {c} % {GROUP}) AS id,"
        f' {size.cameras} + n % {c} AS stream, {start} + n // {c} * 3600 AS "start", 3600 AS seconds'
    )


def _insert(database: duckdb.DuckDBPyConnection, low: int, high: int, columns: str) -> None:
    database.execute(
        f"INSERT INTO releases SELECT id, stream, start, seconds, CASE WHEN lost THEN NULL ELSE hash(n) % 5000 END,"
        f" 4.0, 12, CASE WHEN lost THEN 0 ELSE 1000 END, CASE WHEN lost THEN 1 ELSE 0 END"
        f" FROM (SELECT n, hash(n + 1) % 100 = 0 AS lost, {columns} FROM range({low}, {high}) t(n))"
    )


def _settle(database: duckdb.DuckDBPyConnection, settled: int, until: int) -> int:
    database.execute(
        f"INSERT INTO history SELECT * FROM releases WHERE id > {settled} AND id <= {until} ORDER BY stream, start"
    )
    return until


def _finish(database: duckdb.DuckDBPyConnection, size: Size, settled: int) -> None:
    database.execute(f"INSERT INTO settled VALUES ({settled})")
    group = f"'group ' || min(stream % {size.cameras}) // {GROUP}"
    database.execute(
        f"INSERT INTO batches SELECT manifest, sha256('batch ' || manifest), sha256({group}),"
        f' count(*), min("start"), max("start" + seconds)'
        f" FROM (SELECT id >> {INDEX_BITS} AS manifest, * FROM releases) GROUP BY manifest ORDER BY manifest"
    )
    database.execute("INSERT INTO days SELECT start // 86400, count(*), max(id) FROM releases GROUP BY 1 ORDER BY 1")


def _sensor(number: int, mandate: str) -> Sensor:
    name = camera_id(number)
    cell = Cell(name, Family.AREA_ENTRIES, "square", "person")
    return Sensor(
        name, f"Camera {number}", SensorType.CAMERA, place_of(number), "UTC", (cell,), (3600, _DAY), (mandate,)
    )


def _standing(group: int, size: Size) -> Standing:
    starts = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=FIRST_DAY)
    numbers = range(group * GROUP, min(size.cameras, (group + 1) * GROUP))
    cells = tuple(Cell(camera_id(number), Family.AREA_ENTRIES, "square", "person") for number in numbers)
    mandate = Mandate(
        hash=mandate_hash(group),
        id=f"group-{group}",
        title=f"Footfall, part {group}",
        starts=starts,
        expires=starts + timedelta(days=2 * DAYS),
        notice_seconds=_DAY,
        zone=ZoneInfo("UTC"),
        hours=(0, 24),
        cells=cells,
        budgets={Family.AREA_ENTRIES: FamilyBudget(Family.AREA_ENTRIES, Fraction(1), 2)},
        resolutions=(Resolution(3600, Fraction(1, 2)), Resolution(_DAY, Fraction(1, 2))),
        tracks=2,
        track_seconds=120,
        sensor_cap=Fraction(2),
        background_plate=False,
        archive=None,
        document={"id": f"group-{group}", "title": f"Footfall, part {group}"},
    )
    return Standing(mandate, State.IN_FORCE, starts, group, ("controller",), starts, starts)
