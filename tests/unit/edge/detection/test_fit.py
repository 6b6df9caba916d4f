"""An input that fits the picture finds what the padded one finds."""

from datetime import UTC, datetime

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.edge.detection import Detector, DetectorSpec, fitted
from passerby.edge.detection.fit import PLAIN, input_size


def spec(**changes: object) -> DetectorSpec:
    values: dict[str, object] = {
        "name": "blocks", "licence": "none", "width": 416, "height": 416, "colour": "rgb", "divide": 1.0,
        "fit": "letterbox", "head": "yolox", "threshold": 0.5, "confident": 0.5, "overlap": 0.45,
        "classes": {0: Kind.PERSON}, "sha256": "",
    }  # fmt: skip
    return DetectorSpec(**{**values, **changes})  # type: ignore[arg-type]


def blocks(side: int = 416) -> bytes:
    """A raw YOLOX head that finds bright cells of 8, 16 and 32 px; its coarsest layer is made by a Resize."""
    nodes, levels = [], []
    for stride in (8, 16, 32):
        pooled = f"pool{stride}"
        nodes.append(
            helper.make_node("AveragePool", ["images"], [pooled], kernel_shape=[stride] * 2, strides=[stride] * 2)
        )
        if stride == 32:
            nodes.append(helper.make_node("Resize", [pooled, "", "", "size"], ["same"], mode="nearest"))
            pooled = "same"
        nodes.append(helper.make_node("Conv", [pooled, "weight", f"bias{stride}"], [f"row{stride}"]))
        nodes.append(helper.make_node("Reshape", [f"row{stride}", "shape"], [f"flat{stride}"]))
        levels.append(f"flat{stride}")
    nodes.append(helper.make_node("Concat", levels, ["rows"], axis=2))
    nodes.append(helper.make_node("Transpose", ["rows"], ["output"], perm=[0, 2, 1]))
    weight = np.zeros((6, 3, 1, 1), np.float32)
    weight[4] = 1 / 750
    bias = {stride: np.array([0.5, 0.5, 0, 0, 0 if stride == 8 else -9, 1], np.float32) for stride in (8, 16, 32)}
    constants = {
        "weight": weight,
        "shape": np.array([1, 6, -1]),
        "size": np.array([1, 3, side // 32, side // 32]),
        **{f"bias{stride}": value for stride, value in bias.items()},
    }
    graph = helper.make_graph(
        nodes,
        "blocks",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3549, 6])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def picture(width: int, height: int) -> Frame:
    luma = np.full((height, width), 16, np.uint8)
    luma[height // 2 : height // 2 + height // 12, width // 4 : width // 4 + width // 16] = 235
    grey = np.full((height // 2, width // 2), 128, np.uint8)
    return Frame(luma, grey, grey, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("size", "share", "expected"),
    [
        ((1920, 1080), PLAIN, (416, 256)),
        ((768, 576), PLAIN, (416, 320)),
        ((1080, 1920), PLAIN, (256, 416)),
        ((1000, 100), PLAIN, (416, 64)),
        ((1920, 1080), 0.75, (480, 288)),
        ((1080, 1920), 1.4, (384, 672)),
        ((768, 576), 0.75, (416, 320)),
        ((900, 900), 0.75, (416, 416)),
        ((320, 240), 1.4, (416, 320)),
    ],
)
def test_sizes(size: tuple[int, int], share: float, expected: tuple[int, int]) -> None:
    assert input_size((416, 416), size, share) == expected


def test_the_same_boxes_without_the_padding() -> None:
    frame = picture(1664, 936)
    padded, fit = Detector(spec(), blocks()), Detector(*fitted(spec(), blocks(), frame.size))
    assert (fit.spec.width, fit.spec.height) == (416, 256)
    before, after = padded.detect(frame), fit.detect(frame)
    assert len(before.score) > 0
    np.testing.assert_allclose(after.xyxy, before.xyxy, atol=1e-3)
    np.testing.assert_allclose(after.score, before.score, atol=1e-5)


def test_resized_layers_follow_the_input() -> None:
    _, model = fitted(spec(), blocks(), (1664, 936))
    sizes = {t.name: numpy_helper.to_array(t).tolist() for t in onnx.load_from_string(model).graph.initializer}
    assert sizes["size"] == [1, 3, 8, 13]


@pytest.mark.parametrize("changes", [{"fit": "stretch"}, {"head": "end-to-end"}])
def test_what_cannot_be_fitted_stays(changes: dict[str, object]) -> None:
    given = spec(**changes)
    assert fitted(given, b"as it is", (1920, 1080)) == (given, b"as it is")
