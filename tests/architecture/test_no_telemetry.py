"""No library reports home or leaves a number of this machine behind."""

import os
import platform
import signal
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from passerby.edge.detection.runtime import Backend, backends

LOAD = """
import onnx
import onnxruntime
from onnx import TensorProto, helper

value = helper.make_tensor_value_info
graph = helper.make_graph(
    [helper.make_node("Identity", ["x"], ["y"])],
    "identity",
    [value("x", TensorProto.FLOAT, [1, 3, 4, 4])],
    [value("y", TensorProto.FLOAT, [1, 3, 4, 4])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
"""
RUN = """
import numpy
from passerby.edge.detection.load import load, ready
from passerby.edge.detection.runtime import Backend
{load}
given = numpy.full((1, 4, 4, 3), 200, numpy.uint8)
model = ready(model, Backend{backend}, 100.0)
assert (load(model, Backend{backend}, 100.0, (4, 4)).run(given)[0] == 2).all()
"""
SEAL = """
import ctypes, struct
def step(code, yes, no, value):
    return struct.pack("HBBI", code, yes, no, value)
filter = step(0x20, 0, 0, 0) + step(0x15, 0, 1, {socket}) + step(0x06, 0, 0, 0x80000000) + step(0x06, 0, 0, 0x7FFF0000)
program = struct.pack("HP", len(filter) // 8, ctypes.addressof(kept := ctypes.create_string_buffer(filter)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
if libc.prctl(22, 2, program, 0, 0):
    raise SystemExit(77)
"""
"""From here on the kernel kills this process and its threads for making a socket (seccomp; 77: it has none)."""
SOCKET = {"x86_64": 41, "aarch64": 198}
"""The number of the system call."""


def files_after(code: str, home: Path) -> list[str]:
    home.mkdir()
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-B", "-c", code], env=environment, check=True, cwd=home)
    return [path.name for path in home.rglob("*") if path.is_file()]


def sealed(code: str) -> int:
    if platform.machine() not in SOCKET or sys.platform != "linux":
        pytest.skip("no seccomp for this system here")
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-B", "-c", SEAL.format(socket=SOCKET[platform.machine()]) + code]
    code_of = subprocess.run(command, env=environment, check=False, stderr=subprocess.DEVNULL).returncode
    if code_of == 77:
        pytest.skip("this machine lets no process limit its own system calls")
    return code_of


def test_the_runtime_of_detectors_keeps_quiet(tmp_path: Path) -> None:
    assert "deviceid" in files_after(LOAD, tmp_path / "loud"), "the runtime changed: is the switch still needed?"
    assert files_after(f"import passerby.edge.detection\n{LOAD}", tmp_path / "quiet") == []


@pytest.mark.parametrize("backend", backends(), ids=str)
def test_no_runtime_writes_a_file_or_makes_a_socket(backend: Backend, tmp_path: Path) -> None:
    """Held by the kernel, so that it holds for compiled libraries and their threads too."""
    arguments = (backend.runtime, backend.precision, backend.device, backend.threads)
    code = RUN.format(load=LOAD, backend=arguments)
    assert files_after(code, tmp_path / "home") == []
    assert sealed(code) == 0


def test_the_seal_holds() -> None:
    assert sealed("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)") == -signal.SIGSYS
    assert sealed("pass") == 0


def test_the_package_that_reports_for_openvino_is_not_installed() -> None:
    with pytest.raises(PackageNotFoundError):
        version("openvino-telemetry")
