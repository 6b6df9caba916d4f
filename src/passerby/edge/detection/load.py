"""A model in the library that is to run it."""

import numpy as np

from passerby.edge.detection.batch import Batched
from passerby.edge.detection.openvino_c import OpenVino
from passerby.edge.detection.runtime import Backend, OnnxRuntime, Runtime


def ready(model: bytes, backend: Backend, divide: float) -> bytes:
    """An ONNX model in the form that ``load`` takes: for OpenVINO compiled, for others as it is. Raises what the
    library raises where it cannot."""
    if backend.runtime != "openvino":
        return model
    from passerby.edge.detection.compiled import compiled

    return compiled(model, backend, divide)


def load(model: bytes, backend: Backend, divide: float, size: tuple[int, int]) -> Runtime:
    """What ``ready`` gave, in its library; 8-bit values are divided by ``divide`` for it. ``size``: width and height of
    its input, px. On a GPU the pictures of several cameras go together. Raises what the library raises where it
    cannot."""
    if backend.runtime == "openvino":
        return OpenVino(model, backend)
    if backend.device == "cpu":
        return OnnxRuntime(model, backend, divide)
    return together(model, backend, divide, size)


def together(model: bytes, backend: Backend, divide: float, size: tuple[int, int]) -> Runtime:
    """ONNX Runtime with batches, or picture by picture where the network has another number of them written into it."""
    from passerby.edge.detection.network import with_any_batch

    pair = np.zeros((2, size[1], size[0], 3), np.uint8)
    try:
        several = OnnxRuntime(with_any_batch(model), backend, divide)
        if all(len(output) == len(pair) for output in several.run(pair)):
            return Batched(several)
    except Exception:  # the library has no error of its own for a network that cannot
        pass
    return OnnxRuntime(model, backend, divide)
