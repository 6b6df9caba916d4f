"""How far behind its stream a camera is: not for what the camera or the network was late with."""

from types import SimpleNamespace

import pytest

from passerby.edge.capture import turn as turn_module
from passerby.edge.capture.turn import STALL_SECONDS, Lateness

RATE = 25.0


class Reader:
    """Reads a stream in simulated time; ``now``: s."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(turn_module, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.lateness = Lateness()
        self.begin = self.now

    def reads(self, number: int, arrives: float) -> float:
        """How late a packet is that arrives at an instant (s from the begin)."""
        waited = max(0.0, self.begin + arrives - self.now)
        self.now += waited
        return self.lateness.of(number / RATE, waited)


def test_who_works_too_slowly_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch)
    for number in range(100):
        late = reader.reads(number, number / RATE)
        reader.now += 0.06
    assert late == pytest.approx(99 * 0.02)


def test_a_stream_that_stood_still_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sends after that comes at once, or goes on later by so much."""
    for later in (0.0, 5.0):
        reader = Reader(monkeypatch)
        late = [reader.reads(number, number / RATE) for number in range(50)]
        late += [reader.reads(number, max(7.0, number / RATE + later)) for number in range(50, 400)]
        assert max(late) < 0.01


def test_who_is_slow_is_late_whatever_the_network_did(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch)
    for number in range(200):
        late = reader.reads(number, number / RATE + 5.0 * (number >= 50))
        reader.now += 0.06
    assert late > 4 * STALL_SECONDS


def test_a_clock_that_is_set_back_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(monkeypatch)
    late = [reader.reads(number + 75 * (number < 100), number / RATE) for number in range(1000)]
    assert late[101] == pytest.approx(3.0)
    assert late[-1] < 0.01
