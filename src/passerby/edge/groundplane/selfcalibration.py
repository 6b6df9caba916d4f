"""Metres without a tape measure: people are about as tall as each other and walk about as fast as before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane.candidates import (
    FOCAL,
    LENS,
    PACE,
    TALL_M,
    TILT,
    Candidates,
    camera,
    explain,
    ground,
    likely,
)
from passerby.edge.groundplane.passages import Passage
from passerby.edge.groundplane.pinhole import Pinhole

Array = NDArray[np.float64]

SOURCE = "people who pass"
CANDIDATES, FIRST = 8000, 32_000
FEWEST_LEFT, FEWEST_TO_GO_ON = 0.25, 0.5
"""Shares of the candidates that must count (effective sample size): after a part of a passage, and without new ones."""
KEPT = 0.98
"""New candidates lie so far from the mean as their parents, and the rest is drawn (Liu and West, 2001)."""
FEWEST_PEOPLE = 8
TALL_UNSURE = 0.025
"""By how much people's mean height, and the boxes with it, may be wrong."""
FOCAL_KNOWN = 0.01
EYE_LEVEL, LEAST_LOW = 1.5, 0.25
"""A camera lower than this many people's heights sees heads at its own height: its focal length cannot be told, and a
quarter of how far places spread is the least that they may be wrong."""
CELLS, DRAWN = 12, 300


@dataclass(frozen=True, slots=True)
class SelfCalibration:
    """``camera``: the most likely one. ``calibration``: with a standard error that holds what is not known of the focal
    length, of the lens, of people's height and of how they walk. ``focal_range``: px, of 68 %."""

    camera: Pinhole
    calibration: Calibration
    focal_range: tuple[float, float]


class SelfCalibrator:
    """Weighs candidates for the camera by everybody who passes, and keeps nothing else of him (a particle filter).

    Candidates that explain nobody make room for more of the others. What is learned is a cloud of cameras, and how
    much of the walking was in each cell of a coarse grid over the picture.
    """

    def __init__(self, picture: tuple[int, int], *, focal: float | None = None, seed: int = 0) -> None:
        """``focal``: px, where somebody knows it."""
        known = None if focal is None else (focal / picture[0], FOCAL_KNOWN)
        self._random = np.random.default_rng(seed)
        self._picture = picture
        self._candidates = likely(FIRST, self._random, known)
        self._weight = np.zeros(FIRST)
        self._trodden = np.zeros((CELLS, CELLS))
        self.people = 0

    def learn(self, passage: Passage) -> None:
        """Take somebody who passed."""
        self.people += 1
        self._tread(passage)
        left = 1.0
        while left > 0:
            found = explain(self._candidates, passage, self._picture)
            part = left
            while part > left / 64 and _effective(self._weight + part * found) < FEWEST_LEFT * CANDIDATES:
                part /= 2
            self._weight += part * found
            left -= part
            if _effective(self._weight) < FEWEST_TO_GO_ON * CANDIDATES or len(self._weight) > CANDIDATES:
                self._renew()

    def result(self) -> SelfCalibration:
        """The camera so far. Raises InvalidGeometryError where too few people passed, or not on level ground."""
        if self.people < FEWEST_PEOPLE:
            raise InvalidGeometryError(
                "camera cannot be calibrated by people who pass",
                expected=f"at least {FEWEST_PEOPLE} who walk upright through the picture",
                came="fewer",
                remedy="Wait for more people, or give four surveyed points: passerby calibrate --points.",
            )
        share = _shares(self._weight)
        mean = share @ self._candidates
        best = camera(mean, self._picture)
        drawn = self._candidates[self._random.choice(len(share), DRAWN, p=share)]
        error = self._standard_error(mean, drawn)
        low, high = np.exp(np.quantile(drawn[:, FOCAL], (0.16, 0.84))) * self._picture[0]
        return SelfCalibration(best, Calibration(best.homography(), error, SOURCE), (float(low), float(high)))

    def summary(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and covariance, row by row, of the likely cameras, without how fast people walk there."""
        mean, spread = self._moments()
        return tuple(mean[:PACE].tolist()), tuple(spread[:PACE, :PACE].ravel().tolist())

    def resume(self, mean: Sequence[float], spread: Sequence[float]) -> Pinhole:
        """Go on from a summary; returns its camera."""
        middle, square = np.array(mean), np.array(spread).reshape(len(mean), len(mean))
        self._candidates = likely(CANDIDATES, self._random)
        self._candidates[:, :PACE] = self._random.multivariate_normal(middle, square, CANDIDATES)
        self._weight = np.zeros(CANDIDATES)
        return camera(middle, self._picture)

    def _moments(self) -> tuple[Array, Array]:
        share = _shares(self._weight)
        mean = share @ self._candidates
        off = self._candidates - mean
        return mean, (off * share[:, None]).T @ off

    def _renew(self) -> None:
        share = _shares(self._weight)
        mean, spread = self._moments()
        off = self._candidates - mean
        parents = off[self._random.choice(len(share), CANDIDATES, p=share)]
        fresh = self._random.multivariate_normal(np.zeros(len(mean)), (1 - KEPT**2) * spread, CANDIDATES)
        self._candidates = mean + KEPT * parents + fresh
        self._candidates[:, TILT] = np.clip(self._candidates[:, TILT], -0.1, 1.5)
        self._weight = np.zeros(CANDIDATES)

    def _tread(self, passage: Passage) -> None:
        feet = np.stack([(passage[:, 1] + passage[:, 3]) / 2, passage[:, 4]], axis=1)
        column, row = np.clip(feet / self._picture * CELLS, 0, CELLS - 1).astype(int).T
        np.add.at(self._trodden, (row, column), 1 / len(passage))

    def _standard_error(self, mean: Array, drawn: Candidates) -> float:
        """In m, where half of the walking is nearer to the truth: how far places move between likely cameras and with
        another mean height. Places are compared after a rigid alignment, since a local frame has no origin."""
        row, column = np.nonzero(self._trodden)
        feet = (np.stack([column, row], axis=1) + 0.5) / CELLS * self._picture
        flat = np.where(np.arange(len(mean)) == LENS, 0.0, mean)
        places, others = ground(flat[None], feet, self._picture)[0], ground(drawn, feet, self._picture)
        seen = np.isfinite(places).all(axis=1) & (np.isfinite(others).all(axis=2).mean(axis=0) > 0.95)
        if seen.sum() < 3:
            raise InvalidGeometryError("no camera above level ground explains the people who passed")
        walked = self._trodden[row, column][seen]
        places, others = places[seen], others[:, seen]
        others = others[np.isfinite(others).all(axis=(1, 2))]
        far = ((places - np.average(places, axis=0, weights=walked)) ** 2).sum(axis=1)
        variance = _moved(places, others, walked).mean(axis=0) + TALL_UNSURE**2 * far
        error = np.sqrt(_median(variance, walked))
        if camera(mean, self._picture).height < EYE_LEVEL * TALL_M:
            error = max(error, LEAST_LOW * np.sqrt(_median(far, walked)))
        return float(error)


def calibrate(passages: Sequence[Passage], picture: tuple[int, int], *, focal: float | None = None) -> SelfCalibration:
    """By all passages, in any order. ``focal``: px, where somebody knows it. Raises InvalidGeometryError."""
    calibrator = SelfCalibrator(picture, focal=focal)
    for k in np.random.default_rng(0).permutation(len(passages)):
        calibrator.learn(passages[k])
    return calibrator.result()


def _shares(weight: Array) -> Array:
    share = np.exp(weight - weight.max())
    return np.asarray(share / share.sum())


def _effective(weight: Array) -> float:
    return float(1 / (_shares(weight) ** 2).sum())


def _moved(places: Array, others: Array, walked: Array) -> Array:
    """float64[P, N]: squared distances of places [N, 2] in [P, N, 2] after a rigid alignment, weighted by [N]."""
    a = places - np.average(places, axis=0, weights=walked)
    b = others - np.average(others, axis=1, weights=walked)[:, None]
    both = np.einsum("n,pni,nj->pij", walked, b, a)
    angle = np.arctan2(both[:, 0, 1] - both[:, 1, 0], both[:, 0, 0] + both[:, 1, 1])[:, None]
    x = b[..., 0] * np.cos(angle) - b[..., 1] * np.sin(angle)
    y = b[..., 0] * np.sin(angle) + b[..., 1] * np.cos(angle)
    return np.asarray((x - a[:, 0]) ** 2 + (y - a[:, 1]) ** 2)


def _median(value: Array, weight: Array) -> float:
    order = np.argsort(value)
    total = np.cumsum(weight[order])
    return float(value[order][np.searchsorted(total, total[-1] / 2)])
