"""Turn a TensorFlow.js graph model into ONNX: the dozen operators of small convolutional detectors, nothing else.

Shapes stay NHWC with the graph's own transposes; ONNX Runtime removes the ones that cancel.
"""

import base64
import json
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from passerby.datatypes.errors import PasserbyError

OPSET = 17
_DTYPES = {"float32": np.float32, "int32": np.int32}
_STORED = {**_DTYPES, "float16": np.float16}


class ConversionError(PasserbyError):
    """The graph has something that this converter does not know."""


def convert(model_json: bytes, weights: bytes) -> bytes:
    """Serialised ONNX model with the graph's inputs and outputs. Raises ConversionError."""
    document = json.loads(model_json)
    model = _Converter(document, _read_weights(document, weights)).model()
    return bytes(model.SerializeToString(deterministic=True))


def _read_weights(document: dict[str, Any], weights: bytes) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    offset = 0
    for group in document["weightsManifest"]:
        for entry in group["weights"]:
            stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
            if entry["dtype"] not in _DTYPES or stored not in _STORED:
                raise ConversionError(
                    f"weight {entry['name']} is not plain", expected="float32, float16 or int32", came=f"{stored}"
                )
            size = int(np.prod(entry["shape"], dtype=np.int64))
            if offset + size * np.dtype(_STORED[stored]).itemsize > len(weights):
                raise ConversionError("weights end too early", expected="the file that belongs to the graph")
            array = np.frombuffer(weights, _STORED[stored], size, offset)
            arrays[entry["name"]] = array.astype(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
            offset += array.nbytes
    if offset != len(weights):
        raise ConversionError("weights are too long", expected=f"{offset} bytes", came=f"{len(weights)} bytes")
    return arrays


class _Converter:
    def __init__(self, document: dict[str, Any], constants: dict[str, NDArray[Any]]) -> None:
        self._document = document
        self._constants = constants
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        inputs = []
        for node in _in_order(self._document["modelTopology"]["node"]):
            if node["op"] == "Placeholder":
                inputs.append(_value(node["name"], self._document["signature"]["inputs"]))
            elif not self._fold(node):
                self._convert(node)
        signature = self._document["signature"]["outputs"]
        outputs = [_value(name.split(":")[0], signature) for name in sorted(signature)]
        graph = helper.make_graph(self._nodes, "tfjs", inputs, outputs, list(self._initializers.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _fold(self, node: dict[str, Any]) -> bool:
        """Compute what depends on constants alone."""
        op, name = node["op"], node["name"]
        if op == "Const":
            return True
        inputs = [self._constants.get(_clean(i)) for i in node.get("input", ())]
        if any(i is None for i in inputs):
            return False
        values = [i for i in inputs if i is not None]
        if op == "SparseToDense":
            dense = np.full(values[1], values[3], values[2].dtype)
            dense[tuple(np.atleast_2d(values[0]).T)] = values[2]
            self._constants[name] = dense
        elif op in ("Add", "AddV2"):
            self._constants[name] = values[0] + values[1]
        elif op == "SplitV":
            edges = np.cumsum(values[1])[:-1]
            for k, part in enumerate(np.split(values[0], edges, int(values[2]))):
                self._constants[name if k == 0 else f"{name}:{k}"] = part
        else:
            return False
        return True

    def _convert(self, node: dict[str, Any]) -> None:
        op = node["op"]
        emit = getattr(self, f"_{op.lower()}", None)
        if emit is None:
            raise ConversionError("operator is unknown to the converter", expected="a small detector", came=op)
        emit(node, [_clean(i) for i in node.get("input", ())])

    def _constant(self, name: str) -> NDArray[Any]:
        if name not in self._constants:
            raise ConversionError(f"{name} is not constant", expected="a constant argument")
        return self._constants[name]

    def _tensor(self, name: str) -> str:
        if name in self._constants and name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(self._constants[name], name)
        return name

    def _given(self, name: str, array: NDArray[Any]) -> str:
        self._initializers.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def _emit(self, op: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        self._nodes.append(helper.make_node(op, [self._tensor(i) for i in inputs], outputs, **attributes))

    def _identity(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._emit("Identity", inputs, [node["name"]])

    def _add(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._emit("Add", inputs, [node["name"]])

    _addv2 = _add

    def _sigmoid(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._emit("Sigmoid", inputs, [node["name"]])

    def _leakyrelu(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._emit("LeakyRelu", inputs, [node["name"]], alpha=float(node["attr"]["alpha"]["f"]))

    def _transpose(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._emit("Transpose", inputs[:1], [node["name"]], perm=self._constant(inputs[1]).tolist())

    def _reshape(self, node: dict[str, Any], inputs: list[str]) -> None:
        shape = self._given(f"{node['name']}/shape", self._constant(inputs[1]).astype(np.int64))
        self._emit("Reshape", [inputs[0], shape], [node["name"]])

    def _concatv2(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._emit("Concat", inputs[:-1], [node["name"]], axis=int(self._constant(inputs[-1])))

    def _splitv(self, node: dict[str, Any], inputs: list[str]) -> None:
        sizes = self._given(f"{node['name']}/sizes", self._constant(inputs[1]).astype(np.int64))
        name = node["name"]
        outputs = [name if k == 0 else f"{name}:{k}" for k in range(int(node["attr"]["num_split"]["i"]))]
        self._emit("Split", [inputs[0], sizes], outputs, axis=int(self._constant(inputs[2])))

    def _pad(self, node: dict[str, Any], inputs: list[str]) -> None:
        pads = self._given(f"{node['name']}/pads", self._constant(inputs[1]).T.reshape(-1).astype(np.int64))
        fill = self._given(f"{node['name']}/fill", self._constant(inputs[2]).astype(np.float32)) if inputs[2:] else ""
        self._nodes.append(
            helper.make_node("Pad", [inputs[0], pads, fill] if fill else [inputs[0], pads], [node["name"]])
        )

    _padv2 = _pad

    def _resizebilinear(self, node: dict[str, Any], inputs: list[str]) -> None:
        attributes = node.get("attr", {})
        mode = (
            "half_pixel"
            if attributes.get("halfPixelCenters", attributes.get("half_pixel_centers", {})).get("b")
            else "asymmetric"
        )
        if attributes.get("alignCorners", attributes.get("align_corners", {})).get("b"):
            mode = "align_corners"
        name = node["name"]
        height, width = (int(v) for v in self._constant(inputs[1]))
        self._emit("Transpose", inputs[:1], [f"{name}/nchw"], perm=[0, 3, 1, 2])
        self._emit("Shape", [f"{name}/nchw"], [f"{name}/shape"])
        first = self._given(f"{name}/first", np.array([0], np.int64))
        second = self._given(f"{name}/second", np.array([2], np.int64))
        size = self._given(f"{name}/size", np.array([height, width], np.int64))
        self._emit("Slice", [f"{name}/shape", first, second], [f"{name}/head"])
        self._emit("Concat", [f"{name}/head", size], [f"{name}/sizes"], axis=0)
        self._nodes.append(
            helper.make_node(
                "Resize",
                [f"{name}/nchw", "", "", f"{name}/sizes"],
                [f"{name}/resized"],
                mode="linear",
                coordinate_transformation_mode=mode,
            )
        )
        self._emit("Transpose", [f"{name}/resized"], [name], perm=[0, 2, 3, 1])

    def _conv2d(self, node: dict[str, Any], inputs: list[str]) -> None:
        kernel = self._constant(inputs[1])
        name, (height, width) = node["name"], kernel.shape[:2]
        strides = [int(v) for v in node["attr"]["strides"]["list"]["i"][1:3]]
        if _text(node["attr"]["padding"]) != "VALID":
            raise ConversionError(f"{name} pads by itself", expected="VALID padding with explicit Pad nodes")
        weights = self._given(f"{name}/weights", np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
        channels = self._channels(inputs[0])
        self._emit("Transpose", inputs[:1], [f"{name}/nchw"], perm=[0, 3, 1, 2])
        self._emit(
            "Conv",
            [f"{name}/nchw", weights],
            [f"{name}/out"],
            kernel_shape=[height, width],
            strides=strides,
            group=channels // kernel.shape[2],
        )
        self._emit("Transpose", [f"{name}/out"], [name], perm=[0, 2, 3, 1])

    def _maxpool(self, node: dict[str, Any], inputs: list[str]) -> None:
        name, attributes = node["name"], node["attr"]
        if _text(attributes["padding"]) != "VALID":
            raise ConversionError(f"{name} pads by itself", expected="VALID padding with explicit Pad nodes")
        self._emit("Transpose", inputs[:1], [f"{name}/nchw"], perm=[0, 3, 1, 2])
        self._emit(
            "MaxPool",
            [f"{name}/nchw"],
            [f"{name}/out"],
            kernel_shape=[int(v) for v in attributes["ksize"]["list"]["i"][1:3]],
            strides=[int(v) for v in attributes["strides"]["list"]["i"][1:3]],
        )
        self._emit("Transpose", [f"{name}/out"], [name], perm=[0, 2, 3, 1])

    def _channels(self, name: str) -> int:
        """Size of the last axis of a tensor, from ONNX shape inference over what is built so far."""
        signature = self._document["signature"]["inputs"]
        inputs = [_value(key.split(":")[0], signature) for key in signature]
        unknown = helper.make_empty_tensor_value_info(name)
        graph = helper.make_graph(self._nodes, "part", inputs, [unknown], list(self._initializers.values()))
        part = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
        inferred = onnx.shape_inference.infer_shapes(part, data_prop=True).graph
        for value in (*inferred.output, *inferred.value_info, *inferred.input):
            if value.name == name and value.type.tensor_type.shape.dim:
                return int(value.type.tensor_type.shape.dim[-1].dim_value)
        raise ConversionError(f"shape of {name} is unknown", expected="fixed shapes")


def _clean(name: str) -> str:
    return name[1:] if name.startswith("^") else name


def _text(attribute: dict[str, str]) -> str:
    return base64.b64decode(attribute["s"]).decode("ascii")


def _value(name: str, signature: dict[str, Any]) -> onnx.ValueInfoProto:
    entry = next(entry for key, entry in signature.items() if key.split(":")[0] == name)
    shape = [int(dim["size"]) for dim in entry["tensorShape"]["dim"]]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _in_order(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Nodes with every input before its user."""
    by_name = {node["name"]: node for node in nodes}
    ordered: list[dict[str, Any]] = []
    done: set[str] = set()
    for start in nodes:
        stack = [start["name"]]
        while stack:
            name = stack[-1]
            waiting = [
                i
                for i in (_clean(i).split(":")[0] for i in by_name[name].get("input", ()))
                if i in by_name and i not in done
            ]
            if waiting and name not in done:
                stack.extend(waiting)
                continue
            stack.pop()
            if name not in done:
                done.add(name)
                ordered.append(by_name[name])
    return ordered
