"""A GPU is used where there is one; the CPU stands behind it."""

import onnxruntime
import pytest

from passerby.edge.detection.runtime import REFERENCE, Backend, backends, providers


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (["CPUExecutionProvider"], []),
        (["AzureExecutionProvider", "CPUExecutionProvider"], []),
        (
            ["CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"],
            [Backend(device="tensorrt"), Backend(device="cuda")],
        ),
    ],
)
def test_gpus_are_candidates_where_they_are(
    monkeypatch: pytest.MonkeyPatch, available: list[str], expected: list[Backend]
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    assert [one for one in backends() if one.device != "cpu"] == expected


def test_what_a_gpu_cannot_run_the_cpu_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider", "CUDAExecutionProvider"]
    )
    assert providers("tensorrt") == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert providers("cpu") == ["CPUExecutionProvider"]


def test_the_reference_is_always_there() -> None:
    assert backends()[0] == REFERENCE
    assert providers(REFERENCE.device) == ["CPUExecutionProvider"]
