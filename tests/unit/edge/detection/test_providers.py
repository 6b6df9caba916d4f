"""A GPU is used where there is one; the CPU stands behind it."""

import onnxruntime
import pytest

from passerby.edge.detection.detector import providers


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (["CPUExecutionProvider"], ["CPUExecutionProvider"]),
        (["AzureExecutionProvider", "CPUExecutionProvider"], ["CPUExecutionProvider"]),
        (
            ["CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"],
            ["CUDAExecutionProvider", "CPUExecutionProvider"],
        ),
    ],
)
def test_providers(monkeypatch: pytest.MonkeyPatch, available: list[str], expected: list[str]) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    assert providers() == expected


def test_this_machine_has_one_that_runs() -> None:
    assert providers()[-1] == "CPUExecutionProvider"
