"""Cameras whose truth is exact, and people who walk under them and are seen as a detector sees them.

Heights 2–15 m, tilts 5–60°, fields of view 40–110°, lenses that bend a little; 12 to 100 people. They walk freely or
along a street, not straight and not steadily; some stop, some are children; a town is taller or smaller than the mean.
Boxes err with noise that lasts about a second, and each person's a little in his own way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.edge.groundplane import Pinhole
from passerby.edge.groundplane.passages import Passage

Array = NDArray[np.float64]
PICTURE = (1280, 720)
STEP, FARTHEST_M = 0.2, 45.0


@dataclass(frozen=True)
class Scene:
    """A camera, its first radial coefficient, and people who walked under it."""

    camera: Pinhole
    lens: float
    passages: tuple[Passage, ...]

    def true_places(self, feet: Array) -> Array:
        """float64[N, 2] m."""
        middle = np.array(PICTURE) / 2
        seen = (feet - middle) / self.camera.focal
        straight = seen.copy()
        for _ in range(30):
            straight = seen / (1 + self.lens * (straight**2).sum(axis=1, keepdims=True))
        return self.camera.ground(middle + straight * self.camera.focal)

    def error_m(self, camera: Pinhole) -> float:
        """Median distance of foot places from the truth, after a rigid alignment."""
        boxes = np.concatenate(self.passages)[:, 1:]
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
        true, found = self.true_places(feet), camera.ground(feet)
        seen = np.isfinite(true).all(axis=1) & np.isfinite(found).all(axis=1)
        a, b = true[seen] - true[seen].mean(axis=0), found[seen] - found[seen].mean(axis=0)
        u, _, v = np.linalg.svd(b.T @ a)
        turned = b @ u @ np.diag([1, np.sign(np.linalg.det(u @ v))]) @ v
        return float(np.median(np.linalg.norm(turned - a, axis=1)))


def scene(seed: int, people: int | None = None, *, camera: Pinhole | None = None) -> Scene:
    """The scene of a seed: under ``camera``, or under the first one that sees enough whole people walk."""
    random = np.random.default_rng(seed)
    while True:
        one = camera or _any_camera(random)
        lens = float(random.normal(0, 0.05))
        walkers = _Walkers(one, lens, random)
        wanted = people or int(np.exp(random.uniform(np.log(12), np.log(100))))
        passages = [passage for _ in range(12 * wanted) if (passage := walkers.pass_by()) is not None][:wanted]
        if len(passages) == wanted:
            return Scene(one, lens, tuple(passages))


def _any_camera(random: np.random.Generator) -> Pinhole:
    height = float(np.exp(random.uniform(np.log(2), np.log(15))))
    focal = PICTURE[0] / 2 / np.tan(np.radians(random.uniform(40, 110)) / 2)
    tilt = np.radians(random.uniform(5, 60))
    return Pinhole(PICTURE, float(focal), float(tilt), float(np.radians(random.normal(0, 2))), height)


class _Walkers:
    """The people of one town under one camera."""

    def __init__(self, camera: Pinhole, lens: float, random: np.random.Generator) -> None:
        self._camera, self._lens, self._random = camera, lens, random
        self._noise = random.uniform(0.02, 0.04)
        self._tall = random.normal(1.72, 0.035)
        self._street = random.uniform(0, np.pi) if random.random() < 0.4 else None
        places = camera.ground(random.uniform([0, 0], PICTURE, (4000, 2)))
        self._places = places[np.linalg.norm(np.nan_to_num(places, nan=99.0), axis=1) < FARTHEST_M]

    def pass_by(self) -> Passage | None:
        """One walk; None where too little of it is seen."""
        if len(self._places) < 10:
            return None
        random = self._random
        path = self._path()
        if path is None:
            return None
        tall = random.normal(self._tall, 0.09) if random.random() > 0.08 else random.uniform(1.0, 1.5)
        feet, heads = self._seen(path, 0.0), self._seen(path, tall)
        size = feet[:, 1] - heads[:, 1]
        if not np.isfinite(size).all():
            return None
        error = self._lasting(len(path), 3, 1.0) * self._noise + np.append(random.normal(0, 0.02, 2), 0.0)
        error *= size[:, None]
        x = (feet[:, 0] + heads[:, 0] + error[:, 2]) / 2
        top, bottom, half = heads[:, 1] + error[:, 1], feet[:, 1] + error[:, 0], 0.19 * size
        passage = np.column_stack([STEP * np.arange(len(path)), x - half, top, x + half, bottom])
        inside = (passage[:, 1:3].min(axis=1) > 10) & ((passage[:, 3:] - np.array(PICTURE)).max(axis=1) < -10)
        passage = passage[inside & (size > 25)]
        return passage if len(passage) > 10 and passage[-1, 0] - passage[0, 0] >= 2 else None

    def _path(self) -> Array | None:
        random = self._random
        start, end = self._places[random.integers(len(self._places), size=2)]
        way = float(np.linalg.norm(end - start))
        if self._street is not None:
            along = random.choice([-1, 1]) * np.array([np.cos(self._street), np.sin(self._street)])
            end = start + way * along + random.normal(0, 0.05 * way, 2)
            way = float(np.linalg.norm(end - start))
        usual = float(np.clip(random.normal(1.34, 0.26), 0.5, 2.4))
        count = int(way / usual / STEP)
        if way < 3 or count < 11:
            return None
        speed = usual * np.exp(0.12 * self._lasting(count, 1, 3.0)[:, 0])
        if random.random() < 0.15:
            halt = random.integers(count)
            speed[halt : halt + random.integers(10, 40)] *= 0.05
        share = np.clip(np.cumsum(speed) * STEP / way, 0, 1)[:, None]
        aside = np.array([start[1] - end[1], end[0] - start[0]]) / way
        return np.asarray(start + (end - start) * share + aside * 0.6 * np.sin(3 * share + random.uniform(0, 6)))

    def _seen(self, path: Array, height: float) -> Array:
        middle = np.array(PICTURE) / 2
        straight = self._camera.project(np.column_stack([path, np.full(len(path), height)]))
        seen = (straight - middle) / self._camera.focal
        bent = seen * (1 + self._lens * (seen**2).sum(axis=1, keepdims=True))
        return np.asarray(middle + self._camera.focal * bent)

    def _lasting(self, count: int, columns: int, seconds: float) -> Array:
        """Standard normal noise that lasts: autoregressive of first order."""
        stays = np.exp(-STEP / seconds)
        noise = self._random.normal(0, 1, (count, columns))
        for row in range(1, count):
            noise[row] = stays * noise[row - 1] + np.sqrt(1 - stays**2) * noise[row]
        return noise
