"""On an empty scene the detector rests; whoever comes is looked at in the first picture that shows them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.camera import Camera
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.place import Place
from passerby.edge.detection import Detector, DetectorSpec
from passerby.edge.detection.calm import EMPTY_SECONDS, LONGEST_REST
from passerby.edge.detection.detector import Prepared
from passerby.edge.pipeline import Sight, Work

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEP = 0.2
SIZE = 192
GROUND = np.kron(np.random.default_rng(5).integers(40, 110, (48, 48)), np.ones((4, 4), int))


class Counting(Detector):
    """Tells when it looked."""

    def __init__(self, spec: DetectorSpec, model: bytes) -> None:
        super().__init__(spec, model)
        self.looked: list[int] = []

    def find(self, prepared: Prepared) -> Detections:
        """As it is."""
        self.looked.append(round((prepared.instant - NOON).total_seconds() / STEP))
        return super().find(prepared)


def frame(number: int, *, person: bool, light: int = 0, noise: int = 3) -> Frame:
    random = np.random.default_rng(number)
    luma = GROUND + light + random.integers(-noise, noise + 1, GROUND.shape)
    if person:
        luma[60:84, 30:38] = 235
    chroma: NDArray[np.uint8] = np.full((SIZE // 2, SIZE // 2), 128, np.uint8)
    return Frame(luma.clip(0, 255).astype(np.uint8), chroma, chroma, NOON + timedelta(seconds=STEP * number))


@pytest.fixture
def detector(bright_spec: DetectorSpec, bright_model: bytes) -> Counting:
    return Counting(bright_spec, bright_model)


def sight(detector: Detector, work: Work | None = None) -> Sight:
    camera = Camera("gate", "Gate", Place(59.4, 24.7), (SIZE, SIZE))
    return Sight(camera, detector, track_seconds=100, work=work)


def test_it_looks_once_a_second_while_nobody_is_there(detector: Counting) -> None:
    seeing = sight(detector)
    for number in range(50):
        seeing.look(frame(number, person=False))
    first = round(EMPTY_SECONDS / STEP)
    assert detector.looked == [*range(first), *range(first + 4, 50, round(LONGEST_REST / STEP))]


def test_who_comes_is_looked_at_at_once_and_for_as_long_as_they_stay(detector: Counting) -> None:
    seeing = sight(detector)
    seen = [looked for n in range(60) for looked in seeing.look(frame(n, person=22 <= n < 40))] + seeing.finish()
    assert set(range(22, 55)) <= set(detector.looked)
    present = [round((tracks.instant - NOON).total_seconds() / STEP) for tracks, _ in seen if len(tracks.id)]
    assert present == list(range(22, 40))


def test_light_that_changes_everywhere_is_nobody(detector: Counting) -> None:
    seeing = sight(detector)
    for number in range(50):
        seeing.look(frame(number, person=False, light=number // 5))
    assert len(detector.looked) <= 24


def test_the_cost_that_is_told_does_not_tell_whether_anybody_is_there(detector: Counting) -> None:
    work = Work()
    seeing = sight(detector, work)
    for number in range(50):
        seeing.look(frame(number, person=False))
    assert work.detections == 50
    assert len(detector.looked) == 22
    before = work.stages["detection"] / work.detections
    work.rest()
    assert work.stages["detection"] / work.detections == pytest.approx(before)
