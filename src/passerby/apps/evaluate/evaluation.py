"""Put video, truth and geometry together; give each figure its interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.apps.evaluate.breakdown import Breakdown, break_down
from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.figures import FIGURES, Tallies, mean_density, tally
from passerby.apps.evaluate.geometry import areas_of, lines_of
from passerby.apps.evaluate.matching import Pairing, TrackingScores, pair
from passerby.apps.evaluate.observe import See, observe, video_facts
from passerby.apps.evaluate.scene import Seen
from passerby.apps.evaluate.truth import Truth, read_truth
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import from_points
from passerby.edge.groundplane.homography import to_ground

BLOCK_SECONDS, FEWEST_BLOCKS = 5.0, 8
REPLICATES, SEED = 500, 1
LEVEL = 0.95
SIGNED = ("count_bias", "mota")
SHARES = ("precision", "recall", "mota", "idf1", "hota")
Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95 % interval by a block bootstrap."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures; None where the truth or the calibration does not allow one.

    ``density``: people per m², mean, counted and true. ``frames``: first and last scored. ``observed``: share of them
    that was looked at: what is too poor to look at is an outage, and a cadence looks at some of them alone.
    """

    figures: dict[str, Figure | None]
    frames: tuple[int, int]
    observed: float
    frame_rate: float
    block_frames: int
    density: tuple[float, float] | None
    breakdown: Breakdown


def evaluate(
    video: Path,
    truth: Path,
    see: See,
    *,
    calibration: Calibration | None = None,
    lines: Sequence[str] = (),
    areas: Sequence[str] = (),
    frames: tuple[int, int] | None = None,
    frame_rate: float | None = None,
    cadence: Cadence | None = None,
    replicates: int = REPLICATES,
    tell: Tell = lambda _what, _share: None,
) -> Evaluation:
    """Run a pipeline (that of production: ``production(detector, calibration)``) over a video; compare it with truth.

    ``lines``, ``areas``: as ``lines_of`` and ``areas_of`` read them. ``frames``: scored, 1-based and inclusive; what
    comes before is seen all the same. ``frame_rate`` (1/s): replaces what the file says. ``cadence``: looked at, and
    scored, are the frames that production would look at. Raises EvaluationError, InvalidGeometryError.
    """
    known = read_truth(truth)
    picture, rate, length = video_facts(video)
    rate = frame_rate or rate
    first, last = frames or (1, int(known.frame.max()))
    if not 1 <= first < last:
        raise EvaluationError("frames are no range", expected="A:B with 1 ≤ A < B", came=f"{first}:{last}")
    if length and length < last:
        raise EvaluationError(
            f"video {video.name} is shorter than what is scored", expected=f"{last} frames", came=str(length)
        )
    counted = {}
    for seen in observe(video, rate, last, see(picture), cadence):
        counted[round(seen.seconds * rate) + 1] = seen
        tell("pipeline", max(counted) / last)
    pairings = _pairings(known, {n: seen for n, seen in counted.items() if n >= first}, calibration)
    if len(pairings) < FEWEST_BLOCKS:
        raise EvaluationError(
            f"video {video.name} cannot be scored",
            expected=f"at least {FEWEST_BLOCKS} frames that are good enough to look at",
            came=str(len(pairings)),
        )
    shapes = areas_of(areas) or _trodden(known)
    true_ground = ground_of(known) or calibration
    tallies = tally(pairings, lines_of(lines, picture), shapes, (calibration, true_ground))
    observed = len(pairings) / (last - first + 1)
    block = max(1, min(round(BLOCK_SECONDS * rate * observed), len(pairings) // FEWEST_BLOCKS))
    return Evaluation(
        _intervals(pairings, tallies, block, replicates, tell),
        (first, last),
        observed,
        rate,
        block,
        mean_density(tallies),
        break_down(pairings, picture),
    )


def _pairings(truth: Truth, counted: Mapping[int, Seen], ground: Calibration | None) -> list[Pairing]:
    pairings = []
    for number, seen in counted.items():
        true = truth.at(number, seen.seconds)
        if not truth.has_ground and ground is not None:
            true = Seen(true.id, true.xyxy, to_ground(true.foot, ground.homography), true.seconds)
        pairings.append(pair(true, truth.without_ignored(number, seen)))
    return pairings


def ground_of(truth: Truth) -> Calibration | None:
    """The homography that the truth itself implies."""
    known = np.isfinite(truth.ground).all(axis=1) & truth.counts
    boxes = truth.xyxy[known]
    if len(boxes) < 4:
        return None
    feet = [((x1 + x2) / 2, y2) for x1, _, x2, y2 in boxes.tolist()]
    try:
        return from_points(feet, [(x, y) for x, y in truth.ground[known].tolist()], standard_error_m=0.01)
    except InvalidGeometryError:
        return None


def _trodden(truth: Truth) -> tuple[MeasurementArea, ...]:
    """The part of the picture that people used, by the truth: the hull of their foot points."""
    boxes = truth.xyxy[truth.counts]
    feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1).astype(np.float32)
    hull = cv2.convexHull(feet)[:, 0]
    try:
        return (MeasurementArea("trodden", tuple((float(x), float(y)) for x, y in hull)),)
    except InvalidGeometryError:
        return ()


def _intervals(
    pairings: Sequence[Pairing], tallies: Tallies, block: int, replicates: int, tell: Tell
) -> dict[str, Figure | None]:
    scores = TrackingScores(pairings)
    cuts = [np.arange(k, min(k + block, len(pairings))) for k in range(0, len(pairings), block)]

    def figures(frames: NDArray[np.int64]) -> dict[str, float | None]:
        return {name: figure(tallies, frames) for name, figure in FIGURES.items()}

    value = figures(np.arange(len(pairings))) | scores.whole()
    random = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {name: [] for name in value}
    for k in range(replicates):
        frames = np.concatenate([cuts[i] for i in random.integers(0, len(cuts), len(cuts))])
        for name, one in (figures(frames) | scores.drawn(frames)).items():
            if one is not None:
                drawn[name].append(one)
        tell("intervals", (k + 1) / replicates)
    return {name: _figure(name, one, drawn[name]) for name, one in value.items()}


def _figure(name: str, value: float | None, drawn: list[float]) -> Figure | None:
    """Quantiles of the drawn figures, moved so that their mean lies on the value, inside what the figure can be."""
    if value is None or not drawn:
        return None
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) + value - np.mean(drawn)
    least = -np.inf if name in SIGNED else 0.0
    most = 1.0 if name in SHARES else np.inf
    return Figure(value, float(np.clip(low, least, value)), float(np.clip(high, value, most)))
