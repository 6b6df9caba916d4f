"""Models as OpenVINO runs them. The compiler leaves some 50 MB behind in its process."""

import openvino
from openvino.preprocess import PrePostProcessor

from passerby.edge.detection.openvino_c import properties
from passerby.edge.detection.runtime import Backend


def compiled(model: bytes, backend: Backend, divide: float) -> bytes:
    """An ONNX model for uint8[N, H, W, 3], whose values are divided by ``divide`` for it. It is for this processor and
    this version of OpenVINO alone, and no mandate names its digest: it must come from a model whose digest was checked,
    and from nowhere else. Raises what OpenVINO raises."""
    core = openvino.Core()
    steps = PrePostProcessor(core.read_model(model))
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).scale(divide)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    exported = core.compile_model(steps.build(), "CPU", properties(backend)).export_model()
    return exported if isinstance(exported, bytes) else bytes(exported.getbuffer())
