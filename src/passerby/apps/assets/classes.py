"""Cut the classes that nobody reads out of the head of a detector."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import numpy_helper

from passerby.apps.assets.tfjs import ConversionError


def keep_classes(model: bytes, classes: Sequence[int], known: int) -> bytes:
    """The detector with these of its ``known`` classes alone, numbered from 0 in the order given; what is left of its
    outputs is unchanged.

    For heads whose last convolution gives the scores of all classes first, then distance bins, and is split there.
    Raises ConversionError where it is another.
    """
    network = onnx.load_from_string(model)
    constants = {tensor.name: tensor for tensor in network.graph.initializer}
    makers = {name: node for node in network.graph.node for name in node.output}
    heads = [node for node in network.graph.node if node.op_type == "Split"]
    if not heads:
        raise ConversionError("model has no head to cut", expected="scores and bins that are split")
    for split in heads:
        sizes = numpy_helper.to_array(constants[split.input[1]]).copy()
        conv = makers[split.input[0]]
        if conv.op_type != "Conv" or sizes[0] != known:
            raise ConversionError("head is another", expected=f"a convolution with {known} scores", came=conv.op_type)
        kept = [*classes, *range(known, int(sizes.sum()))]
        for name in conv.input[1:]:
            _put(constants[name], numpy_helper.to_array(constants[name])[kept])
        _put(constants[split.input[1]], np.array([len(classes), *sizes[1:]]))
    for node in network.graph.node:
        if node.op_type == "Reshape":
            shape = numpy_helper.to_array(constants[node.input[1]])
            _put(constants[node.input[1]], np.where(shape == known, len(classes), shape))
    for output in network.graph.output:
        for size in output.type.tensor_type.shape.dim:
            size.dim_value = len(classes) if size.dim_value == known else size.dim_value
    onnx.checker.check_model(network, full_check=True)
    return bytes(network.SerializeToString(deterministic=True))


def _put(tensor: onnx.TensorProto, array: np.ndarray) -> None:
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))
