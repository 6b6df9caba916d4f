"""Changes to an ONNX network. Its library takes 30 MB: it is loaded where a network is changed, and nowhere else."""

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import numpy_helper


def reshaped(model: bytes, width: int, height: int) -> bytes:
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


def with_any_batch(model: bytes) -> bytes:
    """The network for any number of pictures, where what follows its input allows it."""
    network = onnx.load_from_string(model)
    size = network.graph.input[0].type.tensor_type.shape.dim[0]
    size.Clear()
    size.dim_param = "pictures"
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
