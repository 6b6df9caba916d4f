"""More cameras than the machine can carry, in simulated time: fair shares, and none for who floods."""

from dataclasses import dataclass

import pytest

from passerby.apps.node.worker.turns import Turns

STEP, MINUTES = 0.05, 6


@dataclass
class Camera:
    """``need``: CPU s for a second of stream. ``behind``: s of stream that wait. ``seen``: s that were decoded."""

    need: float
    behind: float = 0.0
    spent: float = 0.0
    seen: float = 0.0
    rests: bool = False


def coverage(needs: list[float], capacity: float = 1.0) -> list[float]:
    """Share of the stream that each camera decodes: the system gives whoever has work an equal part."""
    now = 0.0
    turns = Turns(lambda: now)
    cameras = [Camera(need) for need in needs]
    for number in range(len(cameras)):
        turns.join(str(number))
    steps = round(60 * MINUTES / STEP)
    for step in range(steps):
        now = step * STEP
        for number, camera in enumerate(cameras):
            camera.rests = turns.rests(str(number), camera.behind, camera.spent)
            camera.spent = 0.0
            camera.behind = 0.0 if camera.rests else camera.behind + STEP
        left = capacity * STEP
        busy = [camera for camera in cameras if camera.behind > 0]
        while busy and left > 1e-9:
            part = left / len(busy)
            for camera in busy:
                used = min(part, camera.behind * camera.need)
                left -= used
                camera.spent += used
                camera.behind -= used / camera.need
                camera.seen += used / camera.need
            busy = [camera for camera in busy if camera.behind > 1e-9]
    return [camera.seen / (steps * STEP) for camera in cameras]


def test_nobody_rests_while_there_is_enough() -> None:
    assert min(coverage([0.08] * 12)) > 0.999


@pytest.mark.parametrize(("cameras", "need"), [(12, 0.12), (12, 0.16), (40, 0.06), (3, 0.6)])
def test_who_needs_the_same_gets_the_same(cameras: int, need: float) -> None:
    found = coverage([need] * cameras)
    fair = 1 / (cameras * need)
    assert max(found) - min(found) < 0.12
    assert sum(found) / cameras > 0.85 * fair, "the machine is kept busy"


def test_who_floods_rests_and_the_others_keep_their_cadence() -> None:
    *others, flood = coverage([0.08] * 11 + [0.8])
    assert min(others) > 0.97
    assert flood < 0.5


def test_who_needs_less_than_a_fair_share_never_rests() -> None:
    found = coverage([0.02] * 5 + [0.3] * 5)
    assert min(found[:5]) > 0.99
    assert 0.4 < min(found[5:]) < 0.7


def test_who_comes_anew_has_no_advantage() -> None:
    turns = Turns(lambda: 0.0)
    for name in "ab":
        turns.join(name)
        turns.rests(name, 0.0, 4.0)
    turns.join("c")
    turns.rests("a", 1.0, 0.0)
    assert [turns.rests(name, 0.0, 0.0) for name in "abc"].count(True) == 1


def test_a_camera_alone_catches_up_by_itself() -> None:
    turns = Turns(lambda: 0.0)
    turns.join("a")
    assert not turns.rests("a", 1.0, 0.0)
    assert turns.rests("a", 1.6, 0.0)
    assert turns.rests("a", 0.5, 0.0)
    assert not turns.rests("a", 0.1, 0.0)
