"""Cameras that may be the one that watches, and how well each explains somebody who passes."""

import numpy as np
from numpy.typing import NDArray

from passerby.edge.groundplane.passages import Passage
from passerby.edge.groundplane.pinhole import Pinhole

Array = NDArray[np.float64]
Candidates = Array
"""float64[P, 6], a row for each: log of the focal length in widths of the picture; tilt and roll in rad; log of the
height in m; the lens's first radial coefficient; log of the usual walking speed in m/s."""
FOCAL, TILT, ROLL, HEIGHT, LENS, PACE = range(6)

TALL_M, TALL_SPREAD = 1.72, 0.065
"""Height of adults with shoes (NCD-RisC, 2016), and the standard deviation of its logarithm, boxes included."""
PACE_SPREAD = 0.22
"""Standard deviation of the logarithm of people's walking speeds (Weidmann, 1993)."""
BOX_NOISE, FOOT_NOISE = 0.05, 0.03
"""Of the height of a box within a passage, and of its lower edge, as shares of its height."""
SAME_ERROR_SECONDS, SAME_PACE_SECONDS, MOST_LOOKS = 3.0, 4.0, 8.0
"""For so long the error of a box, and a pace, stay what they are; looks that are nearer together are one look."""
SHORTEST_STEP, LONGEST_STEP, AROUND = 1.5, 8.0, 1.5
"""A step of the walk takes so many s, and until the foot is a height of the box away; its direction is that of the walk
from ``AROUND`` s before to as many after it."""
PACES = np.array([0.07, 0.12, 0.2, 0.35, 0.6])
"""How unsteadily somebody may walk: standard deviations of the logarithm of his speed."""
BOXES_A_SECOND, MOST_BOXES = 3.0, 48
FEWEST_STEPS, MOST_STEPS, LEAST_SHARE = 4, 16, 0.25
WIDEST = 3.0


def likely(count: int, random: np.random.Generator, focal: tuple[float, float] | None = None) -> Candidates:
    """Candidates as street cameras are before anybody passes. ``focal``: where somebody knows it, the focal length in
    widths of the picture and the standard deviation of its logarithm."""
    length, unsure = focal or (0.9, 0.5)
    return np.stack(
        [
            random.normal(np.log(length), unsure, count),
            random.uniform(-0.05, 1.3, count),
            random.normal(0.0, 0.035, count),
            random.normal(np.log(5.0), 0.6, count),
            random.normal(0.0, 0.05, count),
            random.normal(np.log(1.3), 0.12, count),
        ],
        axis=1,
    )


def camera(candidate: Array, picture: tuple[int, int]) -> Pinhole:
    """The candidate float64[6] without its lens."""
    focal, tilt, roll, height = candidate[: HEIGHT + 1].tolist()
    return Pinhole(picture, float(np.exp(focal)) * picture[0], tilt, roll, float(np.exp(height)))


def ground(candidates: Candidates, pixels: Array, picture: tuple[int, int]) -> Array:
    """float64[P, N, 2] m where each candidate sees pixels [N, 2] or [P, N, 2]; NaN at and above its horizon."""
    return _Views(candidates, pixels, picture).ground


def explain(candidates: Candidates, passage: Passage, picture: tuple[int, int]) -> Array:
    """float64[P]: log-likelihood of a passage under each candidate, up to a constant.

    Under the right camera he stays as tall as he is, is about as tall as others, walks about as fast as a moment
    before, and about as fast as others. Each of the four is heavy-tailed (Student): some are children, some stop.
    """
    most = int(min(MOST_BOXES, 2 + BOXES_A_SECOND * (passage[-1, 0] - passage[0, 0])))
    passage = passage[_spread(len(passage), most)]
    time, (left, top, right, bottom) = passage[:, 0], passage[:, 1:].T
    size = bottom - top
    feet = np.stack([(left + right) / 2, bottom], axis=1)
    views = _Views(candidates, feet, picture)
    lean = np.clip((views.heads()[0] - feet[:, 0]) / 2, -size / 2, size / 2)
    feet = np.stack([feet[:, 0] - np.nan_to_num(lean), np.broadcast_to(bottom, lean.shape)], axis=2)
    views = _Views(candidates, feet, picture)
    with np.errstate(invalid="ignore"):
        expected = bottom - views.heads()[1]
        tall = np.log(size / np.where(expected > 1, expected, np.nan))
    found = _heights(np.clip(np.nan_to_num(tall, nan=-3.0), -3, 3), time[-1] - time[0])
    return found + _walk(candidates, feet, views.ground, time, size, picture)


class _Views:
    """Pixels as seen by each candidate."""

    def __init__(self, candidates: Candidates, pixels: Array, picture: tuple[int, int]) -> None:
        focal, tilt, roll, height, lens = np.exp(candidates[:, 0]) * picture[0], *candidates[:, 1:5].T
        sin, cos, zero = np.sin(tilt), np.cos(tilt), np.zeros_like(tilt)
        across, down = np.stack([zero + 1, zero, zero]), np.stack([zero, -sin, -cos])
        right, down = np.cos(roll) * across + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * across
        self._right, self._down, self._depth = right[..., None], down[..., None], np.stack([zero, cos, -sin])[..., None]
        self._focal, self._lens = focal[:, None], lens[:, None]
        self._middle = np.array(picture) / 2
        x = (pixels[..., 0] - self._middle[0]) / self._focal
        y = (pixels[..., 1] - self._middle[1]) / self._focal
        straight = self._straighten(x * x + y * y)
        self._x, self._y = x * straight, y * straight
        rise = self._x * self._right[2] + self._y * self._down[2] + self._depth[2]
        self._distance = np.exp(height)[:, None] / np.where(rise < -1e-3, -rise, np.nan)
        self.ground = np.empty((*rise.shape, 2))
        for k in (0, 1):
            ray = self._x * self._right[k] + self._y * self._down[k] + self._depth[k]
            self.ground[..., k] = ray * self._distance

    def heads(self) -> tuple[Array, Array]:
        """Across and down, float64[P, N] px: heads of people of usual height who stand there; NaN where there is no
        ground."""
        depth = self._distance + TALL_M * self._depth[2]
        depth = np.where(depth > 0.05, depth, np.nan)
        x = (self._distance * self._x + TALL_M * self._right[2]) / depth
        y = (self._distance * self._y + TALL_M * self._down[2]) / depth
        bent = self._focal * (1 + self._lens * np.minimum(x * x + y * y, WIDEST))
        return x * bent + self._middle[0], y * bent + self._middle[1]

    def _straighten(self, square: Array) -> Array:
        """Factor that undoes the lens, by three rounds of a fixed point; ``square``: of the distance from the axis."""
        seen = np.minimum(square, WIDEST)
        straight = seen
        for _ in range(3):
            straight = seen / (1 + self._lens * straight) ** 2
        return np.asarray(1 / (1 + self._lens * straight))


def _heights(tall: Array, seconds: float) -> Array:
    usual = np.median(tall, axis=1)
    looks = np.clip(seconds / SAME_ERROR_SECONDS, 1.0, MOST_LOOKS)
    same = looks * _student((tall - usual[:, None]) / BOX_NOISE, 4.0).mean(axis=1)
    return np.asarray(_student(usual / TALL_SPREAD, 5.0) + same)


def _walk(
    candidates: Candidates, feet: Array, places: Array, time: Array, size: Array, picture: tuple[int, int]
) -> Array:
    """Steps along the walk: what a box errs across it would look like speed. Which steps there are is decided in the
    picture, so that it is the same for every candidate."""
    apart = np.linalg.norm(feet[0][None] - feet[0][:, None], axis=2) / size[:, None]
    late = (time[None] - time[:, None] >= SHORTEST_STEP - 1e-6) & (apart >= 1.0)
    ends = late.argmax(axis=1)
    starts = np.flatnonzero(late.any(axis=1) & (time[ends] - time <= LONGEST_STEP))
    if len(starts) < FEWEST_STEPS:
        return np.zeros(len(candidates))
    starts = starts[_spread(len(starts), MOST_STEPS)]
    ends = ends[starts]
    before = np.searchsorted(time, time[starts] - AROUND)
    after = np.searchsorted(time, time[ends] + AROUND, side="right") - 1
    places = np.nan_to_num(places)
    both = np.concatenate([starts, ends])
    lower = feet[:, both] + np.stack([np.zeros(len(both)), FOOT_NOISE * size[both]], axis=1)
    error = np.nan_to_num(ground(candidates, lower, picture)) - places[:, both]
    way = _unit(places[:, after] - places[:, before])
    along = ((places[:, ends] - places[:, starts]) * way).sum(axis=2)
    noise = ((error * np.concatenate([way, way], axis=1)).sum(axis=2) ** 2).reshape(len(way), 2, -1).sum(axis=1)
    usual = np.maximum(np.median(along, axis=1), 1e-3)[:, None]
    along = np.maximum(along, LEAST_SHARE * usual)
    noise = noise / along**2
    speed = np.log(along / (time[ends] - time[starts]))
    middle = np.median(speed, axis=1)
    step = float(np.median(time[ends] - time[starts]))
    seconds = float(time[ends].max() - time[starts].min()) - step / 2
    looks = np.clip(seconds / max(SAME_PACE_SECONDS, step), 0.5, MOST_LOOKS)
    unsure = np.sqrt(PACES[:, None, None] ** 2 + noise)
    steady = looks * (_student((speed - middle[:, None]) / unsure, 4.0) - np.log(unsure)).mean(axis=2)
    spread = np.sqrt(PACE_SPREAD**2 + noise.mean(axis=1) / 2)
    alike = _student((middle - candidates[:, PACE]) / spread, 4.0) - np.log(spread)
    return np.asarray(np.logaddexp.reduce(steady, axis=0) + alike)


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Indices of at most so many of ``count``, evenly."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6))


def _student(value: Array, degrees: float) -> Array:
    """Log-density of Student's t up to a constant."""
    return np.asarray(-(degrees + 1) / 2 * np.log1p(value**2 / degrees))
