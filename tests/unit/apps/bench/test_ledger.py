"""The benchmark of the log feeds every system the same leaves, and notices one that does not do its work."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from passerby.apps.bench import ledger


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    monkeypatch.setattr(ledger, "BATCH", 5)
    monkeypatch.setattr(ledger, "STRETCHES", 2)
    return lambda: ledger.bench(lambda _: None, leaves=200)


def test_rates_ratios_and_growth(quick: Callable[[], Any]) -> None:
    found = quick()
    assert (found["leaves"], found["bytes"], found["batch"]) == (200, 100, 5)
    assert set(found["leaves_per_second"]) == set(found["growth"]) == {"passerby", "pymerkle", "sqlite"}
    assert set(found["ratio"]) == {"passerby/pymerkle", "passerby/sqlite"}
    assert all(rate > 0 for rate in (*found["leaves_per_second"].values(), *found["ratio"].values()))


def test_every_system_gets_the_same_leaves_of_100_bytes() -> None:
    first, again = (list(ledger._batches(3, 2)) for _ in range(2))
    assert first == again
    assert {len(leaf) for batch in first for leaf in batch} == {100}
    assert len({leaf for batch in first for leaf in batch}) == 2 * ledger.BATCH


def test_a_system_that_loses_leaves_has_no_speed(quick: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    class Lossy(ledger.OpenLog):
        def append(self, leaves: list[bytes]) -> None:
            super().append(leaves[:-1])

    def make(folder: Path, stack: ExitStack) -> ledger.System:
        return Lossy(folder, stack)

    monkeypatch.setattr(ledger, "SYSTEMS", {**ledger.SYSTEMS, "passerby": make})
    with pytest.raises(ledger.BenchError):
        quick()
