"""Cameras on one core: packets first, then the looks one after the other; whoever hangs holds nobody up for long."""

import threading
from collections.abc import Callable

import pytest

from passerby import machine as module
from passerby.machine import Core

LONG = 10.0


class Camera:
    """A thread that does what it is told, step by step."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []
        self._there = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            self._there.acquire()
            self._steps.pop(0)()

    def does(self, step: Callable[[], object]) -> threading.Event:
        done = threading.Event()

        def whole() -> None:
            step()
            done.set()

        self._steps.append(whole)
        self._there.release()
        return done


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", LONG)


def waits(core: Core, count: int) -> None:
    """Until so many wait for the core."""
    while len(core._packets) + len(core._looks) < count:
        threading.Event().wait(0.001)


@pytest.mark.usefixtures("patient")
def test_packets_go_first_and_looks_follow_each_other() -> None:
    core, order = Core(), list[str]()
    core.take()
    finished = []
    for number, (name, steps_back) in enumerate([("look 1", True), ("look 2", True), ("packet 1", False)], 1):

        def work(name: str = name, steps_back: bool = steps_back) -> None:
            core.take()
            if steps_back:
                core.step_back()
            order.append(name)
            if name == "look 1":
                finished.append(Camera().does(late))
                waits(core, 2)
            core.give()

        def late() -> None:
            core.take()
            order.append("packet 2")
            core.give()

        finished.append(Camera().does(work))
        waits(core, number)
    core.give()
    while len(finished) < 4:
        threading.Event().wait(0.001)
    assert all(done.wait(LONG) for done in finished)
    assert order == ["packet 1", "look 1", "look 2", "packet 2"]


@pytest.mark.usefixtures("patient")
def test_one_at_a_time() -> None:
    core, inside, most = Core(), [0], [0]

    def work() -> None:
        for number in range(200):
            core.take()
            if number % 5 == 0:
                core.step_back()
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            core.give()

    finished = [Camera().does(work) for _ in range(8)]
    assert all(done.wait(LONG) for done in finished)
    assert most == [1]
    core.take()
    assert core.give()


def test_nobody_waits_long_for_one_that_hangs() -> None:
    core = Core()
    assert Camera().does(core.take).wait(LONG)
    assert Camera().does(core.take).wait(LONG)
    assert not core.give()


def test_only_the_holder_gives_and_steps_back() -> None:
    core = Core()
    core.step_back()
    assert not core.give()
    core.take()
    core.take()
    other = Camera()
    assert other.does(core.give).wait(LONG)
    assert core.give()
    assert not core.give()
