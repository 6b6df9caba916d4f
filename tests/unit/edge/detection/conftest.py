"""Detectors and frames that tests make for themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from passerby.datatypes.frame import Frame
from passerby.edge.detection import DetectorSpec, read_spec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEMPLATE = """
name = "test"
licence = "Apache-2.0"
sha256 = "00"
[input]
width = 64
height = 64
colour = "rgb"
divide = 1.0
fit = "letterbox"
[head]
type = "{head}"
threshold = 0.3
confident = 0.5
overlap = 0.5
[classes]
0 = "person"
2 = "car"
"""

ModelOf = Callable[..., bytes]
SpecOf = Callable[..., DetectorSpec]
FrameOf = Callable[..., Frame]


@pytest.fixture
def spec_of() -> SpecOf:
    """``spec_of(head)``: a description of a 64×64 detector of people and cars."""
    return lambda head: read_spec(TEMPLATE.format(head=head))


@pytest.fixture
def model_of() -> ModelOf:
    """``model_of(*outputs)``: an ONNX model that gives these arrays for every picture of 64×64."""

    def build(*outputs: NDArray[Any]) -> bytes:
        picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 64, 64])
        nodes, values = [], []
        for k, output in enumerate(outputs):
            constant = numpy_helper.from_array(output.astype(np.float32))
            nodes.append(helper.make_node("Constant", [], [f"out{k}"], value=constant))
            values.append(helper.make_tensor_value_info(f"out{k}", TensorProto.FLOAT, output.shape))
        graph = helper.make_graph(nodes, "planted", [picture], values)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        return bytes(model.SerializeToString())

    return build


@pytest.fixture
def frame_of() -> FrameOf:
    """``frame_of(luma, u, v)``: an even frame of 64×64, or of the size given."""

    def build(luma: int, u: int = 128, v: int = 128, size: tuple[int, int] = (64, 64)) -> Frame:
        width, height = size
        half = (height + 1) // 2, (width + 1) // 2
        planes = np.full((height, width), luma, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8)
        return Frame(*planes, NOON)

    return build
