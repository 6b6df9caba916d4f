"""The plate in a scene that is drawn: somebody passes, stands, is lost by the detector, is never found at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.edge.background import Background

SIZE = (320, 240)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
EMPTY = cv2.resize(np.random.default_rng(1).integers(60, 120, (15, 20), np.uint8), SIZE, interpolation=cv2.INTER_CUBIC)
SOMEBODY = np.array([[150, 80, 180, 180]], np.float32)
DARK = 30
NOBODY = np.zeros((0, 4), np.float32)

Boxes = NDArray[np.float32]


def frame(second: float, people: Boxes) -> Frame:
    luma = EMPTY.copy()
    for x1, y1, x2, y2 in people.astype(int).tolist():
        luma[y1:y2, x1:x2] = DARK
    grey = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    return Frame(luma, grey, grey, BEGIN + timedelta(seconds=second))


def found(boxes: Boxes, instant: datetime) -> Detections:
    return Detections(boxes, np.ones(len(boxes), np.float32), np.zeros(len(boxes), np.uint8), instant)


def nobody(picture: Frame) -> Detections:
    return found(NOBODY, picture.instant)


def background(find: Callable[[Frame], Detections] = nobody, span: float = 30.0) -> Background:
    return Background(find, span_seconds=span, every=timedelta(0))


def watch(
    learner: Background, seconds: int, people: Callable[[int], Boxes], detector: Callable[[int], Boxes], since: int = 0
) -> list[bytes]:
    """Every plate that was given out, with one frame a second."""
    plates: list[bytes] = []
    for second in range(since, since + seconds):
        learner.observe(frame(second, people(second)), found(detector(second), BEGIN + timedelta(seconds=second)))
        if learner.png is not None and learner.png not in plates:
            plates.append(learner.png)
    return plates


def luma(png: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    stacked = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
    return np.asarray(stacked[: SIZE[1]], np.uint8)


def inside(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    return picture[80:180, 150:180].astype(np.int16)


def shows_somebody(png: bytes) -> bool:
    return bool((inside(luma(png)) < 45).mean() > 0.02)


def test_an_empty_scene_is_shown_as_it_is_once_moments_over_the_span_agree() -> None:
    learner = background()
    assert watch(learner, 30, lambda _: NOBODY, lambda _: NOBODY) == []
    plates = watch(learner, 20, lambda _: NOBODY, lambda _: NOBODY, since=30)
    assert plates
    assert np.abs(luma(plates[-1]).astype(int) - EMPTY).max() <= 3


def test_who_stands_for_ten_minutes_and_is_lost_by_the_detector_is_not_burnt_in() -> None:
    learner = background()
    plates = watch(learner, 600, lambda _: SOMEBODY, lambda s: SOMEBODY if s < 20 else NOBODY)
    assert plates, "the rest of the picture is free"
    assert not any(shows_somebody(png) for png in plates)
    later = watch(learner, 90, lambda _: NOBODY, lambda _: NOBODY, since=600)
    assert not any(shows_somebody(png) for png in later)
    assert np.abs(inside(luma(later[-1])) - inside(EMPTY)).max() <= 3, "the place is shown once it was left"


def test_who_stands_for_ten_minutes_and_is_never_found_is_not_burnt_in_over_a_longer_span() -> None:
    learner = background(span=900.0)
    arrives, leaves = 400, 1000
    plates = watch(learner, 2200, lambda s: SOMEBODY if arrives <= s < leaves else NOBODY, lambda _: NOBODY)
    assert plates
    assert not any(shows_somebody(png) for png in plates)


def test_what_the_detector_finds_on_the_plate_is_blanked_for_good() -> None:
    asked: list[int] = []

    def find(picture: Frame) -> Detections:
        asked.append(1)
        seen = picture.size == SIZE and picture.luma[130, 165] < 45 and picture.luma[130, 154] < 45
        return found(SOMEBODY if seen else NOBODY, picture.instant)

    plates = watch(background(find), 120, lambda _: SOMEBODY, lambda _: NOBODY)
    assert plates
    assert asked
    assert not any(shows_somebody(png) for png in plates)


def test_no_plate_while_the_detector_still_finds_somebody_on_it() -> None:
    learner = background(lambda picture: found(np.array([[5, 5, 9, 9]], np.float32), picture.instant))
    assert watch(learner, 120, lambda _: NOBODY, lambda _: NOBODY) == []


def test_a_room_that_is_taken_for_somebody_once_has_a_plate_later() -> None:
    room, answers = np.array([[0, 0, 300, 230]], np.float32), iter([True])

    def find(picture: Frame) -> Detections:
        return found(room if picture.size == SIZE and next(answers, False) else NOBODY, picture.instant)

    learner = background(find)
    assert watch(learner, 200, lambda _: NOBODY, lambda _: NOBODY)


def test_no_plate_while_boxes_cover_too_much() -> None:
    crowd = np.array([[0, 0, 320, 160]], np.float32)
    assert watch(background(), 200, lambda _: NOBODY, lambda _: crowd) == []


def test_a_gap_is_no_silence() -> None:
    learner = background()
    for second in range(0, 3000, 10):
        instant = BEGIN + timedelta(seconds=second)
        learner.observe(frame(second, NOBODY), found(NOBODY, instant))
    assert learner.png is None


def test_a_reset_withdraws_the_plate() -> None:
    learner = background()
    watch(learner, 60, lambda _: NOBODY, lambda _: NOBODY)
    assert learner.png is not None
    learner.reset()
    assert learner.png is None
