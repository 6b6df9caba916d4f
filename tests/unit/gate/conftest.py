"""A square with one camera: a mandate, exact values of people who do not exist, and a gate in a folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cell import Cell
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window, window_at
from passerby.gate.gate import Gate
from passerby.gate.mandate.document import parse_document
from passerby.gate.mandate.schema import PROHIBITED_USES
from passerby.gate.privacy.journal import Disk
from passerby.tlog.key import KeyType, SigningKey

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100]]


def document(**privacy: Any) -> dict[str, Any]:
    """JSON values of a mandate; keywords replace parts of its privacy section."""
    return {
        "mandate": {"id": "square", "version": 1, "title": "Who crosses the square", "language": "en"},
        "accountable": {"controller": "City", "contact": "city@city.example", "vendor": "none"},
        "purpose": {
            "question": "How many?",
            "decision": "Opening hours",
            "permitted_uses": ["planning"],
            "prohibited_uses": list(PROHIBITED_USES),
        },
        "legal": {"basis": "by-law", "necessity": "needed", "alternatives": "counting by hand"},
        "affected": {"people": "passers-by", "impact": "none"},
        "schedule": {
            "starts": "2026-01-01T00:00:00Z",
            "expires": "2027-01-01T00:00:00Z",
            "zone": "Europe/Tallinn",
            "notice_seconds": 60,
            "hours": [0, 24],
        },
        "camera": [{"id": "square-1", "place": [59.4, 24.7], "picture": [640, 480]}],
        "measure": [
            {
                "sensor": "square-1",
                "family": "area_entries",
                "subject": "middle",
                "categories": ["person", "bicycle"],
                "polygon": SQUARE,
            },
            {
                "sensor": "square-1",
                "family": "line_crossings",
                "subject": "gate",
                "categories": ["person.forward", "person.backward"],
                "line": [[50, 0], [50, 100]],
            },
        ],
        "detector": {"name": "any", "sha256": "0" * 64},
        "privacy": {
            "tracks": 2,
            "track_seconds": 60,
            "sensor_cap": "2",
            "family": [
                {"name": "area_entries", "epsilon": "1", "cap": 2},
                {"name": "line_crossings", "epsilon": "0.6", "cap": 2},
            ],
            "resolution": [
                {"seconds": 900, "share": "0.6"},
                {"seconds": 3600, "share": "0.2"},
                {"seconds": 86400, "share": "0.2"},
            ],
            **privacy,
        },
        "data": {"retention": "for ever", "access": "all", "sharing": "all", "background_plate": False},
        "risk": {"category": "low", "risks": "few", "dpia": "done"},
        "oversight": {
            "body": "Board",
            "audit": "yearly",
            "complaint": "to the board",
            "revocation": "by the board",
            "log_freshness_seconds": 600,
        },
        "cost": {"amount": "0", "public_comment": "none"},
    }


@cache
def _mandate() -> Mandate:
    return parse_document(document())


class House:
    """A gate with its journal in ``folder``, opened as often as a test likes."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self.key = SigningKey("node.city.example", KeyType.ED25519, bytes([9] * 32))
        self._stack = stack
        self._gate: Gate | None = None

    def open(self, disk: Disk | None = None) -> Gate:
        """The gate anew, as after the end of the process before."""
        self.close()
        self._gate = Gate(self.key, self.journal, disk=disk, clock=lambda: NOON)
        return self._gate

    def close(self) -> None:
        if self._gate is not None:
            self._gate.close()
            self._gate = None

    @staticmethod
    def mandate(**privacy: Any) -> Mandate:
        return parse_document(document(**privacy)) if privacy else _mandate()

    @staticmethod
    def authorizations(mandate: Mandate) -> list[Authorization]:
        start, end = mandate.starts, mandate.expires
        return [Authorization(mandate, sensor, start, end, 1, NOON) for sensor in mandate.sensors]

    @staticmethod
    def measures(mandate: Mandate, instant: datetime = NOON, value: int | None = 5, windows: int = 1) -> list[Measure]:
        """Every cell of ``windows`` windows from ``instant`` on, all with one value; None is an outage."""
        finest = mandate.resolutions[0].seconds
        found = []
        for _ in range(windows):
            window = window_at(instant, mandate.zone, finest)
            found += [measure(cell, window, value) for cell in mandate.cells]
            instant = window.end
        return found


def measure(cell: Cell, window: Window, value: int | None) -> Measure:
    if value is None:
        return Measure(cell, window, None, 0.0, Outage.NO_SIGNAL)
    return Measure(cell, window, value, 1.0)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        house = House(tmp_path, stack)
        stack.callback(house.close)
        yield house


@pytest.fixture
def new_house() -> Iterator[Callable[[Path], House]]:
    with ExitStack() as stack:

        def make(folder: Path) -> House:
            house = House(folder, stack)
            stack.callback(house.close)
            return house

        yield make


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def quarter() -> timedelta:
    return timedelta(minutes=15)
