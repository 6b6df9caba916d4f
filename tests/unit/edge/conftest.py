"""A clip of one bright figure, a detector that finds it, and a mandate to measure it: all made here."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest
from tests.bright_detector import model, spec

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.resolution import Resolution
from passerby.edge.detection import DetectorSpec, read_spec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZE, RATE, SECONDS = (64, 64), 10, 12


@pytest.fixture(scope="session")
def bright_spec() -> DetectorSpec:
    """Describes the model below."""
    return read_spec(spec(64))


@pytest.fixture(scope="session")
def bright_model() -> bytes:
    """An end-to-end ONNX detector: the bounding box of all pixels whose red is above 225, as no ground has whose
    contrast was spread."""
    return model(64, level=225.0)


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s at 10 frames a second: a bright figure walks from left to right and back, four pixels a second."""
    path = tmp_path_factory.mktemp("clip") / "walk.mp4"
    random = np.random.default_rng(5)
    ground = np.kron(random.integers(30, 110, (16, 16)), np.ones((4, 4), int))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *SIZE, "yuv420p", 2_000_000
        for index in range(RATE * SECONDS):
            seconds = index / RATE
            x = round(8 + 7 * min(seconds, SECONDS - seconds))
            picture = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
            picture[: SIZE[1]] = ground + random.integers(-4, 5, ground.shape)
            picture[20:44, x : x + 8] = 235
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def authorized() -> Callable[[Sequence[Cell]], Callable[[datetime], Authorization]]:
    """``authorized(cells)``: what the gate would answer under a mandate for these cells, in windows of 5 s."""

    def build(cells: Sequence[Cell]) -> Callable[[datetime], Authorization]:
        mandate = Mandate(
            hash="0" * 64,
            id="test",
            title="Test",
            starts=NOON,
            expires=NOON + timedelta(days=1),
            notice_seconds=0,
            zone=ZoneInfo("UTC"),
            hours=(0, 24),
            cells=tuple(cells),
            budgets={family: FamilyBudget(family, Fraction(1), 50) for family in Family},
            resolutions=(Resolution(5, Fraction(1)),),
            tracks=2,
            track_seconds=100,
            sensor_cap=Fraction(2),
            background_plate=False,
            archive=None,
            document={},
        )
        return lambda instant: Authorization(mandate, cells[0].sensor, NOON, NOON + timedelta(days=1), 1, instant)

    return build
