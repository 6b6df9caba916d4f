"""A small city: one camera with an area and a line, two counters, three days of releases with a gap."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from passerby.apps.server.serve import serving
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.standing import Standing, State
from passerby.datatypes.window import utc_text
from passerby.public.api.app import create_app
from passerby.public.directory import Attribution, City, LogDescription, Sensor, SensorState, SensorType, Sources
from passerby.public.store.bulk import Batch
from passerby.public.store.store import Store
from passerby.tlog.tree import leaf_hash, tree_root

MANDATE = "ab" * 32
DAY = datetime(2026, 3, 1, tzinfo=UTC)
CELLS = (
    Cell("plaza", Family.AREA_ENTRIES, "square", "person"),
    Cell("plaza", Family.LINE_CROSSINGS, "gate", "person.forward"),
    Cell("plaza", Family.LINE_CROSSINGS, "gate", "person.backward"),
    Cell("plaza", Family.LINE_CROSSINGS, "gate", "car.forward"),
    Cell("mill-1", Family.COUNTER_PASSAGES, "mill-1", "person"),
    Cell("mill-2", Family.COUNTER_PASSAGES, "mill-2", "person"),
)

GROUND = {
    "square": (Place(59.4401, 24.7501), Place(59.4401, 24.7503), Place(59.4402, 24.7503)),
    "gate": (Place(59.44, 24.75), Place(59.44, 24.7502)),
}


def batch(mandate: str, manifest: int, lines: list[str]) -> Batch:
    root = tree_root(leaf_hash(line.encode()) for line in lines).hex()
    return Batch(mandate, root, manifest, lines)


def line(cell: Cell, start: datetime, seconds: int, value: int | None) -> str:
    number, outage = ("", "no-signal") if value is None else (str(value), "")
    grid = f"{utc_text(start)},{utc_text(start + timedelta(seconds=seconds))}"
    return (
        f"{cell.sensor},{cell.family.value},{cell.subject},{cell.category},{grid},"
        f"{number},4.000000,12,{0 if value is None else 1000},{outage},{MANDATE}"
    )


def hourly(day: int, hour: int) -> list[str]:
    """Hour 2 of the second day is an outage of the camera; one value is negative."""
    start = DAY + timedelta(days=day, hours=hour)
    gap = day == 1 and hour == 2
    return [
        line(cell, start, 3600, None if gap and cell.sensor == "plaza" else 10 * hour + place - 3)
        for place, cell in enumerate(CELLS)
    ]


@pytest.fixture(scope="session")
def batches() -> tuple[Batch, ...]:
    made = [batch(MANDATE, 100 + 24 * day + hour, hourly(day, hour)) for day in range(3) for hour in range(24)]
    days = [line(cell, DAY + timedelta(days=day), 86400, 900 + day) for day in range(3) for cell in CELLS]
    return (*made, batch(MANDATE, 500, days))


@pytest.fixture
def store(batches: tuple[Batch, ...]) -> Iterator[Store]:
    with Store.open(None, threads=1) as opened:
        opened.insert_many(batches)
        yield opened


@pytest.fixture(scope="session")
def city() -> City:
    def sensor(name: str, kind: SensorType, latitude: float) -> Sensor:
        is_camera = kind is SensorType.CAMERA
        return Sensor(
            name,
            name.title(),
            kind,
            Place(latitude, 24.75),
            "Europe/Tallinn",
            cells=tuple(cell for cell in CELLS if cell.sensor == name),
            resolutions=(3600, 86400),
            mandates=(MANDATE,),
            picture=(768, 576) if is_camera else None,
            areas=(MeasurementArea("square", ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0))),) if is_camera else (),
            lines=(MeasurementLine("gate", (10.0, 10.0), (200.0, 10.0)),) if is_camera else (),
            outlines=GROUND if is_camera else {},
            ground_error_m=0.1 if is_camera else None,
        )

    return City(
        "Testville",
        LogDescription("log.testville.example", "log.testville.example+00000000+AAAA", "quorum none\n"),
        (
            sensor("plaza", SensorType.CAMERA, 59.44),
            sensor("mill-1", SensorType.COUNTER, 59.45),
            sensor("mill-2", SensorType.COUNTER, 59.46),
        ),
        (Attribution("Counts of the mill", "https://example.org/mill", "CC BY 4.0"),),
        ("A note.",),
    )


@pytest.fixture(scope="session")
def standing() -> Standing:
    mandate = Mandate(
        hash=MANDATE,
        id="footfall",
        title="Footfall of the old town",
        starts=DAY,
        expires=DAY + timedelta(days=365),
        notice_seconds=86400,
        zone=ZoneInfo("Europe/Tallinn"),
        hours=(0, 24),
        cells=CELLS,
        budgets={cell.family: FamilyBudget(cell.family, Fraction(1), 2) for cell in CELLS},
        resolutions=(Resolution(3600, Fraction(1, 2)), Resolution(86400, Fraction(1, 2))),
        tracks=2,
        track_seconds=120,
        sensor_cap=Fraction(4),
        background_plate=True,
        archive=None,
        document={"id": "footfall", "title": "Footfall of the old town", "question": "How many people walk here?"},
    )
    public = DAY - timedelta(days=7)
    return Standing(mandate, State.IN_FORCE, DAY, 3, ("controller", "oversight"), public, DAY)


@pytest.fixture(scope="session")
def sources(city: City, standing: Standing) -> Sources:
    return Sources(
        city=lambda: city,
        standings=lambda: (standing,),
        state=lambda sensor: SensorState.OUTAGE if sensor == "mill-2" else SensorState.MEASURING,
        plate=lambda sensor: b"\x89PNG\r\n\x1a\nplate" if sensor == "plaza" else None,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def unused_port() -> Callable[[], int]:
    return free_port


@pytest.fixture(scope="session")
def served_store(batches: tuple[Batch, ...]) -> Iterator[Store]:
    with Store.open(None, threads=1) as opened:
        opened.insert_many(batches)
        yield opened


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served")
    log, site = root / "log", root / "site"
    (log / "tile" / "0").mkdir(parents=True)
    (log / "checkpoint").write_text("log.testville.example\n1\nAAAA\n")
    (log / "tile" / "0" / "000").write_bytes(bytes(range(256)) * 4)
    (site / "assets").mkdir(parents=True)
    (site / "index.html").write_text("<!doctype html><title>Testville</title>")
    (site / "assets" / "app.js").write_text("export const numbers = 1;\n" * 100)
    (root / "secret").write_text("outside")
    (site / "link").symlink_to(root / "secret")
    return root


@pytest.fixture(scope="session")
def address(served_store: Store, sources: Sources, folder: Path) -> Iterator[str]:
    """A real server on 127.0.0.1."""
    port = free_port()
    app = create_app(
        served_store,
        sources,
        log_directory=folder / "log",
        site_directory=folder / "site",
        rate=None,
        base=f"http://127.0.0.1:{port}",
    )
    with serving(app, "127.0.0.1", port) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=20) as opened:
        yield opened
