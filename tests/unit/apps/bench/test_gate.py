"""The benchmark does the work that it times: durable releases, a journal that is taken up again."""

from pathlib import Path

import pytest

from passerby.apps.bench import gate


def test_it_measures_a_day_and_takes_the_journal_up_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[4])
    told: list[str] = []
    result = gate.bench(told.append, windows=100)
    assert told == ["gate: 10 of 100 windows", "gate: 100 of 100 windows"]
    assert result["windows"] == 100
    largest, reopened = result["journal_largest_bytes"], result["journal_reopened_bytes"]
    assert isinstance(largest, int)
    assert isinstance(reopened, int)
    assert 100 * 5 * 150 < largest < 200 * 5 * 300
    assert reopened < 5_000
