"""The process of the gate: what stops the counters is told at once; nothing in it could look at a picture."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

import pytest

from passerby.apps import run as run_module
from passerby.apps.node.screen import fault_lines
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.errors import PasserbyError


class Works:
    """A city whose counters stop at once; somebody ends it a second later."""

    url = "http://127.0.0.1:8000"

    def __init__(self, _city: Any, *, serve: bool) -> None:
        assert serve
        self.counters = SimpleNamespace(fault=None)
        self.board = StatusBoard(("gate", "square"))
        self.board.update("square", stream="sub", why="people are at least 61 px tall in it")

    def start(self) -> None:
        self.counters.fault = PasserbyError("the disk is full", remedy="Make room.")
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()

    def __enter__(self) -> "Works":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        return None


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_counters_that_stop(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(run_module, "Works", Works)
    monkeypatch.setattr(run_module, "leave_no_core", lambda: None)
    monkeypatch.setattr(run_module, "read_city", lambda _: SimpleNamespace(name="Town"))
    with pytest.raises(PasserbyError, match="the disk is full"):
        run_module.run(Path("city.toml"), quiet=True)
    out, err = capsys.readouterr()
    assert err.count("counters: outage") == 1
    assert out.splitlines()[1:] == ["square: takes the sub stream: people are at least 61 px tall in it"]
    assert [str(line) for line in fault_lines(None)] == []
    assert "Make room" in str(fault_lines(PasserbyError("the disk is full", remedy="Make room."))[0])


@pytest.mark.parametrize(
    ("program", "libraries"),
    [
        ("passerby.apps.run", {"av", "cv2", "onnxruntime", "onnx", "openvino", "torch"}),
        ("passerby.apps.node.worker.worker", {"onnx", "onnxruntime", "openvino", "scipy", "duckdb", "fastapi"}),
    ],
)
def test_who_holds_keys_decodes_nothing_and_a_worker_loads_what_it_runs_alone(
    program: str, libraries: set[str]
) -> None:
    look = f"import sys, {program}; print(*{libraries} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
