"""The cheapest way of running a detector is taken, among those that find the same."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.edge.detection import REFERENCE, Backend, Detector, DetectorSpec, Trial, backends, best, ready, try_all
from passerby.edge.detection import runtime as runtimes
from passerby.edge.detection.drawing import drawn
from passerby.edge.detection.trial import agree

VINO, VINO_BF16 = Backend("openvino"), Backend("openvino", "bf16")
SEVERAL = Backend(threads=4)
NOON = datetime(2026, 1, 1, tzinfo=UTC)


def trial(backend: Backend, cpu_ms: float, ms: float | None = None, *, agrees: bool = True) -> Trial:
    return Trial(backend, cpu_ms / 1e3, (cpu_ms if ms is None else ms) / 1e3, agrees)


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([trial(REFERENCE, 25), trial(VINO, 23), trial(VINO_BF16, 5)], VINO_BF16),
        ([trial(REFERENCE, 25), trial(VINO_BF16, 5, agrees=False)], REFERENCE),
        ([trial(REFERENCE, 25), trial(VINO, 24)], REFERENCE),
        ([trial(REFERENCE, 25), trial(VINO, 22)], VINO),
        ([trial(REFERENCE, 300), trial(SEVERAL, 320, 90)], SEVERAL),
        ([trial(REFERENCE, 300), trial(VINO, 250), trial(SEVERAL, 900, 240)], SEVERAL),
        ([trial(REFERENCE, 40), trial(Backend(device="cuda"), 2, 4)], Backend(device="cuda")),
        ([trial(REFERENCE, 40), trial(Backend(device="cuda"), 2, 4, agrees=False)], REFERENCE),
        ([trial(REFERENCE, 25, 300), trial(VINO, 5, 400), trial(SEVERAL, 26, 90)], VINO),
        ([], REFERENCE),
    ],
)
def test_the_choice(trials: list[Trial], expected: Backend) -> None:
    assert best(trials) == expected


def boxes(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Detections(
        table[:, :4].astype(np.float32), table[:, 4].astype(np.float32), table[:, 5].astype(np.uint8), NOON
    )


TWO = boxes((0, 0, 40, 100, 0.8, 0), (60, 0, 100, 100, 0.5, 1))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (TWO, True),
        (boxes((60, 0, 100, 100, 0.5, 1), (0, 0, 40, 100, 0.8, 0)), True),
        (boxes((1, 0, 40, 100, 0.81, 0), (60, 1, 100, 100, 0.49, 1)), True),
        (boxes((0, 0, 40, 100, 0.8, 0)), False),
        (boxes((0, 0, 40, 100, 0.8, 0), (60, 0, 100, 100, 0.5, 0)), False),
        (boxes((0, 0, 40, 100, 0.77, 0), (60, 0, 100, 100, 0.5, 1)), False),
        (boxes((6, 0, 40, 100, 0.8, 0), (60, 0, 100, 100, 0.5, 1)), False),
        (boxes((0, 0, 40, 100, 0.8, 0), (0, 0, 40, 100, 0.8, 0)), False),
    ],
)
def test_agreement_is_box_for_box(found: Detections, expected: bool) -> None:
    assert agree(found, TWO, 0.25) is expected


def test_nothing_agrees_with_nothing() -> None:
    assert agree(boxes(), boxes(), 0.25)
    assert not agree(TWO, boxes(), 0.25)


def test_drawn_pictures_are_the_same_every_time() -> None:
    one, other = drawn((321, 200), 2), drawn((321, 200), 2)
    assert one.size == (320, 200)
    np.testing.assert_array_equal(one.luma, other.luma)
    np.testing.assert_array_equal(one.chroma_v, other.chroma_v)


def test_every_backend_of_this_machine_is_tried(bright_spec: DetectorSpec, bright_model: bytes) -> None:
    """The real thing: with 32-bit numbers every library finds the same."""
    told: list[Backend] = []
    trials = try_all(bright_spec, bright_model, (64, 64), backends(), repeats=2, tell=told.append)
    assert told == backends()
    exact = [one for one in trials if one.backend.precision == "f32"]
    assert [one.backend for one in exact] == [one for one in backends() if one.precision == "f32"]
    assert all(one.agrees and one.cpu_seconds > 0 and one.seconds > 0 for one in exact)


def test_a_box_at_the_threshold_may_be_missing() -> None:
    weak = boxes((0, 0, 40, 100, 0.8, 0), (60, 0, 100, 100, 0.5, 1), (200, 0, 240, 100, 0.26, 0))
    assert agree(weak, TWO, 0.25)
    assert agree(TWO, weak, 0.25)
    assert not agree(weak, TWO, 0.2)


def test_a_backend_that_finds_something_else_does_not_agree(
    bright_spec: DetectorSpec, bright_model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(model: bytes, backend: Backend, divide: float, _: tuple[int, int]) -> runtimes.Runtime:
        real = runtimes.OnnxRuntime(model, REFERENCE, divide)
        return real if backend == REFERENCE else Shifted(real)

    monkeypatch.setattr("passerby.edge.detection.detector.load", shifted)
    trials = try_all(bright_spec, bright_model, (64, 64), [REFERENCE, SEVERAL], repeats=1)
    assert [one.agrees for one in trials] == [True, False]
    assert best([replace(one, cpu_seconds=one.cpu_seconds * (one.backend == REFERENCE)) for one in trials]) == REFERENCE


class Shifted:
    """A library that computes wrongly."""

    def __init__(self, real: runtimes.Runtime) -> None:
        self._real = real

    def run(self, pictures: NDArray[np.uint8]) -> runtimes.Arrays:
        return [output * np.float32(0.9) for output in self._real.run(pictures)]


def test_a_backend_that_fails_is_left_out(bright_spec: DetectorSpec, bright_model: bytes) -> None:
    broken = Backend("openvino", "no such precision")
    trials = try_all(bright_spec, bright_model, (64, 64), [REFERENCE, broken], repeats=1)
    assert [one.backend for one in trials] == [REFERENCE]


@pytest.mark.parametrize("backend", backends(), ids=str)
def test_threads_share_a_detector(bright_spec: DetectorSpec, bright_model: bytes, backend: Backend) -> None:
    detector = Detector(bright_spec, ready(bright_model, backend, bright_spec.divide), backend)
    frames = [drawn((64, 64), seed) for seed in range(8)]
    alone = [detector.detect(frame) for frame in frames]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(detector.detect, frames * 4))
    for k, found in enumerate(together):
        np.testing.assert_array_equal(found.xyxy, alone[k % 8].xyxy)
        np.testing.assert_array_equal(found.score, alone[k % 8].score)
