"""The errors of counting, as sums over frames that a bootstrap can draw again."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.apps.evaluate.matching import Pairing, persons_of_tracks
from passerby.apps.evaluate.scene import Seen
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.kind import Kind
from passerby.datatypes.line import MeasurementLine
from passerby.edge.groundplane.homography import to_ground
from passerby.edge.measurement.areas import depth_inside, polygon_array
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.formulas import density, near_somebody
from passerby.edge.measurement.lines import LineCrossings
from passerby.edge.measurement.sample import Sample

Array = NDArray[np.float64]
NEAR_M = 2.0
SHORTEST_SECONDS = 1.0
SLOWEST_M_S = 0.3
UNCAPPED = 2**62


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tallies:
    """What each frame adds to each figure.

    ``count``: float64[F, 2] counted, true. ``crossings``: float64[F, L, 2] counted, true, by line and direction.
    ``near``: float64[F, 4] people near somebody and people, counted and true. ``place``: per frame, errors in m.
    ``speed``: per frame, relative errors of the tracks whose middle it is. ``density``: float64[F, A, 2], 1/m².
    """

    count: Array
    crossings: Array
    near: Array
    place: list[Array]
    speed: list[Array]
    density: Array


def tally(
    pairings: Sequence[Pairing],
    lines: Sequence[MeasurementLine],
    areas: Sequence[MeasurementArea],
    grounds: tuple[Calibration | None, Calibration | None],
) -> Tallies:
    """Sum up frames. ``grounds``: calibrations for what was counted and for the truth."""
    return Tallies(
        np.array([[len(p.counted.id), len(p.true.id)] for p in pairings], np.float64),
        np.stack([_crossings([p.counted for p in pairings], lines), _crossings([p.true for p in pairings], lines)], 2),
        np.array([[*_near(p.counted), *_near(p.true)] for p in pairings], np.float64),
        _places(pairings),
        _speeds(pairings),
        np.stack(
            [
                _density([getattr(p, side) for p in pairings], areas, ground)
                for side, ground in zip(("counted", "true"), grounds, strict=True)
            ],
            2,
        ),
    )


def count_mae(tallies: Tallies, frames: NDArray[np.int64]) -> float:
    """Mean over frames of |people counted − people|."""
    return float(np.abs(np.subtract(*tallies.count[frames].T)).mean())


def count_bias(tallies: Tallies, frames: NDArray[np.int64]) -> float:
    """Mean over frames of people counted − people."""
    return float(np.subtract(*tallies.count[frames].T).mean())


def crossings_error(tallies: Tallies, frames: NDArray[np.int64]) -> float | None:
    """Σ over lines and directions of |counted − true|, as a share of the true crossings."""
    counted, true = np.moveaxis(tallies.crossings[frames].sum(axis=0), 1, 0)
    return float(np.abs(counted - true).sum() / true.sum()) if true.sum() else None


def distancing_error_points(tallies: Tallies, frames: NDArray[np.int64]) -> float | None:
    """|share of people counted with a neighbour within 2 m − true share|, in percentage points."""
    near, people, true_near, true_people = tallies.near[frames].sum(axis=0)
    return float(100 * abs(near / people - true_near / true_people)) if people and true_people else None


def position_error_m(tallies: Tallies, frames: NDArray[np.int64]) -> float | None:
    """Median distance on the ground between people counted and the same people, in m."""
    return _median([tallies.place[f] for f in frames])


def speed_error(tallies: Tallies, frames: NDArray[np.int64]) -> float | None:
    """Median over tracks of |speed − true speed| / true speed."""
    return _median([tallies.speed[f] for f in frames])


def density_error(tallies: Tallies, frames: NDArray[np.int64]) -> float | None:
    """Σ |density − true density| / Σ true density, over areas and frames."""
    counted, true = np.moveaxis(tallies.density[frames], 2, 0)
    return float(np.abs(counted - true).sum() / true.sum()) if true.sum() > 0 and np.isfinite(counted).all() else None


def mean_density(tallies: Tallies) -> tuple[float, float] | None:
    """Mean density over areas and frames, counted and true, in people per m²."""
    if not tallies.density.size or not np.isfinite(tallies.density).all():
        return None
    counted, true = tallies.density.mean(axis=(0, 1)).tolist()
    return counted, true


FIGURES = {
    "count_mae": count_mae,
    "count_bias": count_bias,
    "crossings_error": crossings_error,
    "position_error_m": position_error_m,
    "distancing_error_points": distancing_error_points,
    "speed_error": speed_error,
    "density_error": density_error,
}


def _median(parts: list[Array]) -> float | None:
    values = np.concatenate([*parts, np.zeros(0)])
    return float(np.median(values)) if len(values) else None


def _crossings(scene: Sequence[Seen], lines: Sequence[MeasurementLine]) -> Array:
    """float64[F, 2 L]: crossings in each frame by line and direction, as production counts them, without a cap."""
    columns = {(line.id, f"person.{way}"): 2 * k + w for k, line in enumerate(lines) for w, way in enumerate(_WAYS)}
    found = np.zeros((len(scene), len(columns)))
    counting = LineCrossings(tuple(lines), Allowance(UNCAPPED))
    for index, seen in enumerate(scene):
        height = seen.xyxy[:, 3] - seen.xyxy[:, 1]
        sample = Sample(seen.id, [Kind.PERSON.label] * len(seen.id), seen.foot, height, None, 0.0, seen.seconds)
        for line, way, amount in counting.observe(sample):
            found[index, columns[line, way]] += amount
    return found


_WAYS = ("forward", "backward")


def _near(seen: Seen) -> tuple[int, int]:
    at = seen.ground[np.isfinite(seen.ground).all(axis=1)]
    return int(near_somebody(at, NEAR_M).sum()), len(at)


def _places(pairings: Sequence[Pairing]) -> list[Array]:
    """Errors once one frame of reference was laid on the other: a local frame has no origin and no north."""
    matches = [p.matches() for p in pairings]
    counted = [p.counted.ground[columns] for p, (_, columns) in zip(pairings, matches, strict=True)]
    true = [p.true.ground[rows] for p, (rows, _) in zip(pairings, matches, strict=True)]
    rotation, shift = rigid(np.concatenate(counted), np.concatenate(true))
    errors = [np.linalg.norm(c @ rotation.T + shift - t, axis=1) for c, t in zip(counted, true, strict=True)]
    return [error[np.isfinite(error)] for error in errors]


def rigid(source: Array, target: Array) -> tuple[Array, Array]:
    """Rotation [2, 2] and shift [2] that lay ``source`` on ``target`` best, without scale (Kabsch, 1976); twice, the
    second time without the worst tenth, so that a few wrong pairs do not turn the frame."""
    known = np.isfinite(source).all(axis=1) & np.isfinite(target).all(axis=1)
    source, target = source[known], target[known]
    rotation, shift = np.eye(2), np.zeros(2)
    for share in (1.0, 0.9):
        if len(source) < 3:
            break
        error = np.linalg.norm(source @ rotation.T + shift - target, axis=1)
        best = np.argsort(error)[: max(3, round(share * len(error)))] if share < 1 else slice(None)
        a, b = source[best], target[best]
        u, _, v = np.linalg.svd((a - a.mean(0)).T @ (b - b.mean(0)))
        rotation = v.T @ np.diag([1.0, np.sign(np.linalg.det(v.T @ u.T))]) @ u.T
        shift = b.mean(0) - rotation @ a.mean(0)
    return rotation, shift


def _speeds(pairings: Sequence[Pairing]) -> list[Array]:
    errors: list[list[float]] = [[] for _ in pairings]
    paths: dict[int, list[int]] = {}
    for index, pairing in enumerate(pairings):
        for track in pairing.counted.id[np.isfinite(pairing.counted.ground).all(axis=1)].tolist():
            paths.setdefault(track, []).append(index)
    for track, person in persons_of_tracks(pairings).items():
        ends = [i for i in paths.get(track, []) if _place(pairings[i].true, person) is not None]
        seconds = pairings[ends[-1]].true.seconds - pairings[ends[0]].true.seconds if ends else 0.0
        if seconds < SHORTEST_SECONDS:
            continue
        true = _way(pairings[ends[0]].true, pairings[ends[-1]].true, person) / seconds
        speed = _way(pairings[ends[0]].counted, pairings[ends[-1]].counted, track) / seconds
        if true >= SLOWEST_M_S:
            errors[ends[len(ends) // 2]].append(abs(speed - true) / true)
    return [np.array(e, np.float64) for e in errors]


def _place(seen: Seen, who: int) -> Array | None:
    at = seen.ground[seen.id == who]
    return at[0] if len(at) and np.isfinite(at[0]).all() else None


def _way(first: Seen, last: Seen, who: int) -> float:
    a, b = _place(first, who), _place(last, who)
    assert a is not None
    assert b is not None
    return float(np.linalg.norm(b - a))


def _density(scene: Sequence[Seen], areas: Sequence[MeasurementArea], ground: Calibration | None) -> Array:
    """float64[F, A]: people per m² of ground in each area."""
    found = np.full((len(scene), len(areas)), np.nan)
    if ground is None:
        return found
    for k, area in enumerate(areas):
        corners = to_ground(np.asarray(area.polygon, np.float64), ground.homography)
        size = cv2.contourArea(corners.astype(np.float32)) if np.isfinite(corners).all() else np.nan
        for f, seen in enumerate(scene):
            inside = int((depth_inside(polygon_array(area), seen.foot) >= 0).sum())
            found[f, k] = density(inside, size)
    return found
