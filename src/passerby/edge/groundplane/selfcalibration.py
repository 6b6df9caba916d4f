"""Metres without a tape measure: people are about as tall as each other and walk about as fast as before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane.passages import Passage
from passerby.edge.groundplane.pinhole import Pinhole

Array = NDArray[np.float64]

TALL_M, TALL_UNSURE = 1.72, 0.025
"""Mean height of adults with shoes (NCD-RisC, 2016), and by how much it, and the boxes with it, may be wrong."""
BOX_NOISE = 0.05
"""Of the top of a box, as a share of its height."""
LENS_UNSURE = 0.05
"""First radial coefficient that a lens may have without anybody knowing."""
FEWEST_PEOPLE, MOST_BOXES = 8, 600
VIEWS_DEG = np.linspace(115.0, 22.0, 24)
"""Horizontal fields of view that are tried."""
USUAL_FOCAL, FOCAL_SPREAD = 0.9, 0.5
"""Focal lengths of street cameras in widths of the picture: median, and standard deviation of the logarithm."""
HEIGHT_LOOKS = 5
"""Independent looks at a person's height in one passage."""
PACE_SECONDS, SLOWEST = 1.0, 0.25
DRAWS = 8
LEAST_SHARE = 1e-3
CELLS = 12
_BOUNDS = ([-0.2, -0.3, np.log(1.0)], [1.5, 0.3, np.log(60.0)])


@dataclass(frozen=True, slots=True)
class SelfCalibration:
    """``camera``: the most likely one. ``calibration``: with a standard error that holds what is not known of the focal
    length, of people's height and of the fit. ``focal_range``: px, of 68 %. ``people``: passages used."""

    camera: Pinhole
    calibration: Calibration
    focal_range: tuple[float, float]
    people: int


def calibrate(passages: Sequence[Passage], picture: tuple[int, int], *, focal: float | None = None) -> SelfCalibration:
    """Horizon, height and scale from heights of boxes, for each focal length; the focal length from how steady walking
    speeds are, from the heights, and from what is usual. ``focal``: px, where somebody knows it.

    Raises InvalidGeometryError where too few people passed, or no camera above the ground explains them.
    """
    if len(passages) < FEWEST_PEOPLE:
        raise InvalidGeometryError(
            "camera cannot be calibrated by people who pass",
            expected=f"at least {FEWEST_PEOPLE} who walk upright through the picture",
            came="fewer",
            remedy="Wait for more people, or give four surveyed points: passerby calibrate --points.",
        )
    boxes = _spread_over(np.concatenate([passage[:, 1:] for passage in passages]), picture)
    tried = picture[0] / 2 / np.tan(np.radians(VIEWS_DEG) / 2) if focal is None else np.array([focal])
    cameras: list[Pinhole] = []
    costs: list[float] = []
    for length in tried:
        camera, misfit = _stand(boxes, picture, float(length), cameras[-1] if cameras else None)
        cameras.append(camera)
        looks = min(1.0, HEIGHT_LOOKS * len(passages) / len(boxes))
        usual = (np.log(length / picture[0] / USUAL_FOCAL) / FOCAL_SPREAD) ** 2 / 2
        costs.append(looks * misfit + len(passages) * _unsteadiness(passages, camera) + usual)
    cost = np.array(costs)
    if not np.isfinite(cost).any():
        raise InvalidGeometryError("no camera above level ground explains the people who passed")
    weight = np.exp(np.nanmin(cost) - np.nan_to_num(cost, nan=np.inf))
    weight /= weight.sum()
    middle = float(np.exp(weight @ np.log(tried)))
    best, _ = _stand(boxes, picture, middle, cameras[int(weight.argmax())])
    error = _standard_error(boxes, passages, picture, best, cameras, weight)
    low, high = tried[np.searchsorted(np.cumsum(weight), (0.16, 0.84)).clip(0, len(tried) - 1)].tolist()
    return SelfCalibration(best, Calibration(best.homography(), error, "people who pass"), (low, high), len(passages))


def _stand(boxes: Array, picture: tuple[int, int], focal: float, near: Pinhole | None) -> tuple[Pinhole, float]:
    """The camera of a focal length under which people on the feet of the boxes reach their tops; soft-L1 misfit."""
    feet, size = _feet(boxes), boxes[:, 3] - boxes[:, 1]

    def misses(state: Array) -> Array:
        camera = Pinhole(picture, focal, state[0], state[1], np.exp(state[2]))
        ground = camera.ground(feet)
        heads = camera.project(np.column_stack([ground, np.full(len(ground), TALL_M)]))
        return np.clip(np.nan_to_num((heads[:, 1] - boxes[:, 1]) / (BOX_NOISE * size), nan=20.0), -20, 20)

    if near is None:
        starts = [(tilt, 0.0, np.log(height)) for tilt in (0.1, 0.4, 0.8) for height in (3.0, 8.0)]
    else:
        starts = [(near.tilt, near.roll, np.log(near.height))]
    fits = [least_squares(misses, start, bounds=_BOUNDS, loss="soft_l1", max_nfev=60) for start in starts]
    fit = min(fits, key=lambda one: float(one.cost))
    tilt, roll, height = fit.x
    return Pinhole(picture, focal, float(tilt), float(roll), float(np.exp(height))), float(fit.cost)


def _unsteadiness(passages: Sequence[Passage], camera: Pinhole) -> float:
    """log of the mean deviation of log speed within a passage + log of that between passages (Laplace likelihoods of
    one look at each for each person): both are smallest where the ground is neither stretched nor bent. NaN where
    somebody would walk above the horizon."""
    within, between = [], []
    for passage in passages:
        ground = camera.ground(_feet(passage[:, 1:]))
        if not np.isfinite(ground).all():
            return float("nan")
        time = passage[:, 0]
        later = np.searchsorted(time, time + PACE_SECONDS - 1e-6)
        now = np.flatnonzero(later < len(time))
        later = later[now]
        soon = time[later] - time[now] < 1.5 * PACE_SECONDS
        speed = np.linalg.norm(ground[later] - ground[now], axis=1)[soon] / (time[later] - time[now])[soon]
        if len(speed) < 5 or np.median(speed) <= 0:
            continue
        pace = np.log(np.maximum(speed, SLOWEST * np.median(speed)))
        within.append(np.abs(pace - np.median(pace)).mean())
        between.append(np.median(pace))
    if len(between) < FEWEST_PEOPLE:
        return 0.0
    return float(np.log(np.mean(within)) + np.log(np.abs(between - np.median(between)).mean() + 1e-3))


def _standard_error(
    boxes: Array,
    passages: Sequence[Passage],
    picture: tuple[int, int],
    best: Pinhole,
    cameras: Sequence[Pinhole],
    weight: Array,
) -> float:
    """In m, at the median foot that was seen: how far it moves between likely focal lengths, with other people, with
    another mean height, and under the distortion that an ordinary lens may have. Places are compared after a rigid
    alignment, since a local frame has no origin."""
    feet = _feet(boxes)
    ground = best.ground(feet)
    variance = TALL_UNSURE**2 * ((ground - np.nanmean(ground, axis=0)) ** 2).sum(axis=1)
    for camera, share in zip(cameras, weight, strict=True):
        if share > LEAST_SHARE:
            variance += share * _moved(ground, camera.ground(feet))
    middle = np.array(picture) / 2
    off = (feet - middle) / best.focal
    variance += _moved(ground, best.ground(middle + (feet - middle) * (1 + LENS_UNSURE * (off**2).sum(1)[:, None])))
    random = np.random.default_rng(0)
    for _ in range(DRAWS):
        drawn = [passages[k][:, 1:] for k in random.integers(0, len(passages), len(passages))]
        other, _ = _stand(_spread_over(np.concatenate(drawn), picture), picture, best.focal, best)
        variance += _moved(ground, other.ground(feet)) / DRAWS
    return float(np.sqrt(np.median(np.nan_to_num(variance, nan=np.inf))))


def _moved(a: Array, b: Array) -> Array:
    """float64[N]: squared distances of the same points after a rigid alignment; NaN where one is not on the ground."""
    seen = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    if seen.sum() < 3:
        return np.full(len(a), np.nan)
    a, b = a - a[seen].mean(axis=0), b - b[seen].mean(axis=0)
    u, _, v = np.linalg.svd(b[seen].T @ a[seen])
    turned = b @ u @ np.diag([1.0, np.sign(np.linalg.det(u @ v))]) @ v
    return np.asarray(((turned - a) ** 2).sum(axis=1))


def _spread_over(boxes: Array, picture: tuple[int, int]) -> Array:
    """At most 600 boxes, as evenly over the picture as there are: a busy corner must not decide alone."""
    mixed = np.random.default_rng(0).permutation(boxes)
    column, row = (_feet(mixed) / picture * CELLS).astype(int).T
    cell = CELLS * row + column
    order = np.argsort(cell, kind="stable")
    rank = np.empty(len(cell), int)
    rank[order] = np.arange(len(cell)) - np.searchsorted(cell[order], cell[order])
    return np.asarray(mixed[np.argsort(rank, kind="stable")[:MOST_BOXES]])


def _feet(boxes: Array) -> Array:
    """float64[N, 2] px: middle of the lower edge."""
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
