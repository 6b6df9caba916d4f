"""One line of the real gate, measurement or tracker taken out: the attack that is there for it notices."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from passerby.apps.attack import suite
from passerby.apps.attack.door import Door
from passerby.apps.attack.faults import FaultyDisk
from passerby.apps.attack.numbers import Effort
from passerby.apps.attack.target import Target
from passerby.apps.mandates.files import read_mandate
from passerby.edge.measurement.caps import Allowance
from passerby.edge.tracking import Tracker
from passerby.gate import release as release_module
from passerby.gate.gate import Gate
from passerby.gate.privacy.accountant import Accountant, Debit, day_cost

SMALL = Effort(lines=30, least=200, trials=400, every_family=False)
JUNCTION = Path(__file__).parents[4] / "demo/mandates/junction.toml"


def no_noise(values: Sequence[int], scale: float) -> list[int]:
    assert scale > 0
    return list(values)


def nothing(*_: Any) -> None:
    return


def grant(self: Allowance, track: int, amount: int = 1) -> int:
    assert self._used.get(track, 0) == 0
    return amount


def without_cap(self: Accountant, sensor: str, day: str, mandate: Any) -> Debit:
    assert not self.is_open(sensor, day, mandate.hash)
    return Debit(day, sensor, mandate.hash, day_cost(mandate, sensor), mandate.sensor_cap, mandate.tracks)


def no_sync(self: FaultyDisk, descriptor: int) -> None:
    assert descriptor
    self._step()


begin = Tracker.__init__


def for_ever(self: Tracker, *, confident: float, track_seconds: float) -> None:
    begin(self, confident=confident, track_seconds=1e6 * track_seconds)


MUTANTS: dict[str, tuple[Any, str, Any, str]] = {
    "no noise": (release_module, "randomize", no_noise, "membership"),
    "released windows are released again": (Gate, "_check_fresh", nothing, "averaging"),
    "the journal is not synced": (FaultyDisk, "sync", no_sync, "averaging"),
    "no cap on a sensor": (Accountant, "check", without_cap, "ledger"),
    "the node is deaf to the log": (Gate, "learn", nothing, "ledger"),
    "no cap on a track": (Allowance, "take", grant, "long_dweller"),
    "tracks are never cut": (Tracker, "__init__", for_ever, "long_dweller"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    owner, attribute, mutant, attack = MUTANTS[name]
    assert hasattr(owner, attribute)
    monkeypatch.setattr(owner, attribute, mutant)
    assert not suite.ATTACKS[attack](Door, Target.of(read_mandate(JUNCTION)), SMALL, tmp_path).held
