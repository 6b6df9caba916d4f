"""Figures of the live bench out of looks and windows that are made."""

import numpy as np
import pytest

from passerby.apps.bench.live.counting import Counted, counted
from passerby.apps.bench.live.watched import Look, Span, looked
from passerby.public.store.record import Record, parse

LINE = "{camera},person_seconds,all,person,2026-11-24T00:00:{begin:02}Z,2026-11-24T00:00:{end:02}Z,{rest},{hash}"


def window(camera: str, number: int, value: int | None, coverage: int) -> Record:
    rest = f"{'' if value is None else value},0.040000,0,{coverage},{'overload' if value is None else ''}"
    return parse(LINE.format(camera=camera, begin=20 * number, end=20 * number + 20, rest=rest, hash="0" * 64))


def look(at: float, pid: int, frames: int, cpu: float) -> Look:
    return Look(at, {"a": {"pid": pid, "frames": frames}}, {str(pid): cpu}, [])


def test_windows_that_are_outages_count_as_coverage_and_not_as_numbers() -> None:
    span = Span(40.0, [window("a", 0, 60, 750), window("a", 1, None, 400)], [])
    assert span.coverage("a") == pytest.approx(0.575)
    assert counted(span, ["a"]).rate == pytest.approx(60 / 15)
    assert not len(counted(span, ["a"], least=950).counts)


def test_a_ratio_and_its_interval() -> None:
    random = np.random.default_rng(1)
    seconds = random.uniform(10, 20, (200, 1))
    less, full = Counted(np.hstack([3.0 * seconds, seconds])), Counted(np.hstack([4.0 * seconds, seconds]))
    assert less.ratio_to(full) == {"ratio": 0.75, "low": 0.75, "high": 0.75}
    assert Counted(np.empty((0, 2))).ratio_to(full) is None
    noisy = Counted(np.hstack([random.normal(4.0, 1.0, (200, 1)) * seconds, seconds]))
    found = noisy.ratio_to(full)
    assert found is not None
    assert found["low"] < 1.0 < found["high"]
    assert found["high"] - found["low"] < 0.1


def test_looks_of_several_processes_are_added_up() -> None:
    assert looked([look(0, 1, 10, 1.0), look(1, 1, 14, 2.0), look(2, 1, 14, 2.0), look(3, 2, 3, 0.5)], "a") == 7


def test_cpu_time_of_workers_that_came_and_went() -> None:
    first, last = look(0, 1, 10, 1.0), look(1, 2, 1, 0.5)
    assert look(1, 1, 14, 2.5).spent(first) == 1.5
    assert last.spent(first) == last.spent(first, "a") == 0.5
