"""The red team itself: its statistics, its eyes, and that it tells a broken gate from the real one."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from passerby.apps.attack import suite
from passerby.apps.attack.broken import PLANTED
from passerby.apps.attack.door import Door
from passerby.apps.attack.numbers import Bench, Effort, reachable
from passerby.apps.attack.people import worst_case
from passerby.apps.attack.statistics import Outcome, best_bound, epsilon_low, laplace_fit
from passerby.apps.attack.target import Target
from passerby.apps.cli.main import cli
from passerby.apps.mandates.files import read_mandate
from passerby.datatypes.family import Family

ROOT = Path(__file__).parents[4]
SQUARE = ROOT / "spec/examples/square.toml"
JUNCTION = ROOT / "demo/mandates/junction.toml"
SMALL = Effort(lines=30, least=200, trials=800, every_family=False)


@pytest.fixture(scope="module")
def square() -> Target:
    return Target.of(read_mandate(SQUARE))


@pytest.fixture(scope="module")
def junction() -> Target:
    return Target.of(read_mandate(JUNCTION))


def test_a_bound_is_below_the_truth_and_near_it() -> None:
    assert epsilon_low(0, 100, 0, 100, alpha=0.05) == 0
    assert epsilon_low(50, 100, 50, 100, alpha=0.05) == 0
    assert epsilon_low(100, 100, 0, 100, alpha=0.05) == pytest.approx(
        math.log(0.025 ** (1 / 100) / (1 - 0.025 ** (1 / 100)))
    )
    assert 0.9 < epsilon_low(50_000, 100_000, 18_394, 100_000, alpha=1e-4) < 1.0


def test_the_best_threshold_is_found_and_never_proves_too_much() -> None:
    random = np.random.default_rng(1)
    worlds = random.integers(0, 2, 60_000)
    scores = worlds + random.laplace(0, 1, 60_000)
    assert 0.85 < best_bound(scores.tolist(), worlds.tolist()) <= 1.0
    for seed in range(30):
        nothing = np.random.default_rng(seed)
        assert best_bound(nothing.normal(size=900).tolist(), nothing.integers(0, 2, 900).tolist()) == 0


def test_the_fit_knows_rounded_float_noise_from_the_real_one() -> None:
    random = np.random.default_rng(2)
    p = math.exp(-1 / 1.5)
    real = random.geometric(1 - p, 50_000) - random.geometric(1 - p, 50_000)
    assert laplace_fit(real, 1.5) > 1e-3
    assert laplace_fit(np.round(random.laplace(0, 1.5, 50_000)).astype(int), 1.5) < 1e-9
    assert laplace_fit(real, 1.6) < 1e-9


def test_what_double_precision_can_reach() -> None:
    value = 4.0 * math.log(0.3)
    assert reachable(value, 0, 4.0)
    assert not reachable(value, 4, 4.0)
    assert reachable(7.0, 0, 4.0)


def test_the_worst_that_tracks_can_do_reaches_the_cap_and_no_more(square: Target, tmp_path: Path) -> None:
    door = Door(square, tmp_path)
    for family in square.families:
        added = sum(worst_case(door, family).values())
        assert added == square.mandate.sensitivity(family)
    door.close()


def test_a_score_is_the_likelihood_ratio_of_all_lines(square: Target, tmp_path: Path) -> None:
    """Once by hand: K tracks in one cell of one quarter, which the hour repeats."""
    bench = Bench(Door, square, SMALL, tmp_path)
    cell = next(c for c in square.cells if c.family is Family.AREA_ENTRIES)
    windows, lines = bench.release({(0, cell): 4})
    assert len(lines) == 5 * 5
    touched = [n for n in lines if n.cell == str(cell) and n.start == lines[0].start]
    by_hand = sum((abs(n.value or 0) - abs((n.value or 0) - 4)) / {900: 20 / 3, 3600: 20.0}[n.seconds] for n in touched)
    assert bench.evidence({(0, cell): 4}, windows, lines) == pytest.approx(by_hand, abs=1e-5)
    bench.door.close()


@pytest.mark.parametrize("name", suite.ATTACKS)
def test_the_gate_holds_and_the_broken_one_does_not(name: str, junction: Target, tmp_path: Path) -> None:
    real = suite.ATTACKS[name](Door, junction, SMALL, tmp_path)
    assert real.held, real
    assert real.empirical <= real.declared
    ((broken, _),) = [planted for planted in PLANTED.values() if planted[1] == name]
    assert not suite.ATTACKS[name](broken, junction.louder(2.0), SMALL, tmp_path).held


def test_a_city_of_counters_can_be_audited_too(tmp_path: Path) -> None:
    """Counters have no tracks, so their caps are broken in another way; cameras come first where there are any."""
    counters = read_mandate(ROOT / "demo/mandates/counters.toml")
    broken, attack = PLANTED["cap missing"]
    assert not suite.ATTACKS[attack](broken, Target.of(counters).louder(2.0), SMALL, tmp_path).held
    assert suite.ATTACKS[attack](Door, Target.of(counters), SMALL, tmp_path).held
    order: list[bool] = []

    def note(make: object, target: Target, *_: object) -> Outcome:
        assert make is not None
        order.append(target.is_counter)
        return Outcome(True, 0, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite, "ATTACKS", dict.fromkeys(suite.ATTACKS, note))
        suite.run([counters, read_mandate(SQUARE)], SMALL, lambda _: None)
    assert order == [False, True] * 8 + [False] * 8


def test_json_and_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = Outcome(True, 0.5, 1.0, "fine"), Outcome(False, 2.0, 1.0, "broken")
    monkeypatch.setattr(suite, "ATTACKS", dict.fromkeys(suite.ATTACKS, lambda make, *_: good if make is Door else bad))
    result = CliRunner().invoke(cli, ["attack", "--json", "--mandate", str(SQUARE)])
    values = json.loads(result.stdout)
    assert (result.exit_code, values["all_held"], values["planted"], values["planted_caught"]) == (0, True, 8, 8)
    assert values["attacks"]["ledger"] == {
        "held": True,
        "empirical_epsilon_low": 0.5,
        "declared_epsilon": 1.0,
        "note": "fine",
    }
    monkeypatch.setattr(suite, "ATTACKS", dict.fromkeys(suite.ATTACKS, lambda *_: bad))
    assert CliRunner().invoke(cli, ["attack", "--mandate", str(SQUARE)]).exit_code == 1
    monkeypatch.setattr(suite, "ATTACKS", dict.fromkeys(suite.ATTACKS, lambda *_: good))
    assert CliRunner().invoke(cli, ["attack", "--mandate", str(SQUARE)]).exit_code == 1


def test_production_cannot_reach_a_broken_gate() -> None:
    users = {
        file.relative_to(ROOT / "src/passerby").as_posix()
        for file in (ROOT / "src/passerby").rglob("*.py")
        if "attack.broken" in file.read_text("utf-8") or "attack.faults" in file.read_text("utf-8")
    }
    assert users == {"apps/attack/suite.py", "apps/attack/records.py"}
