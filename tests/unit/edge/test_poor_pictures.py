"""A picture that became too poor to count on: its windows say the cause, and none of them says 0."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.place import Place
from passerby.edge.capture import RecordingSource
from passerby.edge.detection import Detector, DetectorSpec
from passerby.edge.pipeline import Pipeline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WIDTH, HEIGHT, RATE, SECONDS, FAULT_AT = 320, 240, 5, 45, 15
CELL = Cell("gate", Family.PERSON_SECONDS, "all", "person")
AREA = MeasurementArea("all", ((0.0, 0.0), (320.0, 0.0), (320.0, 240.0), (0.0, 240.0)))
RANDOM = np.random.default_rng(5)
GROUND = np.kron(RANDOM.integers(30, 110, (24, 32)), np.ones((10, 10), int)).astype(np.float32)
NOISE = RANDOM.normal(0, 3, (7, HEIGHT, WIDTH)).astype(np.float32)

Luma = NDArray[np.float32]
Authorize = Callable[[datetime], Authorization]


class Instantly:
    """A clock that need not wait."""

    def now(self) -> datetime:
        return NOON

    def sleep(self, seconds: float) -> None:
        pass


def scene(number: int) -> Luma:
    """Ground, and a bright figure that walks to and fro."""
    picture = GROUND.copy()
    x = 30 + abs((4 * number) % 480 - 240)
    picture[80:180, x : x + 34] = 235
    return picture


def nudged(picture: Luma) -> Luma:
    return np.roll(picture, (6, 14), (0, 1))


FAULTS: dict[Outage, Callable[[Luma], Luma]] = {
    Outage.NO_LIGHT: lambda picture: 16 + 0.01 * picture,
    Outage.COVERED: lambda picture: 150 + 0.005 * picture,
    Outage.BLURRED: lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 9), np.float32),
    Outage.MOVED: nudged,
}


def clip(path: Path, cause: Outage) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = WIDTH, HEIGHT, "yuv420p", 8_000_000
        for number in range(RATE * SECONDS):
            late = number >= FAULT_AT * RATE
            picture, noise = scene(number), NOISE[number % 7]
            if late and cause is Outage.FROZEN:
                picture, noise = scene(FAULT_AT * RATE), NOISE[0]
            elif late:
                picture, noise = FAULTS[cause](picture), 0.2 * noise
            planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planes[:HEIGHT] = np.clip(picture + noise, 0, 255)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("cause", [*FAULTS, Outage.FROZEN])
def test_windows_of_a_fault_say_its_cause_and_never_zero(
    cause: Outage,
    tmp_path: Path,
    bright_model: bytes,
    bright_spec: DetectorSpec,
    authorized: Callable[[Sequence[Cell]], Authorize],
) -> None:
    camera = Camera("gate", "Gate", Place(59.4, 24.7), (WIDTH, HEIGHT), areas=(AREA,))
    pipeline = Pipeline(
        camera,
        RecordingSource(clip(tmp_path / "clip.mp4", cause)),
        Detector(bright_spec, bright_model),
        authorized([CELL]),
        begin=NOON,
        clock=Instantly(),
    )
    measures: list[Measure] = [measure for closed in pipeline.run() for measure in closed]
    assert all(a.window.end == b.window.start for a, b in pairwise(measures)), "no window is missing"
    good = [m for m in measures if m.window.end <= NOON + timedelta(seconds=FAULT_AT)]
    assert len(good) == 3
    assert all(m.value for m in good)
    assert all(m.value != 0 for m in measures)
    late = [m for m in measures if m.window.start >= NOON + timedelta(seconds=FAULT_AT + 10)]
    assert len(late) == 4
    assert {m.outage for m in late} == {cause}
