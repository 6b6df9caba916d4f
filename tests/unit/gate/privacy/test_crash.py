"""The crash matrix of the journal: every operation on the disk fails, is the last one, or loses its power.

Afterwards each window is the journalled release or it was never seen; no number was drawn twice; no debit went back.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from passerby.apps.attack.faults import POWER_CUTS, FaultyDisk, Killed
from passerby.gate import gate as gate_module
from passerby.gate.gate import Batch, Gate, GateError
from passerby.gate.privacy.journal import Disk, Journal, JournalError, Record

ZONE = ZoneInfo("Europe/Tallinn")
QUARTER = timedelta(minutes=15)
OFFSETS = (0, 3, 4, 96)
"""Windows that are released, in quarters of an hour after noon: an hour that closes, and a second day."""


class Public:
    """Everything that anybody ever saw."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], str] = {}
        self.roots: dict[int, str] = {}
        self.days: set[str] = set()

    def see(self, batch: Batch) -> None:
        assert self.roots.setdefault(batch.sequence, batch.root) == batch.root, "a batch was drawn twice"
        for line in batch.lines:
            *cell, start, end, value = line.split(",")[:7]
            assert self.values.setdefault((*cell, start, end), value) == value, "a number was drawn twice"
            self.days.add(datetime.fromisoformat(start).astimezone(ZONE).date().isoformat())


def life(house: Any, noon: datetime, disk: Disk, public: Public, seed: int) -> None:
    """One process: publish what is pending, then release every window that is still free."""
    gate = house.open(disk)
    for batch in gate.pending():
        public.see(batch)
        gate.acknowledge([batch.sequence])
    mandate = house.mandate()
    for k in OFFSETS:
        measures = house.measures(mandate, noon + k * QUARTER, 1_000_000 * (seed + 1) + k)
        with suppress(GateError):
            batch = gate.release(measures, house.authorizations(mandate))
            public.see(batch)
            if k in (3, 96):
                gate.acknowledge([batch.sequence])


def judge(house: Any, noon: datetime, public: Public) -> None:
    """Go on with a sound disk, other data and all windows again."""
    gate = house.open()
    assert all(gate.charged("square-1", day) == Fraction("1.6") for day in public.days), "a debit went back"
    life(house, noon, FaultyDisk(), public, seed=7)
    gate = house.open()
    assert public.days == {"2026-06-01", "2026-06-02"}
    assert all(gate.charged("square-1", day) == Fraction("1.6") for day in public.days)
    assert all(public.roots[batch.sequence] == batch.root for batch in gate.pending())


def operations(new_house: Any, noon: datetime, folder: Path) -> int:
    disk, house = FaultyDisk(), new_house(folder)
    life(house, noon, disk, Public(), 0)
    house.close()
    return disk.count


@pytest.fixture(autouse=True)
def rewriting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rewrite the journal at every acknowledgement, so that the matrix meets that too."""
    monkeypatch.setattr(gate_module, "_SLACK", -(10**9))


def attempts(new_house: Any, noon: datetime, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    total = operations(new_house, noon, tmp_path / "whole")
    assert total > 15
    for at in range(total):
        folder = tmp_path / str(at)
        folder.mkdir()
        yield at, folder


def test_a_full_disk_at_every_operation(new_house: Any, noon: datetime, tmp_path: Path) -> None:
    for at, folder in attempts(new_house, noon, tmp_path):
        house, public, disk = new_house(folder), Public(), FaultyDisk(at, "full")
        with pytest.raises(JournalError, match="cannot be written"):
            life(house, noon, disk, public, 0)
        life(house, noon, disk, public, 1)
        judge(house, noon, public)
        house.close()


def test_a_kill_at_every_operation(new_house: Any, noon: datetime, tmp_path: Path) -> None:
    for at, folder in attempts(new_house, noon, tmp_path):
        house, public = new_house(folder), Public()
        with pytest.raises(Killed):
            life(house, noon, FaultyDisk(at), public, 0)
        judge(house, noon, public)
        house.close()


@pytest.mark.parametrize(("data", "names"), POWER_CUTS)
def test_a_power_cut_at_every_operation(data: Any, names: Any, new_house: Any, noon: datetime, tmp_path: Path) -> None:
    for at, folder in attempts(new_house, noon, tmp_path):
        house, public, disk = new_house(folder), Public(), FaultyDisk(at)
        with pytest.raises(Killed):
            life(house, noon, disk, public, 0)
        house.close()
        disk.cut_power(folder, data, names)
        judge(house, noon, public)
        house.close()


def killed_then_without_power(house: Any, noon: datetime, at: int) -> Public:
    """Killed; taken up by a new process, which shows what is pending; then the power goes."""
    public, disk = Public(), FaultyDisk(at)
    with pytest.raises(Killed):
        life(house, noon, disk, public, 0)
    house.close()
    disk.revive()
    for batch in house.open(disk).pending():
        public.see(batch)
    house.close()
    disk.cut_power(house.folder, "vanish", "old")
    return public


def test_what_a_killed_process_wrote_is_durable_before_it_is_shown(
    new_house: Any, noon: datetime, tmp_path: Path
) -> None:
    for at, folder in attempts(new_house, noon, tmp_path):
        house = new_house(folder)
        public = killed_then_without_power(house, noon, at)
        judge(house, noon, public)
        house.close()


class Trusting(Journal):
    """Goes on with the file as it finds it."""

    def rewrite(self, records: Any) -> None:
        if not self._path.exists():
            super().rewrite(records)
        elif self._descriptor is None:
            for record in self.records:
                _, self._last = gate_journal_line(self._last, record)
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)


def gate_journal_line(last: str, record: Record) -> tuple[bytes, str]:
    from passerby.gate.privacy.journal import _line

    return _line(last, record)


def test_the_matrix_notices_a_journal_that_trusts_what_it_finds(
    new_house: Any, noon: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "Journal", Trusting)
    caught = 0
    for at, folder in attempts(new_house, noon, tmp_path):
        house = new_house(folder)
        try:
            judge(house, noon, killed_then_without_power(house, noon, at))
        except AssertionError:
            caught += 1
        house.close()
    assert caught


@pytest.mark.parametrize("forgotten", ["sync", "sync_directory"])
def test_the_matrix_notices_a_missing_sync(forgotten: str, new_house: Any, noon: datetime, tmp_path: Path) -> None:
    careless = type("Careless", (FaultyDisk,), {forgotten: lambda self, _: self._step()})
    caught = 0
    for at, folder in attempts(new_house, noon, tmp_path):
        house, public, disk = new_house(folder), Public(), careless(at)
        with pytest.raises(Killed):
            life(house, noon, disk, public, 0)
        house.close()
        disk.cut_power(folder, "vanish", "old")
        try:
            judge(house, noon, public)
        except AssertionError:
            caught += 1
        house.close()
    assert caught


WRITER = """
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import NOON, House
with ExitStack() as stack:
    house = House(Path(sys.argv[1]), stack)
    mandate = house.mandate()
    gate = house.open()
    for batch in gate.pending():
        print(batch.sequence, batch.root, flush=True)
        gate.acknowledge([batch.sequence])
    k = gate._book.sequence * 4
    while True:
        measures = house.measures(mandate, NOON + k * timedelta(minutes=15))
        batch = gate.release(measures, house.authorizations(mandate))
        print(batch.sequence, batch.root, flush=True)
        k += 4
"""


def test_a_real_kill(new_house: Any, tmp_path: Path) -> None:
    roots: dict[int, str] = {}
    for lines in (1, 3, 8):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(Path(__file__).parents[1])],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        seen += process.stdout.read().splitlines(keepends=True)
        process.wait(20)
        process.stdout.close()
        for line in seen:
            if line.endswith("\n"):
                sequence, root = line.split()
                assert roots.setdefault(int(sequence), root) == root
    gate: Gate = new_house(tmp_path).open()
    assert all(roots.get(batch.sequence, batch.root) == batch.root for batch in gate.pending())
    assert len(roots) >= 8
    assert gate.charged("square-1", "2026-06-01") == Fraction("1.6")
