"""Turn a TensorFlow.js graph model into ONNX: the dozen operators of small convolutional detectors, nothing else.

TensorFlow keeps channels last and pads before it convolves; ONNX keeps channels first and pads in the convolution.
Transposes and paddings are therefore followed, not written, until an operator needs another order of axes: what is
left is as small as if the network had been written in ONNX, and every runtime is fast with it.
"""

import base64
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from passerby.datatypes.errors import PasserbyError

OPSET = 17
_DTYPES = {"float32": np.float32, "int32": np.int32}
_STORED = {**_DTYPES, "float16": np.float16}
NHWC = (0, 2, 3, 1)
"""Order of a tensor with channels last (axes of the graph) in one with channels first."""
LOWEST = -1e30
"""Padding below this is none to a maximum."""


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


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor of the graph as an axis order and padding of one of the ONNX model, so that neither costs anything until
    somebody needs it otherwise.

    Axis i of the graph's tensor is axis ``order[i]`` of ``source``, whose sizes are ``shape`` and which is first padded
    by ``pads`` (before, after) with ``fill``.
    """

    source: str
    shape: tuple[int, ...]
    order: tuple[int, ...]
    pads: tuple[tuple[int, int], ...] = ()
    fill: float = 0.0

    def at(self, axis: int) -> int:
        """The axis of ``source`` that an axis of the graph's tensor is."""
        return self.order[axis % len(self.order)]


class _Converter:
    def __init__(self, document: dict[str, Any], constants: dict[str, NDArray[Any]]) -> None:
        self._document = document
        self._constants = constants
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}
        self._views: dict[str, _View] = {}
        self._uses = Counter(
            _clean(name) for node in document["modelTopology"]["node"] for name in node.get("input", ())
        )

    def model(self) -> onnx.ModelProto:
        inputs = []
        for node in _in_order(self._document["modelTopology"]["node"]):
            if node["op"] == "Placeholder":
                inputs.append(_value(node["name"], self._document["signature"]["inputs"]))
                sizes = tuple(dim.dim_value for dim in inputs[-1].type.tensor_type.shape.dim)
                self._views[node["name"]] = _View(node["name"], sizes, tuple(range(len(sizes))))
            elif not self._fold(node):
                self._convert(node)
        signature = self._document["signature"]["outputs"]
        outputs = [_value(key.split(":")[0], signature) for key in sorted(signature)]
        for output in outputs:
            self._name_output(output.name)
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

    def _given(self, name: str, array: NDArray[Any]) -> str:
        self._initializers.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def _emit(self, op: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        self._nodes.append(helper.make_node(op, inputs, outputs, **attributes))

    def _view(self, name: str) -> _View:
        """A tensor whose padding, if any, was done."""
        view = self._views[name]
        if not view.pads:
            return view
        padded = f"{name}/padded"
        shape = tuple(size + sum(pads) for size, pads in zip(view.shape, view.pads, strict=True))
        if not any(node.output[0] == padded for node in self._nodes):
            pads = self._given(f"{padded}/pads", np.array(view.pads, np.int64).T.reshape(-1))
            self._emit(
                "Pad", [view.source, pads, self._given(f"{padded}/fill", np.array(view.fill, np.float32))], [padded]
            )
        return _View(padded, shape, view.order)

    def _in(self, name: str, order: tuple[int, ...], view: _View | None = None) -> tuple[str, tuple[int, ...]]:
        """The tensor with axis i of the graph at ``order[i]``: its name in the model, and its sizes there."""
        view = view or self._view(name)
        if view.order == order:
            return view.source, view.shape
        perm = [view.order[order.index(axis)] for axis in range(len(order))]
        turned = f"{view.source}/{''.join(map(str, perm))}"
        if not any(node.output[0] == turned for node in self._nodes):
            self._emit("Transpose", [view.source], [turned], perm=perm)
        return turned, tuple(view.shape[axis] for axis in perm)

    def _name_output(self, name: str) -> None:
        """Give an output of the graph its name. The node that makes it takes it, where nobody else reads it."""
        source, _ = self._in(name, tuple(range(len(self._views[name].order))))
        readers = [node for node in self._nodes if source in node.input]
        makers = [node for node in self._nodes if source in node.output]
        if readers or not makers:
            self._emit("Identity", [source], [name])
            return
        makers[0].output[list(makers[0].output).index(source)] = name

    def _identity(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._views[node["name"]] = self._views[inputs[0]]

    def _transpose(self, node: dict[str, Any], inputs: list[str]) -> None:
        view, perm = self._views[inputs[0]], self._constant(inputs[1])
        self._views[node["name"]] = replace(view, order=tuple(view.order[axis] for axis in perm))

    def _pad(self, node: dict[str, Any], inputs: list[str]) -> None:
        view, pads = self._view(inputs[0]), self._constant(inputs[1])
        by_axis = {view.order[i]: (int(before), int(after)) for i, (before, after) in enumerate(pads)}
        fill = float(self._constant(inputs[2])) if inputs[2:] else 0.0
        self._views[node["name"]] = replace(view, pads=tuple(by_axis[axis] for axis in sorted(by_axis)), fill=fill)

    _padv2 = _pad

    def _same(self, op: str, node: dict[str, Any], inputs: list[str], **attributes: float) -> None:
        view = self._view(inputs[0])
        made = _made(node["name"])
        self._emit(op, [view.source], [made], **attributes)
        self._views[node["name"]] = replace(view, source=made)

    def _sigmoid(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._same("Sigmoid", node, inputs)

    def _leakyrelu(self, node: dict[str, Any], inputs: list[str]) -> None:
        self._same("LeakyRelu", node, inputs, alpha=float(node["attr"]["alpha"]["f"]))

    def _add(self, node: dict[str, Any], inputs: list[str]) -> None:
        name = node["name"]
        constant = next((i for i in inputs if i in self._constants), None)
        if constant is None:
            view = self._view(inputs[0])
            other, shape = self._in(inputs[1], view.order)
            if shape != view.shape:
                raise ConversionError(f"{name} adds unlike tensors", expected=str(view.shape), came=str(shape))
            self._emit("Add", [view.source, other], [_made(name)])
            self._views[name] = replace(view, source=_made(name))
            return
        tensor = next(i for i in inputs if i != constant)
        view, added = self._view(tensor), self._constant(constant).astype(np.float32)
        conv = next((n for n in self._nodes if n.op_type == "Conv" and view.source == n.output[0]), None)
        if conv is not None and len(conv.input) == 2 and self._uses[tensor] == 1 and added.shape == (view.shape[1],):
            conv.input.append(self._given(constant, added))
            self._views[name] = view
            return
        wide = added.reshape((1,) * (len(view.order) - added.ndim) + added.shape)
        laid = wide.transpose([view.order.index(axis) for axis in range(len(view.order))])
        self._emit("Add", [view.source, self._given(f"{name}/added", np.ascontiguousarray(laid))], [_made(name)])
        self._views[name] = replace(view, source=_made(name))

    _addv2 = _add

    def _concatv2(self, node: dict[str, Any], inputs: list[str]) -> None:
        view, name = self._view(inputs[0]), node["name"]
        axis = view.at(int(self._constant(inputs[-1])))
        parts = [self._in(part, view.order) for part in inputs[:-1]]
        self._emit("Concat", [source for source, _ in parts], [_made(name)], axis=axis)
        size = sum(shape[axis] for _, shape in parts)
        self._views[name] = replace(view, source=_made(name), shape=_with(view.shape, axis, size))

    def _splitv(self, node: dict[str, Any], inputs: list[str]) -> None:
        view, sizes, name = self._view(inputs[0]), self._constant(inputs[1]).astype(np.int64), node["name"]
        axis = view.at(int(self._constant(inputs[2])))
        parts = [name if k == 0 else f"{name}:{k}" for k in range(len(sizes))]
        self._emit("Split", [view.source, self._given(f"{name}/sizes", sizes)], [*map(_made, parts)], axis=axis)
        for part, size in zip(parts, sizes, strict=True):
            self._views[part] = replace(view, source=_made(part), shape=_with(view.shape, axis, int(size)))

    def _reshape(self, node: dict[str, Any], inputs: list[str]) -> None:
        name, wanted = node["name"], self._constant(inputs[1]).astype(np.int64)
        source, shape = self._in(inputs[0], tuple(range(len(self._views[inputs[0]].order))))
        whole = np.empty(shape, np.bool_).reshape(wanted).shape
        if whole[0] == shape[0]:
            wanted = np.array([0, *wanted[1:]], np.int64)  # 0: as many pictures as come
        self._emit("Reshape", [source, self._given(f"{name}/shape", wanted)], [_made(name)])
        self._views[name] = _View(_made(name), whole, tuple(range(len(whole))))

    def _resizebilinear(self, node: dict[str, Any], inputs: list[str]) -> None:
        name, attributes = node["name"], node.get("attr", {})
        mode = (
            "half_pixel"
            if attributes.get("halfPixelCenters", attributes.get("half_pixel_centers", {})).get("b")
            else "asymmetric"
        )
        if attributes.get("alignCorners", attributes.get("align_corners", {})).get("b"):
            raise ConversionError(f"{name} aligns corners", expected="a resize that works for any size of picture")
        source, shape = self._in(inputs[0], NHWC)
        sides = tuple(int(v) for v in self._constant(inputs[1]))
        scales = np.array([1, 1, sides[0] / shape[2], sides[1] / shape[3]], np.float32)
        self._emit(
            "Resize",
            [source, "", self._given(f"{name}/scales", scales)],
            [_made(name)],
            mode="linear",
            coordinate_transformation_mode=mode,
        )
        self._views[name] = _View(_made(name), (*shape[:2], *sides), NHWC)

    def _conv2d(self, node: dict[str, Any], inputs: list[str]) -> None:
        kernel = self._constant(inputs[1])
        weights = self._given(f"{node['name']}/weights", np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
        strides = node["attr"]["strides"]["list"]["i"][1:3]
        (source, shape), pads = self._to_slide(node, inputs[0], fills=lambda fill: fill == 0)
        self._slide(
            "Conv",
            node,
            [source, weights],
            (shape[0], kernel.shape[3], *shape[2:]),
            pads,
            kernel.shape[:2],
            [int(v) for v in strides],
            group=shape[1] // kernel.shape[2],
        )

    def _maxpool(self, node: dict[str, Any], inputs: list[str]) -> None:
        sides, strides = ([int(v) for v in node["attr"][key]["list"]["i"][1:3]] for key in ("ksize", "strides"))
        (source, shape), pads = self._to_slide(node, inputs[0], fills=lambda fill: fill <= LOWEST)
        self._slide("MaxPool", node, [source], shape, pads, sides, strides)

    def _to_slide(
        self, node: dict[str, Any], name: str, fills: Callable[[float], bool]
    ) -> tuple[tuple[str, tuple[int, ...]], list[int]]:
        """The tensor with channels first, and the padding at top, left, bottom, right that the operator itself does:
        that of its input, where it fills as the operator would."""
        if _text(node["attr"]["padding"]) != "VALID":
            raise ConversionError(f"{node['name']} pads by itself", expected="VALID padding with explicit Pad nodes")
        view = self._views[name]
        by_axis = [view.pads[view.order[axis]] for axis in range(4)] if view.pads else [(0, 0)] * 4
        if by_axis[0] != (0, 0) or by_axis[3] != (0, 0) or not fills(view.fill):
            return self._in(name, NHWC), [0] * 4
        bare = replace(view, pads=())
        return self._in(name, NHWC, bare), [by_axis[1][0], by_axis[2][0], by_axis[1][1], by_axis[2][1]]

    def _slide(
        self,
        op: str,
        node: dict[str, Any],
        inputs: list[str],
        shape: Sequence[int],
        pads: list[int],
        sides: Sequence[int],
        strides: list[int],
        **attributes: int,
    ) -> None:
        """Emit an operator that slides a window over rows and columns of [N, C, H, W]."""
        name = node["name"]
        self._emit(op, inputs, [_made(name)], kernel_shape=list(sides), strides=strides, pads=pads, **attributes)
        left = [(shape[2 + k] + pads[k] + pads[2 + k] - sides[k]) // strides[k] + 1 for k in (0, 1)]
        self._views[name] = _View(_made(name), (shape[0], shape[1], *left), NHWC)


def _made(name: str) -> str:
    """What the model calls a tensor of the graph, so that the names of its outputs stay free."""
    return f"{name}/made"


def _with(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    return (*shape[:axis], size, *shape[axis + 1 :])


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
