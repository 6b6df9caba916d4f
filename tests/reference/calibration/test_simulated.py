"""Cameras whose truth is exact: heights 2–15 m, tilts 5–60°, fields of view 40–110°, with and without distortion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import Pinhole, calibrate
from passerby.edge.groundplane.passages import Passage

Array = NDArray[np.float64]
PICTURE = (1280, 720)
BOX_NOISE, STEP = 0.025, 0.2


@dataclass(frozen=True)
class Scene:
    """A camera, its first radial coefficient, and people who walked under it."""

    camera: Pinhole
    distortion: float
    passages: tuple[Passage, ...]

    def true_places(self, feet: Array) -> Array:
        middle = np.array(PICTURE) / 2
        seen = (feet - middle) / self.camera.focal
        straight = seen.copy()
        for _ in range(30):
            straight = seen / (1 + self.distortion * (straight**2).sum(axis=1, keepdims=True))
        return self.camera.ground(middle + straight * self.camera.focal)

    def error_m(self, camera: Pinhole) -> float:
        """Median distance of foot places from the truth, after a rigid alignment."""
        boxes = np.concatenate(self.passages)[:, 1:]
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
        true, found = self.true_places(feet), camera.ground(feet)
        a, b = true - true.mean(axis=0), found - np.nanmean(found, axis=0)
        u, _, v = np.linalg.svd(np.nan_to_num(b).T @ a)
        turned = b @ u @ np.diag([1, np.sign(np.linalg.det(u @ v))]) @ v
        return float(np.nanmedian(np.linalg.norm(turned - a, axis=1)))


def distorted(pixels: Array, camera: Pinhole, coefficient: float) -> Array:
    middle = np.array(PICTURE) / 2
    seen = (pixels - middle) / camera.focal
    return np.asarray(middle + camera.focal * seen * (1 + coefficient * (seen**2).sum(axis=1, keepdims=True)))


def walk(camera: Pinhole, places: Array, random: np.random.Generator, distortion: float) -> Passage | None:
    """Somebody walks from one visible place to another: not straight, not quite steadily, seen with noise."""
    start, end = places[random.integers(len(places), size=2)]
    way = float(np.linalg.norm(end - start))
    speed = float(np.clip(random.normal(1.34, 0.26), 0.6, 2.2))
    time = np.arange(0, way / speed, STEP)
    if way < 3 or len(time) < 11:
        return None
    share = np.clip(speed * time * (1 + 0.1 * np.sin(time / 4 + random.uniform(0, 6))) / way, 0, 1)[:, None]
    aside = np.array([start[1] - end[1], end[0] - start[0]]) / way
    path = start + (end - start) * share + aside * 0.6 * np.sin(3 * share + random.uniform(0, 6))
    tall = random.normal(1.72, 0.09)
    feet = distorted(camera.project(np.column_stack([path, np.zeros(len(path))])), camera, distortion)
    heads = distorted(camera.project(np.column_stack([path, np.full(len(path), tall)])), camera, distortion)
    size = feet[:, 1] - heads[:, 1]
    noise = random.normal(0, BOX_NOISE, (len(time), 3)) * size[:, None]
    x = (feet[:, 0] + heads[:, 0]) / 2 + noise[:, 2] / 2
    passage = np.column_stack(
        [time, x - 0.19 * size, heads[:, 1] + noise[:, 1], x + 0.19 * size, feet[:, 1] + noise[:, 0]]
    )
    low, high = passage[:, 1:3].min(axis=1), passage[:, 3:] - np.array(PICTURE)
    whole = (size > 25) & (low > 10) & (high.max(axis=1) < -10)
    passage = passage[whole]
    return passage if len(passage) > 10 and passage[-1, 0] - passage[0, 0] >= 2 else None


def any_camera(random: np.random.Generator) -> Pinhole:
    height = float(np.exp(random.uniform(np.log(2), np.log(15))))
    focal = PICTURE[0] / 2 / np.tan(np.radians(random.uniform(40, 110)) / 2)
    tilt = np.radians(random.uniform(5, 60))
    return Pinhole(PICTURE, float(focal), float(tilt), float(np.radians(random.normal(0, 2))), height)


def scene(seed: int, people: int, *, distortion: float = 0.0, camera: Pinhole | None = None) -> Scene:
    """People under a camera, or under the first one of the seed that sees whole people walk."""
    random = np.random.default_rng(seed)
    while True:
        one = camera or any_camera(random)
        places = one.ground(random.uniform([0, 0], PICTURE, (4000, 2)))
        places = places[np.linalg.norm(np.nan_to_num(places, nan=99.0), axis=1) < 45]
        walks = (walk(one, places, random, distortion) for _ in range(10 * people))
        passages = [passage for passage in walks if passage is not None][:people]
        if len(passages) == people:
            return Scene(one, distortion, tuple(passages))


def results(scenes: Sequence[Scene]) -> Array:
    """float64[N, 2]: true error and standard error, m."""
    found = [(one, calibrate(one.passages, PICTURE)) for one in scenes]
    return np.array([(one.error_m(got.camera), got.calibration.standard_error_m) for one, got in found])


@pytest.mark.parametrize(("distortion", "half", "nearly_all"), [(0.0, 1.0, 2.0), (-0.1, 1.3, 3.0)])
def test_the_standard_error_says_how_wrong_places_are(distortion: float, half: float, nearly_all: float) -> None:
    error, standard = results([scene(seed, 40, distortion=distortion) for seed in range(12)]).T
    ratio = np.sort(error / standard)
    assert ratio[5] < half
    assert ratio[10] < nearly_all
    accepted = standard <= 0.5
    assert accepted.mean() > 0.5
    assert np.median(error[accepted]) < 0.5


def test_more_people_make_it_surer() -> None:
    few, many = (results([scene(seed, people) for seed in range(100, 104)]) for people in (12, 80))
    assert np.median(many[:, 1]) < np.median(few[:, 1])


def test_a_level_camera_at_eye_height_is_refused() -> None:
    level = Pinhole(PICTURE, 1100.0, float(np.radians(2)), 0.0, 1.7)
    got = calibrate(scene(3, 20, camera=level).passages, PICTURE)
    assert got.calibration.standard_error_m > 0.5


def test_a_known_focal_length_helps() -> None:
    one = scene(11, 30)
    alone = calibrate(one.passages, PICTURE)
    told = calibrate(one.passages, PICTURE, focal=one.camera.focal)
    assert told.calibration.standard_error_m < alone.calibration.standard_error_m
    assert abs(np.degrees(told.camera.tilt - one.camera.tilt)) < 3


def test_too_few_people_are_refused() -> None:
    with pytest.raises(InvalidGeometryError, match="people who pass"):
        calibrate(scene(1, 5).passages, PICTURE)
