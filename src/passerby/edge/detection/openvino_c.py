"""OpenVINO by its C interface, which takes 40 MB less than its Python package with what that loads."""

import ctypes
import threading
import weakref
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_void_p
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.edge.detection.runtime import Arrays, Backend

DEVICE = b"CPU"
_UINT8, _KINDS = c_int(16), {3: np.float16, 4: np.float32, 5: np.float64, 9: np.int32, 10: np.int64}
"""Numbers of ``ov_element_type_e``."""


class _Shape(ctypes.Structure):
    _fields_ = (("rank", c_int64), ("sides", POINTER(c_int64)))


class _Property(ctypes.Structure):
    _fields_ = (("key", c_char_p), ("value", c_char_p))


class OpenVino:
    """A model that ``compiled`` made, on a CPU. One picture after the other, since there is a worker for each core.
    With one thread it is done in the thread that asks, which bears its cost."""

    def __init__(self, model: bytes, backend: Backend) -> None:
        """Raises RuntimeError, OSError."""
        self._library = _library()
        self._model = model  # its constants are read where they are
        given = [_Property(key.encode(), value.encode()) for key, value in properties(backend).items()]
        core, loaded, self._request, outputs = c_void_p(), c_void_p(), c_void_p(), c_size_t()
        self._do("ov_core_create", byref(core))
        self._freed("ov_core_free", core)
        self._do("ov_core_set_properties", core, DEVICE, c_size_t(len(given)), (_Property * len(given))(*given))
        self._do("ov_core_import_model", core, model, c_size_t(len(model)), DEVICE, byref(loaded))
        self._freed("ov_compiled_model_free", loaded)
        self._do("ov_compiled_model_outputs_size", loaded, byref(outputs))
        self._do("ov_compiled_model_create_infer_request", loaded, byref(self._request))
        self._freed("ov_infer_request_free", self._request)
        self._outputs = outputs.value
        self._turn = threading.Lock()

    def run(self, pictures: NDArray[np.uint8]) -> Arrays:
        """As the protocol says. Raises RuntimeError."""
        given, tensor = np.ascontiguousarray(pictures, np.uint8), c_void_p()
        shape = _Shape(given.ndim, (c_int64 * given.ndim)(*given.shape))
        place = c_void_p(given.ctypes.data)
        with self._turn:
            self._do("ov_tensor_create_from_host_ptr", _UINT8, shape, place, byref(tensor))
            try:
                self._do("ov_infer_request_set_input_tensor_by_index", self._request, c_size_t(0), tensor)
            finally:
                self._library.ov_tensor_free(tensor)
            self._do("ov_infer_request_infer", self._request)
            return [self._output(k) for k in range(self._outputs)]

    def _output(self, number: int) -> NDArray[np.float32]:
        """A copy of what the last pictures gave."""
        tensor, shape, kind, data = c_void_p(), _Shape(), c_int(), c_void_p()
        self._do("ov_infer_request_get_output_tensor_by_index", self._request, c_size_t(number), byref(tensor))
        try:
            self._do("ov_tensor_get_element_type", tensor, byref(kind))
            self._do("ov_tensor_get_shape", tensor, byref(shape))
            self._do("ov_tensor_data", tensor, byref(data))
            found = np.empty(shape.sides[: shape.rank], _KINDS[kind.value])
            ctypes.memmove(found.ctypes.data, data, found.nbytes)
            return found
        finally:
            self._library.ov_shape_free(byref(shape))
            self._library.ov_tensor_free(tensor)

    def _do(self, function: str, *arguments: object) -> None:
        status = getattr(self._library, function)(*arguments)
        if status:
            raise RuntimeError(f"OpenVINO: {function} gave {status}")

    def _freed(self, function: str, thing: c_void_p) -> None:
        """Once nobody needs this model any more."""
        weakref.finalize(self, getattr(self._library, function), thing)


def properties(backend: Backend) -> dict[str, str]:
    """How a model is compiled and run."""
    return {
        "INFERENCE_PRECISION_HINT": backend.precision,
        "INFERENCE_NUM_THREADS": str(backend.threads),
        "NUM_STREAMS": "1",
        "ENABLE_CPU_PINNING": "NO",
    }


@cache
def _library() -> ctypes.CDLL:
    package = find_spec("openvino")
    folders = package.submodule_search_locations if package is not None else None
    found = [path for folder in folders or () for path in Path(folder, "libs").glob("*openvino_c.*")]
    if not found:
        raise OSError("OpenVINO has no C library here")
    return ctypes.CDLL(str(found[0]))
