"""Every library is given the same picture, and gives the same numbers."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from passerby.edge.detection import REFERENCE, Backend, backends
from passerby.edge.detection.load import load, ready


def halves() -> bytes:
    """x ↦ x / 2 for [1, 3, 4, 6], and its maximum over rows and columns."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("Mul", ["x", "half"], ["y"]),
            helper.make_node("ReduceMax", ["y"], ["most"], axes=[2, 3], keepdims=0),
        ],
        "halves",
        [value("x", TensorProto.FLOAT, [1, 3, 4, 6])],
        [value("y", TensorProto.FLOAT, [1, 3, 4, 6]), value("most", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor("half", TensorProto.FLOAT, [], [0.5])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("backend", backends() + backends(2)[:1], ids=str)
@pytest.mark.parametrize("divide", [1.0, 255.0])
def test_channels_come_first_and_values_are_divided(backend: Backend, divide: float) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (1, 4, 6, 3), np.uint8)
    whole, most = load(ready(halves(), backend, divide), backend, divide, (6, 4)).run(picture)
    expected = picture.transpose(0, 3, 1, 2) / divide / 2
    np.testing.assert_allclose(whole, expected, rtol=1e-6 if backend.precision == "f32" else 1 / 128)
    np.testing.assert_array_equal(most, whole.max((2, 3)))


def test_outputs_outlive_the_next_picture() -> None:
    for backend in backends():
        runtime = load(ready(halves(), backend, 1.0), backend, 1.0, (6, 4))
        first, _ = runtime.run(np.full((1, 4, 6, 3), 100, np.uint8))
        runtime.run(np.zeros((1, 4, 6, 3), np.uint8))
        assert (first == 50).all()


def rows() -> bytes:
    """x ↦ six numbers + the least of x for [1, 3, 64, 64]."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("ReduceMin", ["x"], ["least"], keepdims=0), helper.make_node("Add", ["six", "least"], ["y"])],
        "rows",
        [value("x", TensorProto.FLOAT, [1, 3, 64, 64])],
        [value("y", TensorProto.FLOAT, [1, 6])],
        [helper.make_tensor("six", TensorProto.FLOAT, [1, 6], range(6))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("backend", backends(), ids=str)
def test_a_model_outlives_the_bytes_that_it_was_made_of(backend: Backend) -> None:
    """OpenVINO reads constants where they were given: whatever takes that memory next would be weights."""
    for _ in range(5):
        made = ready(rows(), backend, 1.0)
        size = len(made)
        runtime = load(made, backend, 1.0, (64, 64))
        del made
        others = [b"\xff" * size for _ in range(20)]
        (found,) = runtime.run(np.full((1, 64, 64, 3), 4, np.uint8))
        assert found.tolist() == [[4, 5, 6, 7, 8, 9]]
        del others


def test_how_a_backend_is_called() -> None:
    assert str(REFERENCE) == "onnxruntime f32"
    assert str(Backend("openvino", "bf16", threads=4)) == "openvino bf16, 4 threads"
    assert str(Backend(device="cuda")) == "onnxruntime f32 on cuda"
