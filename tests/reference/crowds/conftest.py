"""Crowds whose truth is known: a social-force simulation seen by a known camera through a detector that errs.

People follow Helbing & Molnár, Social force model for pedestrian dynamics (Phys. Rev. E, 1995): a drive towards the
goal at the speed that each one wants, and an exponential repulsion from the others. The camera is a pinhole on a pole.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.datatypes.detections import Detections

Array = NDArray[np.float64]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RATE, SECONDS, SUBSTEPS = 5.0, 18.0, 4
LENGTH_M, WIDTH_M = 20.0, 12.0
"""The square, x along the picture and y away from the camera."""
PICTURE = (960, 540)
RELAXATION_S, STRENGTH, RANGE_M, RADIUS_M = 0.5, 2.1, 0.3, 0.25
HEIGHT_M, BREADTH_M = 1.7, 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Flaws:
    """What the detector gets wrong.

    ``missed``: share of the boxes of people in plain view. ``jitter``: standard deviation of every edge, in heights.
    ``ghosts``: false boxes in a frame, mean. ``hidden``: share covered from which on nobody is found. ``double``: share
    of bodies with a second, shifted box.
    """

    missed: float = 0.1
    jitter: float = 0.03
    ghosts: float = 0.2
    hidden: float = 0.6
    double: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``places``: float64[frames, people, 2] m. ``detections``: what is handed to the tracker, frame by frame."""

    places: Array
    detections: list[Detections]
    calibration: Calibration
    to_picture: Callable[[Array], Array] = field(repr=False)


class PoleCamera:
    """A pinhole camera 6 m above (10, -8) m that looks at the middle of the square."""

    def __init__(self) -> None:
        self.centre = np.array([LENGTH_M / 2, -8.0, 6.0])
        ahead = np.array([LENGTH_M / 2, WIDTH_M / 2, 0.0]) - self.centre
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        rotation = np.stack([right, np.cross(ahead, right), ahead])
        focal = 0.75 * PICTURE[0]
        inner = np.array([[focal, 0, PICTURE[0] / 2], [0, focal, PICTURE[1] / 2], [0, 0, 1]])
        self.matrix = inner @ np.concatenate([rotation, -(rotation @ self.centre)[:, None]], axis=1)

    def project(self, points: Array) -> Array:
        """px float64[N, 2] of places float64[N, 3] m."""
        seen = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ self.matrix.T
        return np.asarray(seen[:, :2] / seen[:, 2:])

    def on_ground(self, places: Array) -> Array:
        """px float64[N, 2] of places float64[N, 2] m on the ground."""
        return self.project(np.concatenate([places, np.zeros((len(places), 1))], axis=1))

    def calibration(self) -> Calibration:
        """Ground homography, as a survey without error would give it."""
        return Calibration(np.linalg.inv(self.matrix[:, [0, 1, 3]]), 0.05, "known camera")

    def boxes(self, places: Array) -> Array:
        """xyxy px of upright people."""
        foot = self.on_ground(places)
        head = self.project(np.concatenate([places, np.full((len(places), 1), HEIGHT_M)], axis=1))
        half = (foot[:, 1] - head[:, 1]) * BREADTH_M / HEIGHT_M / 2
        return np.stack([foot[:, 0] - half, head[:, 1], foot[:, 0] + half, foot[:, 1]], axis=1)


def walk(people: int, random: np.random.Generator) -> Array:
    """Two streams through each other, across the square and back in again from the other side; one in ten stops."""
    at = random.uniform((0, 1), (LENGTH_M, WIDTH_M - 1), (people, 2))
    way = np.where(np.arange(people) % 2, 1.0, -1.0)
    wanted = random.normal(1.3, 0.2, people).clip(0.6, 2.0)
    speed = np.stack([way * wanted, np.zeros(people)], axis=1)
    dawdler = random.random(people) < 0.1
    step = 1 / RATE / SUBSTEPS
    frames = []
    for k in range(round(SECONDS * RATE)):
        frames.append(at.copy())
        for _ in range(SUBSTEPS):
            standing = dawdler & (np.sin(k / RATE / 3 + np.arange(people)) > 0.2)
            drive = (np.stack([way * wanted * ~standing, np.zeros(people)], axis=1) - speed) / RELAXATION_S
            apart = at[:, None] - at[None, :]
            distance = np.linalg.norm(apart, axis=2) + np.eye(people) * 1e6
            push = STRENGTH * np.exp((2 * RADIUS_M - distance) / RANGE_M) / distance
            speed = speed + step * (drive + (push[..., None] * apart).sum(axis=1))
            speed *= np.minimum(1.0, 2.5 / np.maximum(np.linalg.norm(speed, axis=1), 1e-9))[:, None]
            at = at + step * speed
            at[:, 1] = at[:, 1].clip(0.3, WIDTH_M - 0.3)
            gone = (at[:, 0] < -1.5) | (at[:, 0] > LENGTH_M + 1.5)
            way = np.where(gone, -way, way)
            speed[gone, 0] *= -1
            at[:, 0] = at[:, 0].clip(-1.5, LENGTH_M + 1.5)
    return np.array(frames)


def covered(boxes: Array) -> Array:
    """Share of each box that boxes nearer to the camera cover: of 8 × 4 points, float64[N]."""
    u, v = np.meshgrid((np.arange(4) + 0.5) / 4, (np.arange(8) + 0.5) / 8)
    size = boxes[:, 2:] - boxes[:, :2]
    points = boxes[:, None, :2] + np.stack([u.ravel(), v.ravel()], axis=1)[None] * size[:, None]
    inside = (points[:, :, None, :] > boxes[None, None, :, :2]) & (points[:, :, None, :] < boxes[None, None, :, 2:])
    nearer = boxes[None, :, 3] > boxes[:, None, 3] + 1e-9
    return np.asarray((inside.all(axis=3) & nearer[:, None, :]).any(axis=2).mean(axis=1))


def look(boxes: Array, flaws: Flaws, random: np.random.Generator, instant: datetime) -> Detections:
    """What the detector makes of a frame."""
    whole = (boxes[:, 0] >= 0) & (boxes[:, 2] <= PICTURE[0]) & (boxes[:, 3] <= PICTURE[1])
    hidden = covered(boxes)
    found = whole & (hidden < flaws.hidden) & (random.random(len(boxes)) >= flaws.missed)
    height = (boxes[:, 3] - boxes[:, 1])[:, None]
    seen = boxes + random.normal(0, flaws.jitter, boxes.shape) * height
    score = (0.75 - 0.4 * hidden + random.normal(0, 0.1, len(boxes))).clip(0.26, 0.95)
    twice = found & (random.random(len(boxes)) < flaws.double)
    shifted = seen + height * np.array([0.1, 0.0, 0.1, 0.1])
    ghosts = random.poisson(flaws.ghosts)
    corner = random.uniform((0, 100), (PICTURE[0] - 40, PICTURE[1] - 100), (ghosts, 2))
    parts = [seen[found], shifted[twice], np.concatenate([corner, corner + np.array([30.0, 80.0])], axis=1)]
    scores = [score[found], (score - 0.1)[twice], random.uniform(0.26, 0.6, ghosts)]
    xyxy = np.concatenate(parts).astype(np.float32)
    return Detections(xyxy, np.concatenate(scores).astype(np.float32), np.zeros(len(xyxy), np.uint8), instant)


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Scene]:
    """``simulate(people, seed, flaws)``: 18 s of a square of 240 m², at 5 frames a second."""
    camera = PoleCamera()
    walks: dict[tuple[int, int], Array] = {}

    def run(people: int, seed: int, flaws: Flaws) -> Scene:
        if (people, seed) not in walks:
            walks[people, seed] = walk(people, np.random.default_rng(seed))
        places = walks[people, seed]
        random = np.random.default_rng((seed, people))
        detections = [
            look(camera.boxes(at), flaws, random, NOON + timedelta(seconds=k / RATE)) for k, at in enumerate(places)
        ]
        return Scene(places, detections, camera.calibration(), camera.on_ground)

    return run


@pytest.fixture(scope="session")
def flaws() -> type[Flaws]:
    """The class, so that tests can vary it."""
    return Flaws
