"""A detector's input in the shape of the camera's picture, so that no work is spent on padding."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import onnx
from onnx import numpy_helper

from passerby.edge.detection.spec import DetectorSpec

STEP = 32
"""Sides of the input are multiples of the coarsest stride of a head, px."""
PLAIN = 0.0
"""Share of the pixels of the input that a detector was trained with: none are owed, its sides are the limit."""


def fitted(
    spec: DetectorSpec, model: bytes, picture: tuple[int, int], share: float = PLAIN
) -> tuple[DetectorSpec, bytes]:
    """The same weights for pictures of ``picture`` (width and height, px) and the description that goes with them.

    ``share``: as in ``input_size``. A detector whose picture is stretched, or that ends in a fixed number of boxes, is
    left as it is.
    """
    fit = fitted_spec(spec, picture, share)
    return fit, model if fit is spec else _reshaped(model, fit.width, fit.height)


def fitted_spec(spec: DetectorSpec, picture: tuple[int, int], share: float = PLAIN) -> DetectorSpec:
    """The description alone."""
    if spec.fit == "stretch" or spec.head == "end-to-end":
        return spec
    size = input_size((spec.width, spec.height), picture, share)
    return spec if size == (spec.width, spec.height) else replace(spec, width=size[0], height=size[1])


def input_size(full: tuple[int, int], picture: tuple[int, int], share: float = PLAIN) -> tuple[int, int]:
    """Smallest sides that hold the picture as large as in an input of ``full``; or larger, with ``share`` of the pixels
    of that, but never larger than the picture is."""
    plain = min(full[0] / picture[0], full[1] / picture[1])
    larger = min(1.0, math.sqrt(share * full[0] * full[1] / (picture[0] * picture[1])))
    across, down = (max(STEP, STEP * -(-round(side * max(plain, larger)) // STEP)) for side in picture)
    return across, down


def _reshaped(model: bytes, width: int, height: int) -> bytes:
    """A convolutional network takes any size; what is written into it of the old one is replaced: the input, and the
    sizes to which it resizes its own layers."""
    network = onnx.load_from_string(model)
    rows, columns = network.graph.input[0].type.tensor_type.shape.dim[2:4]
    scale = np.array([height / rows.dim_value, width / columns.dim_value])
    rows.dim_value, columns.dim_value = height, width
    for tensor in _sizes(network.graph):
        size = numpy_helper.to_array(tensor).copy()
        size[-2:] = np.round(size[-2:] * scale)
        tensor.CopyFrom(numpy_helper.from_array(size, tensor.name))
    for output in network.graph.output:
        output.type.tensor_type.ClearField("shape")
    del network.graph.value_info[:]
    return bytes(network.SerializeToString())


def _sizes(graph: onnx.GraphProto) -> Iterable[onnx.TensorProto]:
    """Constants that say to which rows and columns a Resize goes."""
    made = {name: node for node in graph.node for name in node.output}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    named = [node.input[3] for node in graph.node if node.op_type == "Resize" and len(node.input) > 3]
    for name in named:
        source = made.get(name)
        last = source.input[-1] if source is not None and source.op_type == "Concat" else name
        if last in constants:
            yield constants[last]
