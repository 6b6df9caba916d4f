"""Libraries that run a model, behind one call. Each is loaded where it is used: it takes 20 MB and more."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from passerby.machine import cores

Arrays = list[NDArray[np.float32]]

PROVIDERS = {"tensorrt": "TensorrtExecutionProvider", "cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
"""Of ONNX Runtime, by device, the fastest first. What a device cannot run, those after it do."""


@dataclass(frozen=True, slots=True)
class Backend:
    """How a model is run. ``runtime``: ``onnxruntime`` or ``openvino``. ``precision`` of the arithmetic: ``f32`` or
    ``bf16``. ``device``: ``cpu``, ``cuda`` or ``tensorrt``. ``threads``: of one picture."""

    runtime: str = "onnxruntime"
    precision: str = "f32"
    device: str = "cpu"
    threads: int = 1

    def __str__(self) -> str:
        where = f" on {self.device}" if self.device != "cpu" else ""
        return f"{self.runtime} {self.precision}{where}{f', {self.threads} threads' if self.threads > 1 else ''}"


REFERENCE = Backend()
"""What every other way of running a model must agree with."""


class Runtime(Protocol):
    """A loaded model."""

    def run(self, pictures: NDArray[np.uint8]) -> Arrays:
        """Outputs for pictures uint8[N, H, W, 3]. Threads may call it at the same time."""


def versions() -> dict[str, str]:
    """The libraries that are here, and their versions."""
    found = {}
    for package in ("onnxruntime", "onnxruntime-gpu", "openvino"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def backends(threads: int = 1) -> list[Backend]:
    """All ways in which this machine can run a model, the reference first where ``threads`` is 1."""
    devices = [name for name, provider in PROVIDERS.items() if provider in _available()]
    found = [Backend(threads=threads), *(Backend(device=device) for device in devices if device != "cpu")]
    if "openvino" in versions():
        import openvino

        able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precisions = ["f32", *(["bf16"] if "BF16" in able else [])]
        found += [Backend("openvino", precision, threads=threads) for precision in precisions]
    return found


def providers(device: str) -> list[str]:
    """Of ONNX Runtime, for a device and for what it cannot run."""
    names, available = list(PROVIDERS), _available()
    return [PROVIDERS[name] for name in names[names.index(device) :] if PROVIDERS[name] in available]


def _available() -> list[str]:
    import onnxruntime

    return list(onnxruntime.get_available_providers())


class OnnxRuntime:
    """ONNX Runtime, on a CPU or a GPU. As many pictures at a time as this process has cores: more would be no faster,
    and each needs memory of its own."""

    def __init__(self, model: bytes, backend: Backend, divide: float) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = backend.threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=providers(backend.device))
        self._input = self._session.get_inputs()[0].name
        self._factor = np.float32(1 / divide)
        self._turns = threading.BoundedSemaphore(cores())

    def run(self, pictures: NDArray[np.uint8]) -> Arrays:
        """As the protocol says."""
        blob = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32)
        blob *= self._factor
        with self._turns:
            return list(self._session.run(None, {self._input: blob}))
