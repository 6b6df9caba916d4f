"""The converted model computes what the TensorFlow.js graph says, operator by operator, and carries no ballast."""

import base64
import json
from collections import Counter
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from passerby.apps.assets.classes import keep_classes
from passerby.apps.assets.tfjs import ConversionError, convert

Array = NDArray[Any]
LOWEST = -3.4e38


class Graph:
    """Builds a TensorFlow.js graph model, and computes it as TensorFlow would, with loops and numpy alone."""

    def __init__(self, size: tuple[int, ...]) -> None:
        self.nodes: list[dict[str, Any]] = [{"name": "picture", "op": "Placeholder", "attr": {}}]
        self.weights: dict[str, Array] = {}
        self.size = size
        self.outputs: dict[str, tuple[int, ...]] = {}

    def constant(self, array: Array) -> str:
        name = f"constant_{len(self.weights)}"
        self.nodes.append({"name": name, "op": "Const", "attr": {}})
        self.weights[name] = array
        return name

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        name = f"{op}_{len(self.nodes)}"
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attributes})
        return name

    def ints(self, *values: Any) -> str:
        return self.constant(np.array(values, np.int32))

    def turned(self, name: str, *perm: int) -> str:
        return self.add("Transpose", name, self.ints(*perm))

    def conv(self, name: str, kernel: str, stride: int) -> str:
        return self.add("Conv2D", name, kernel, padding=VALID, strides=steps(stride))

    def files(self) -> tuple[bytes, bytes]:
        def signature(shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
            sizes = {name: [{"size": str(side)} for side in shape] for name, shape in shapes.items()}
            return {f"{name}:0": {"name": f"{name}:0", "tensorShape": {"dim": dims}} for name, dims in sizes.items()}

        entries = [{"name": n, "dtype": str(a.dtype), "shape": list(a.shape)} for n, a in self.weights.items()]
        document = {
            "modelTopology": {"node": self.nodes},
            "weightsManifest": [{"weights": entries}],
            "signature": {"inputs": signature({"picture": self.size}), "outputs": signature(self.outputs)},
        }
        return json.dumps(document).encode(), b"".join(array.tobytes() for array in self.weights.values())

    def computed(self, picture: Array) -> list[Array]:
        values: dict[str, Array] = {"picture": picture, **self.weights}
        for node in self.nodes[1:]:
            if node["op"] != "Const":
                made = TENSORFLOW[node["op"]](node["attr"], *(values[name] for name in node["input"]))
                for k, value in enumerate(made if isinstance(made, list) else [made]):
                    values[node["name"] + (f":{k}" if k else "")] = value
        return [values[name] for name in sorted(self.outputs)]


VALID = {"s": base64.b64encode(b"VALID").decode()}


def steps(*sides: int) -> dict[str, Any]:
    return {"list": {"i": ["1", *[str(side) for side in (sides * 2)[:2]], "1"]}}


def windows(x: Array, sides: tuple[int, int], stride: int) -> Array:
    """[N, H, W, kh, kw, C] of a tensor with channels last."""
    seen = np.lib.stride_tricks.sliding_window_view(x, sides, (1, 2))[:, ::stride, ::stride]
    return seen.transpose(0, 1, 2, 4, 5, 3)


def conv2d(attributes: Any, x: Array, kernel: Array) -> Array:
    groups = x.shape[-1] // kernel.shape[2]
    seen = windows(x, (kernel.shape[0], kernel.shape[1]), int(attributes["strides"]["list"]["i"][1]))
    parts = zip(np.split(seen, groups, -1), np.split(kernel, groups, -1), strict=True)
    return np.concatenate([np.einsum("nhwijc,ijco->nhwo", part, k) for part, k in parts], -1)


def max_pool(attributes: Any, x: Array) -> Array:
    side = int(attributes["ksize"]["list"]["i"][1])
    pooled: Array = windows(x, (side, side), int(attributes["strides"]["list"]["i"][1])).max((3, 4))
    return pooled


def bilinear(_: Any, x: Array, sides: Array) -> Array:
    for axis, side in ((1, int(sides[0])), (2, int(sides[1]))):
        at = ((np.arange(side) + 0.5) * x.shape[axis] / side - 0.5).clip(0, x.shape[axis] - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, x.shape[axis] - 1)
        share = (at - low).reshape([-1 if k == axis else 1 for k in range(4)])
        x = x.take(low, axis) * (1 - share) + x.take(high, axis) * share
    return x


TENSORFLOW: dict[str, Any] = {
    "Transpose": lambda _, x, perm: x.transpose(perm),
    "Pad": lambda _, x, pads: np.pad(x, pads),
    "PadV2": lambda _, x, pads, fill: np.pad(x, pads, constant_values=fill),
    "Conv2D": conv2d,
    "MaxPool": max_pool,
    "Add": lambda _, x, y: x + y,
    "LeakyRelu": lambda attributes, x: np.where(x > 0, x, attributes["alpha"]["f"] * x),
    "Sigmoid": lambda _, x: 1 / (1 + np.exp(-x)),
    "ConcatV2": lambda _, *given: np.concatenate(given[:-1], int(given[-1])),
    "SplitV": lambda _, x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], int(axis)),
    "Reshape": lambda _, x, shape: x.reshape(shape),
    "ResizeBilinear": bilinear,
    "Identity": lambda _, x: x,
}


@pytest.fixture(scope="module")
def random() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture(scope="module")
def detector(random: np.random.Generator) -> Graph:
    """Every operator, in the way in which ONNX graphs that went through TensorFlow are written; 5 classes, 4 bins."""
    graph = Graph((1, 3, 16, 24))

    def weights(*shape: int) -> str:
        return graph.constant(random.normal(0, 0.5, shape).astype(np.float32))

    def block(name: str, kernel: str, channels: int, stride: int = 1, pad: int = 1) -> str:
        padded = graph.add("Pad", name, graph.ints([0, 0], [0, 0], [pad, pad], [pad, pad])) if pad else name
        out = graph.add("Add", graph.conv(graph.turned(padded, 0, 2, 3, 1), kernel, stride), weights(channels))
        return graph.add("LeakyRelu", graph.turned(out, 0, 3, 1, 2), alpha={"f": 0.1})

    first = block("picture", weights(3, 3, 3, 8), 8, stride=2)
    lowest = graph.constant(np.array(LOWEST, np.float32))
    padded = graph.add("PadV2", first, graph.ints([0, 0], [0, 0], [1, 1], [1, 1]), lowest)
    pooled = graph.add("MaxPool", graph.turned(padded, 0, 2, 3, 1), padding=VALID, ksize=steps(3), strides=steps(2))
    deep = block(graph.turned(pooled, 0, 3, 1, 2), weights(3, 3, 2, 8), 8)
    resized = graph.add(
        "ResizeBilinear", graph.turned(deep, 0, 2, 3, 1), graph.ints(8, 12), half_pixel_centers={"b": True}
    )
    added = graph.add("Add", first, graph.turned(resized, 0, 3, 1, 2))
    both = graph.add("ConcatV2", added, first, graph.constant(np.array(1, np.int32)))
    head = graph.add("Add", graph.conv(graph.turned(both, 0, 2, 3, 1), weights(1, 1, 16, 9), 1), weights(9))
    parts = graph.add("SplitV", graph.turned(head, 0, 3, 1, 2), graph.ints(5, 4), graph.constant(np.array(1, np.int32)))
    for name, channels in ((graph.add("Sigmoid", parts), 5), (f"{parts}:1", 4)):
        flat = graph.add("Reshape", name, graph.ints(1, channels, -1))
        graph.outputs[graph.add("Identity", graph.turned(flat, 0, 2, 1))] = (1, 96, channels)
    return graph


@pytest.fixture(scope="module")
def picture(random: np.random.Generator) -> Array:
    return random.random((1, 3, 16, 24), np.float32)


def run(model: bytes, picture: Array) -> list[Array]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return list(session.run(None, {"picture": picture}))


def test_it_computes_what_the_graph_says(detector: Graph, picture: Array) -> None:
    found, expected = run(convert(*detector.files()), picture), detector.computed(picture)
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_no_transpose_pad_or_identity_is_left_where_none_is_needed(detector: Graph) -> None:
    model = onnx.load_from_string(convert(*detector.files()))
    count = Counter(node.op_type for node in model.graph.node)
    assert count == {
        "Conv": 3, "LeakyRelu": 2, "MaxPool": 1, "Resize": 1, "Add": 1, "Concat": 1, "Split": 1, "Sigmoid": 1,
        "Reshape": 2, "Transpose": 2,
    }  # fmt: skip
    assert [output.name for output in model.graph.output] == sorted(detector.outputs)


def test_conversion_gives_the_same_file_every_time(detector: Graph) -> None:
    assert convert(*detector.files()) == convert(*detector.files())


def test_a_padding_that_a_maximum_would_see_is_written(random: np.random.Generator) -> None:
    graph = Graph((1, 3, 8, 8))
    padded = graph.add("Pad", "picture", graph.ints([0, 0], [0, 0], [1, 1], [1, 1]))
    pooled = graph.add("MaxPool", graph.turned(padded, 0, 2, 3, 1), padding=VALID, ksize=steps(3), strides=steps(1))
    graph.outputs[pooled] = (1, 8, 8, 3)
    dark = -random.random((1, 3, 8, 8), np.float32)
    (found,) = run(convert(*graph.files()), dark)
    np.testing.assert_array_equal(found, graph.computed(dark)[0])
    assert found[0, 0].max() == 0


def test_a_tensor_that_two_read_keeps_what_each_needs(random: np.random.Generator) -> None:
    """A bias goes into its convolution only where nobody wants the convolution without it."""
    graph = Graph((1, 3, 4, 4))
    kernel = graph.constant(random.normal(size=(1, 1, 3, 3)).astype(np.float32))
    bare = graph.conv(graph.turned("picture", 0, 2, 3, 1), kernel, 1)
    graph.outputs[graph.add("Add", bare, graph.constant(np.ones(3, np.float32)))] = (1, 4, 4, 3)
    graph.outputs[graph.add("Sigmoid", bare)] = (1, 4, 4, 3)
    picture = random.random((1, 3, 4, 4), np.float32)
    for one, other in zip(run(convert(*graph.files()), picture), graph.computed(picture), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_classes_that_nobody_reads_are_cut_and_the_rest_stays(detector: Graph, picture: Array) -> None:
    whole, cut = (run(model, picture) for model in models_of(detector))
    scores = next(k for k, output in enumerate(whole) if output.shape[-1] == 5)
    np.testing.assert_array_equal(cut[scores], whole[scores][..., [3, 0]])
    np.testing.assert_array_equal(cut[1 - scores], whole[1 - scores])


def models_of(detector: Graph) -> tuple[bytes, bytes]:
    model = convert(*detector.files())
    return model, keep_classes(model, [3, 0], 5)


def test_a_head_that_is_another_is_not_cut(detector: Graph) -> None:
    with pytest.raises(ConversionError, match="head is another"):
        keep_classes(convert(*detector.files()), [0], 80)


def test_unknown_operators_and_wrong_weights_are_refused(detector: Graph) -> None:
    graph = Graph((1, 3, 4, 4))
    graph.outputs[graph.add("Erf", "picture")] = (1, 3, 4, 4)
    with pytest.raises(ConversionError, match="unknown to the converter"):
        convert(*graph.files())
    document, weights = detector.files()
    with pytest.raises(ConversionError, match="too early"):
        convert(document, weights[:-4])
    with pytest.raises(ConversionError, match="too long"):
        convert(document, weights + bytes(4))
