"""A detector for clips that are made here: what is bright is a person."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SPEC = """
name = "bright"
licence = "Apache-2.0"
sha256 = "00"
[input]
width = SIDE
height = SIDE
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


def spec(side: int) -> str:
    """TOML that describes the model of an input of ``side`` px."""
    return SPEC.replace("SIDE", str(side))


def model(side: int, level: float = 170.0) -> bytes:
    """An end-to-end ONNX detector: the bounding box of all pixels whose red is above ``level``."""
    ramp = np.arange(side, dtype=np.float32)
    given = {
        "level": np.float32(level),
        "steep": np.float32(1000),
        "zero": np.float32(0),
        "one": np.float32(1),
        "side": np.float32(side),
        "x": ramp.reshape(1, 1, 1, side),
        "y": ramp.reshape(1, 1, side, 1),
        "back_x": (side - ramp).reshape(1, 1, 1, side),
        "back_y": (side - ramp).reshape(1, 1, side, 1),
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
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, 6])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in given.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
