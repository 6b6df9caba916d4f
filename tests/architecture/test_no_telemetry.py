"""No library reports home or leaves a number of this machine behind."""

import os
import subprocess
import sys
from pathlib import Path

LOAD = """
import onnx
import onnxruntime
from onnx import TensorProto, helper

value = helper.make_tensor_value_info
graph = helper.make_graph(
    [helper.make_node("Identity", ["x"], ["y"])],
    "identity",
    [value("x", TensorProto.FLOAT, [1])],
    [value("y", TensorProto.FLOAT, [1])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
"""


def files_after(code: str, home: Path) -> list[str]:
    home.mkdir()
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return [path.name for path in home.rglob("*") if path.is_file()]


def test_the_runtime_of_detectors_keeps_quiet(tmp_path: Path) -> None:
    assert "deviceid" in files_after(LOAD, tmp_path / "loud"), "the runtime changed: is the switch still needed?"
    assert files_after(f"import passerby.edge.detection\n{LOAD}", tmp_path / "quiet") == []
