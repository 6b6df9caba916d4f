"""At seldom looks the background bears witness: a box counts where the picture is not as it was."""

from datetime import UTC, datetime, timedelta

import numpy as np

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.edge.detection import StillThings

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
GROUND = np.random.default_rng(3).integers(60, 180, (12, 16)).astype(np.uint8)
HERE, THERE = (100, 100, 160, 260), (400, 100, 460, 260)


def frame(second: float, *, somebody: bool) -> Frame:
    luma = np.repeat(np.repeat(GROUND, 40, axis=0), 40, axis=1)
    if somebody:
        left, top, right, bottom = HERE
        luma[top:bottom, left:right] = 255 - luma[top:bottom, left:right] // 2
    grey = np.full((240, 320), 128, np.uint8)
    return Frame(luma, grey, grey, BEGIN + timedelta(seconds=second))


def boxes(instant: datetime) -> Detections:
    return Detections(np.array([HERE, THERE], np.float32), np.full(2, 0.3, np.float32), np.zeros(2, np.uint8), instant)


def test_only_the_box_where_somebody_came_stands_out() -> None:
    still = StillThings()
    for second in range(5):
        empty = frame(second, somebody=False)
        still.remove_from(boxes(empty.instant), empty)
        assert not still.stands_out(boxes(empty.instant), empty).any()
    for second in range(5, 9):
        peopled = frame(second, somebody=True)
        still.remove_from(boxes(peopled.instant), peopled)
        assert still.stands_out(boxes(peopled.instant), peopled).tolist() == [True, False]


def test_a_small_thing_does_not_stand_out_because_somebody_passes_it() -> None:
    still = StillThings()
    beside = HERE[2] + 1
    cone = np.array([[beside, 220, beside + 5, 232]], np.float32)
    for second in range(5):
        passed = frame(second, somebody=second == 4)
        found = Detections(cone, np.full(1, 0.3, np.float32), np.zeros(1, np.uint8), passed.instant)
        still.remove_from(found, passed)
    assert not still.stands_out(found, passed).any()


def test_whoever_came_a_part_of_a_second_ago_stands_out() -> None:
    still = StillThings(every=0.0)
    for second, somebody in ((0.0, False), (1.0, False), (1.3, True)):
        now = frame(second, somebody=somebody)
        still.remove_from(boxes(now.instant), now)
        assert still.stands_out(boxes(now.instant), now).tolist() == [somebody, False]


def test_no_boxes() -> None:
    still = StillThings()
    none = Detections.none(BEGIN)
    still.remove_from(none, frame(0, somebody=False))
    assert still.stands_out(none, frame(0, somebody=False)).shape == (0,)
