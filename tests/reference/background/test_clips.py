"""Nobody on any plate, over whole clips: by the truth, by the detector, and by a detector that had no say in it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.apps.assets.entries import find
from passerby.datatypes.frame import Frame
from passerby.edge.background import Background
from passerby.edge.background.picture import reduced, to_frame
from passerby.edge.capture.decoder import decode
from passerby.edge.detection import Detector, read_spec

SHARED = Path(__file__).parents[4] / "shared"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
PLATE_SCORE = 0.1
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def detector() -> Detector:
    entry = find("embedded")
    if not entry.present:
        pytest.skip("the embedded detector is not here: passerby models get embedded")
    return Detector(read_spec(entry.text), entry.path.read_bytes())


@pytest.fixture(scope="module")
def other_detector() -> Detector:
    path = SHARED / "models/yolox_nano.onnx"
    if not path.is_file():
        pytest.skip("no second detector in ../shared/models")
    return Detector(replace(read_spec(find("yolox-nano").text), threshold=0.25), path.read_bytes())


def footage(name: str) -> Path:
    path = SHARED / "footage" / name
    if not path.is_file():
        pytest.skip("no footage in ../shared/footage")
    return path


def frames(name: str, rate: float | None, step: int) -> Iterator[tuple[int, Frame]]:
    for index, frame in enumerate(decode(str(footage(name)), BEGIN, frame_rate=rate)):
        if index % step == 0:
            yield index, frame


def plates(name: str, rate: float | None, step: int, span: float, detector: Detector, times: int = 1) -> list[Picture]:
    """Every plate that is given out while the clip is played ``times`` times in a row, at least 14 s apart."""
    learner = Background(detector.at(PLATE_SCORE).detect, span_seconds=span, every=timedelta(seconds=14))
    seen = [(frame, detector.detect(frame)) for _, frame in frames(name, rate, step)]
    length = seen[-1][0].instant - BEGIN + timedelta(seconds=0.5)
    shown: list[bytes] = []
    for turn in range(times):
        for frame, found in seen:
            learner.observe(replace(frame, instant=frame.instant + turn * length), found)
            if learner.png is not None and learner.png not in shown:
                shown.append(learner.png)
    return [np.asarray(cv2.imdecode(np.frombuffer(p, np.uint8), cv2.IMREAD_COLOR), np.uint8) for p in shown]


@pytest.fixture(scope="module")
def pets(detector: Detector) -> list[Picture]:
    return plates("pets09-s2l1.avi", 7.0, 3, 30.0, detector)


def truth() -> dict[int, list[tuple[float, float, float, float]]]:
    boxes = defaultdict(list)
    for line in footage("pets09-s2l1.truth.txt").read_text("utf-8").splitlines():
        number, _, x, y, w, h = (float(v) for v in line.split(",")[:6])
        boxes[int(number) - 1].append((x, y, x + w, y + h))
    return boxes


def test_the_clip_gives_plates(pets: list[Picture]) -> None:
    assert pets


def test_the_detector_finds_nobody_on_any_plate(pets: list[Picture], detector: Detector) -> None:
    for plate in pets:
        assert len(detector.at(PLATE_SCORE).detect(to_frame(plate, BEGIN)).score) == 0


def test_another_detector_finds_nobody_on_any_plate(pets: list[Picture], other_detector: Detector) -> None:
    for plate in pets:
        assert len(other_detector.detect(to_frame(plate, BEGIN)).score) == 0


def test_inside_true_boxes_no_plate_shows_what_the_frame_shows_of_a_person(pets: list[Picture]) -> None:
    boxes = truth()
    every = [(index, reduced(frame)) for index, frame in frames("pets09-s2l1.avi", 7.0, 5)]
    height, width = every[0][1].shape[:2]
    scale = np.array([width / 768, height / 576] * 2)
    empty = np.median(np.stack([picture for _, picture in every[::3]]), axis=0)
    checked = 0
    for index, picture in every:
        for box in boxes[index]:
            left, top, right, bottom = np.clip((np.array(box) * scale).round(), 0, [width, height] * 2).astype(int)
            crop = np.s_[top:bottom, left:right]
            person = np.abs(picture[crop] - empty[crop]).max(axis=2) > 40
            if person.sum() < 50:
                continue
            for plate in pets:
                same = np.abs(picture[crop].astype(int) - plate[crop]).max(axis=2) <= 10
                assert same[person].mean() < 0.1, f"frame {index + 1}"
                checked += 1
    assert checked > 500


def test_no_plate_of_the_car_park_shows_anybody(detector: Detector, other_detector: Detector) -> None:
    given = plates("car-detection.mp4", None, 3, 30.0, detector, times=3)
    assert given
    for plate in given:
        assert len(detector.at(PLATE_SCORE).detect(to_frame(plate, BEGIN)).score) == 0
        assert len(other_detector.detect(to_frame(plate, BEGIN)).score) == 0


def test_there_is_no_plate_where_people_fill_the_picture_nearly_always(detector: Detector) -> None:
    assert plates("one-by-one-person-detection.mp4", None, 12, 30.0, detector) == []
