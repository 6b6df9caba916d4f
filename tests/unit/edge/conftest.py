"""A clip of one bright figure, a detector that finds it, and a mandate to measure it: all made here."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.resolution import Resolution
from passerby.edge.detection import DetectorSpec, read_spec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZE, RATE, SECONDS = (64, 64), 10, 12
SPEC = """
name = "bright"
licence = "Apache-2.0"
sha256 = "00"
[input]
width = 64
height = 64
colour = "rgb"
divide = 1.0
fit = "letterbox"
[head]
type = "end-to-end"
threshold = 0.3
confident = 0.5
overlap = 0.5
[classes]
0 = "person"
"""


@pytest.fixture(scope="session")
def bright_spec() -> DetectorSpec:
    """Describes the model below."""
    return read_spec(SPEC)


@pytest.fixture(scope="session")
def bright_model() -> bytes:
    """An end-to-end ONNX detector: the bounding box of all pixels whose red is above 170."""
    ramp = np.arange(64, dtype=np.float32)
    given = {
        "level": np.float32(170),
        "steep": np.float32(1000),
        "zero": np.float32(0),
        "one": np.float32(1),
        "side": np.float32(64),
        "x": ramp.reshape(1, 1, 1, 64),
        "y": ramp.reshape(1, 1, 64, 1),
        "back_x": (64 - ramp).reshape(1, 1, 1, 64),
        "back_y": (64 - ramp).reshape(1, 1, 64, 1),
        "first": np.array([0], np.int64),
        "second": np.array([1], np.int64),
        "channel": np.array([1], np.int64),
        "row": np.array([1, 6], np.int64),
        "nobody": np.zeros((1, 1, 1, 1), np.float32),
    }
    steps: list[tuple[str, list[str], str]] = [
        ("Slice", ["picture", "first", "second", "channel"], "red"),
        ("Sub", ["red", "level"], "above"),
        ("Mul", ["above", "steep"], "hard"),
        ("Clip", ["hard", "zero", "one"], "mask"),
        ("ReduceMax", ["mask"], "score"),
    ]
    for name in ("x", "y", "back_x", "back_y"):
        steps += [("Mul", ["mask", name], f"on_{name}"), ("ReduceMax", [f"on_{name}"], f"most_{name}")]
    steps += [
        ("Sub", ["side", "most_back_x"], "left"),
        ("Sub", ["side", "most_back_y"], "top"),
        ("Add", ["most_x", "one"], "right"),
        ("Add", ["most_y", "one"], "bottom"),
    ]
    nodes = [helper.make_node(op, inputs, [output]) for op, inputs, output in steps]
    nodes.append(helper.make_node("Concat", ["left", "top", "right", "bottom", "score", "nobody"], ["flat"], axis=3))
    nodes.append(helper.make_node("Reshape", ["flat", "row"], ["rows"]))
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, 6])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in given.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


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
