"""Things that look like people are learned and removed; people who stand still are not."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.edge.detection import StillThings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RATE, SIZE = 3, (240, 180)
SIGN, STAND = (50, 50, 65, 90), (150, 75, 165, 120)
Box = tuple[int, int, int, int]
Picture = NDArray[np.uint8]
Scene = Callable[[float], tuple[list[tuple[Box, Picture]], list[Box]]]
"""Seconds → what is painted, in order, and the boxes that the detector finds."""

noise = np.random.default_rng(7)
GROUND = np.kron(noise.integers(60, 160, (18, 24)), np.ones((10, 10))).astype(np.uint8)
LOOK = np.kron(noise.integers(40, 200, (30, 10)), np.ones((2, 2))).astype(np.uint8)


def removed(
    scene: Scene, seconds: float, *, light: Callable[[float], float] = lambda _: 0.0
) -> list[tuple[float, Box]]:
    """(when, box) of every box that was taken away."""
    still, taken = StillThings(), []
    half = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    for k in range(round(seconds * RATE)):
        at = k / RATE
        painted, boxes = scene(at)
        luma = GROUND.astype(float)
        for (x1, y1, x2, y2), look in painted:
            luma[y1:y2, x1:x2] = look[: y2 - y1, : x2 - x1]
        luma = (luma + light(at) + noise.normal(0, 2, luma.shape)).clip(0, 255).astype(np.uint8)
        instant = NOON + timedelta(seconds=at)
        found = Detections(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.full(len(boxes), 0.6, np.float32),
            np.zeros(len(boxes), np.uint8),
            instant,
        )
        left = still.remove_from(found, Frame(luma, half, half, instant)).xyxy.tolist()
        taken += [(at, box) for box in boxes if list(map(float, box)) not in left]
    return taken


def passer_by(at: float, y: int, every: float = 20.0) -> Box:
    x = max(0, min(round((at % every) * 30) - 20, 220))
    return x, y, x + 15, y + 45


def test_a_sign_is_gone_within_a_minute_though_people_pass_in_front_of_it() -> None:
    def scene(at: float) -> tuple[list[tuple[Box, Picture]], list[Box]]:
        walker = passer_by(at, 48)
        return [(SIGN, LOOK), (walker, LOOK[::-1])], [SIGN, walker]

    taken = removed(scene, 120)
    sign = [at for at, box in taken if box == SIGN]
    assert sign[0] < 60
    assert len([at for at in sign if at >= 60]) > 0.8 * 60 * RATE
    hidden = [at for at, box in taken if box != SIGN]
    assert all(later - at > 10 for at, later in itertools.pairwise(hidden)), "one frame at most"


def test_somebody_who_comes_and_stands_for_ten_minutes_is_never_removed() -> None:
    """Even if they were as stiff as a picture."""

    def scene(at: float) -> tuple[list[tuple[Box, Picture]], list[Box]]:
        x = min(STAND[0], round(at * 30))
        box = (x, STAND[1], x + 15, STAND[3])
        return [(box, LOOK)], [box]

    assert removed(scene, 600) == []


def test_somebody_who_sat_there_from_the_start_and_moves_a_little_is_never_removed() -> None:
    def scene(at: float) -> tuple[list[tuple[Box, Picture]], list[Box]]:
        sway = round(2 * np.sin(at))
        return [((STAND[0] + sway, STAND[1], STAND[2] + sway, STAND[3]), LOOK)], [STAND]

    assert removed(scene, 600) == []


def test_a_sign_that_is_taken_down_makes_room_for_people() -> None:
    """Even for one who looks just like it."""

    def scene(at: float) -> tuple[list[tuple[Box, Picture]], list[Box]]:
        if at < 20:
            return [(SIGN, LOOK)], [SIGN]
        if at < 60:
            return [], []
        x = min(SIGN[0], round((at - 60) * 30))
        box = (x, SIGN[1], x + 15, SIGN[3])
        return [(box, LOOK)], [box]

    taken = removed(scene, 120)
    assert taken
    assert all(at < 20 for at, _ in taken)


def test_clouds_change_nothing_about_it() -> None:
    def scene(_: float) -> tuple[list[tuple[Box, Picture]], list[Box]]:
        return [(SIGN, LOOK)], [SIGN]

    taken = removed(scene, 120, light=lambda at: 25 * np.sin(at / 10))
    assert len([at for at, _ in taken if at >= 60]) > 0.8 * 60 * RATE
