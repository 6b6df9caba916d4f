"""Which way of running a detector is cheapest on this machine, among those that find the same."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.edge.detection.detector import Detector, DetectorError
from passerby.edge.detection.drawing import drawn
from passerby.edge.detection.load import ready
from passerby.edge.detection.runtime import REFERENCE, Backend
from passerby.edge.detection.spec import DetectorSpec

SAME_PLACE, SAME_SCORE = 0.9, 0.02
"""Least overlap (IoU), and largest difference of scores, of a box and its like."""
PICTURES, REPEATS = 3, 20
QUICK_SECONDS = 0.1
"""Half the time between two looks of the fastest cadence: what takes longer falls behind."""
CLEARLY = 0.9
"""A backend replaces the reference where it costs at most this share of it: less is noise."""

Tell = Callable[[Backend], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """``cpu_seconds``, ``seconds``: of a picture, CPU time (median) and clock (least). ``agrees``: it finds what the
    reference finds."""

    backend: Backend
    cpu_seconds: float
    seconds: float
    agrees: bool

    @property
    def quick(self) -> bool:
        """Whether it keeps up with the fastest cadence. One thread of a CPU needs no more than its CPU time; what the
        clock says of it is how busy the machine is now."""
        alone = self.backend.device == "cpu" and self.backend.threads == 1
        return (self.cpu_seconds if alone else self.seconds) <= QUICK_SECONDS


def try_all(
    spec: DetectorSpec,
    model: bytes,
    picture: tuple[int, int],
    backends: Sequence[Backend],
    *,
    repeats: int = REPEATS,
    tell: Tell = lambda _: None,
) -> list[Trial]:
    """Each backend on drawn pictures of ``picture`` (width and height, px). One that does not load, or fails, does not
    agree. Takes seconds, and the CPU that it measures. Raises DetectorError where the reference does not load."""
    frames = [drawn(picture, seed) for seed in range(PICTURES)]
    reference = [Detector(spec, model).detect(frame) for frame in frames]
    trials = []
    for backend in backends:
        tell(backend)
        try:
            detector = Detector(spec, ready(model, backend, spec.divide), backend)
            pairs = zip(map(detector.detect, frames), reference, strict=True)
            agrees = all(agree(found, expected, spec.threshold) for found, expected in pairs)
            costs = [_cost(detector, frames[k % PICTURES]) for k in range(repeats)]
        except (DetectorError, RuntimeError):
            continue
        cpu, clock = (list(values) for values in zip(*costs, strict=True))
        trials.append(Trial(backend, median(cpu), min(clock), agrees))
    return trials


def best(trials: Sequence[Trial]) -> Backend:
    """Of those that agree and are quick enough, the one with the least CPU time; the quickest where none is quick."""
    agreeing = [trial for trial in trials if trial.agrees or trial.backend == REFERENCE]
    quick = [trial for trial in agreeing if trial.quick]
    if not quick:
        return min(agreeing, key=lambda trial: trial.seconds).backend if agreeing else REFERENCE
    cheapest = min(quick, key=lambda trial: trial.cpu_seconds)
    reference = next((trial for trial in quick if trial.backend == REFERENCE), None)
    clear = reference is None or cheapest.cpu_seconds <= CLEARLY * reference.cpu_seconds
    return cheapest.backend if clear else REFERENCE


def agree(found: Detections, expected: Detections, threshold: float) -> bool:
    """Whether two detections of the same picture are box for box the same: kind, place (IoU ≥ 0.9), score (± 0.02). One
    whose score is that near to ``threshold`` may be missing in the other."""
    low = np.maximum(found.xyxy[:, None, :2], expected.xyxy[None, :, :2])
    high = np.minimum(found.xyxy[:, None, 2:], expected.xyxy[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (found.xyxy, expected.xyxy)]
    overlap = common / np.maximum(areas[0][:, None] + areas[1][None] - common, 1e-6)
    alike = (
        (overlap >= SAME_PLACE)
        & (np.abs(found.score[:, None] - expected.score[None]) <= SAME_SCORE)
        & (found.kind[:, None] == expected.kind[None])
    )
    least = threshold + SAME_SCORE
    lost, new = (expected.score >= least) & ~alike.any(axis=0), (found.score >= least) & ~alike.any(axis=1)
    return not (lost.any() or new.any())


def _cost(detector: Detector, frame: Frame) -> tuple[float, float]:
    cpu, clock = time.process_time(), time.perf_counter()
    detector.detect(frame)
    return time.process_time() - cpu, time.perf_counter() - clock
