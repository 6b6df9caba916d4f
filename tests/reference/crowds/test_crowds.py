"""How far counts are from the truth of simulated crowds, by density and miss rate; above all, that they do not inflate.

``pytest tests/reference/crowds -s`` prints the table.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from passerby.datatypes.line import MeasurementLine
from passerby.edge.groundplane import positions
from passerby.edge.measurement import FLOW
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.lines import LineCrossings
from passerby.edge.measurement.sample import Sample
from passerby.edge.tracking import Tracker

RATE = 5.0
"""Frames a second of the simulation."""
PEOPLE, MISSED, SEEDS = (6, 20, 40, 80), (0.0, 0.1, 0.25, 0.4), range(7)
LINES_M = ((6.0, 0.0, 12.0), (10.0, 0.0, 12.0), (14.0, 0.0, 12.0))
"""Lines across the streams: x, and y from and to, in m."""
BAND_M = 0.15
NEAR_M = 2.0
AREA_M2 = 240.0


def true_crossings(places: np.ndarray) -> np.ndarray:
    """Σ over lines of changes of side beyond a band, [forward, backward], by the paths themselves."""
    total = np.zeros(2, int)
    for x, _, _ in LINES_M:
        for path in places[:, :, 0].T - x:
            sides = np.sign(path[np.abs(path) > BAND_M])
            total += [int((np.diff(sides) > 0).sum()), int((np.diff(sides) < 0).sum())]
    return total


def in_view(scene: Any) -> np.ndarray:
    """bool[frames, people]: whole in the picture, as the camera of the simulation frames it."""
    foot = scene.to_picture(scene.places.reshape(-1, 2)).reshape(scene.places.shape)
    return np.asarray((foot[..., 0] > 25) & (foot[..., 0] < 935) & (foot[..., 1] < 540))


def near_share(at: np.ndarray) -> tuple[int, int]:
    apart = np.linalg.norm(at[:, None] - at[None], axis=2) + np.eye(len(at)) * 1e9
    return int((apart.min(axis=1, initial=1e9) < NEAR_M).sum()), len(at)


def errors(scene: Any) -> dict[str, float]:
    """Counted and true sums of one scene."""
    tracker = Tracker(confident=0.42, track_seconds=1000.0)
    reported = [tracks for found in scene.detections for tracks in tracker.update(found)] + tracker.finish()
    ends = [scene.to_picture(np.array([[x, a], [x, b]])) for x, a, b in LINES_M]
    lines = tuple(
        MeasurementLine(f"line-{k}", (float(near[0]), float(near[1])), (float(far[0]), float(far[1])))
        for k, (near, far) in enumerate(ends)
    )
    counting = LineCrossings(lines, Allowance(10**9))
    crossings = {"person.forward": 0, "person.backward": 0}
    near = np.zeros(4)
    visible = in_view(scene)
    count = []
    for k, tracks in enumerate(reported):
        height = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]).astype(np.float64)
        sample = Sample(tracks.id, ["person"] * len(tracks.id), tracks.foot.astype(float), height, None, 0.2, k / RATE)
        for _, way, amount in counting.observe(sample):
            crossings[way] += amount
        ground = positions(tracks.foot, scene.calibration).xy
        near += [*near_share(ground), *near_share(scene.places[k][visible[k]])]
        count.append((len(tracks.id), int(visible[k].sum())))
    counted, true = np.array(count, float).T
    right = true_crossings(scene.places)
    return {
        "crossed": sum(crossings.values()),
        "true_crossed": int(right.sum()),
        "wrong_crossed": int(np.abs(right - list(crossings.values())).sum()),
        "counted": counted.sum(),
        "true": true.sum(),
        "wrong": np.abs(counted - true).sum(),
        "near": near[0],
        "people": near[1],
        "true_near": near[2],
        "true_people": near[3],
    }


@pytest.fixture(scope="module")
def table(simulate: Any, flaws: Any) -> dict[tuple[int, float], dict[str, float]]:
    """Sums over seven scenes for each density and miss rate: 112 scenes."""
    found = {}
    for people in PEOPLE:
        for missed in MISSED:
            scenes = [errors(simulate(people, seed, flaws(missed=missed))) for seed in SEEDS]
            found[people, missed] = {name: sum(scene[name] for scene in scenes) for name in scenes[0]}
    print("\npeople/m²  missed  counted/true  count error  crossed/true  crossing error  distancing error (points)")
    for (people, missed), sums in found.items():
        print(
            f"{people / AREA_M2:9.2f} {missed:7.2f} {sums['counted'] / sums['true']:13.3f} {wrong(sums):12.3f}"
            f" {sums['crossed'] / sums['true_crossed']:13.3f} {crossing_error(sums):15.3f} {points(sums):12.1f}"
        )
    return found


def wrong(sums: dict[str, float]) -> float:
    return sums["wrong"] / sums["true"]


def crossing_error(sums: dict[str, float]) -> float:
    return sums["wrong_crossed"] / sums["true_crossed"]


def points(sums: dict[str, float]) -> float:
    return 100 * abs(sums["near"] / sums["people"] - sums["true_near"] / sums["true_people"])


def test_there_are_more_than_a_hundred_scenes_and_thousands_of_crossings(table: Any) -> None:
    assert len(PEOPLE) * len(MISSED) * len(SEEDS) > 100
    assert sum(sums["true_crossed"] for sums in table.values()) > 3000


@pytest.mark.parametrize("missed", MISSED)
@pytest.mark.parametrize("people", PEOPLE)
def test_counts_do_not_inflate(table: Any, people: int, missed: float) -> None:
    sums = table[people, missed]
    assert sums["counted"] <= 1.03 * sums["true"]
    assert sums["crossed"] <= 1.01 * sums["true_crossed"]


LARGEST_COUNT_ERROR = {6: 0.07, 20: 0.08, 40: 0.11, 80: 0.20}
LARGEST_CROSSING_ERROR = {6: 0.05, 20: 0.06, 40: 0.09, 80: 0.20}


@pytest.mark.parametrize("missed", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("people", PEOPLE)
def test_errors_stay_small_while_a_quarter_of_the_boxes_is_missed(table: Any, people: int, missed: float) -> None:
    sums = table[people, missed]
    assert wrong(sums) <= LARGEST_COUNT_ERROR[people]
    assert crossing_error(sums) <= LARGEST_CROSSING_ERROR[people]


LARGEST_AT_FLOW = {6: (0.08, 0.05), 20: (0.07, 0.07), 40: (0.10, 0.08)}
"""Errors of counts and of crossings."""


def test_looks_as_far_apart_as_those_of_flow_lose_little(simulate: Any, flaws: Any) -> None:
    every = round(RATE * FLOW.seconds)
    assert every == 2
    print(f"\na look every {FLOW.seconds} s")
    print("people/m²  missed  counted/true  count error  crossed/true  crossing error")
    for people, (count, crossings) in LARGEST_AT_FLOW.items():
        for missed in (0.0, 0.1, 0.25):
            scenes = [simulate(people, seed, flaws(missed=missed)) for seed in range(4)]
            seldom = [replace(one, places=one.places[::every], detections=one.detections[::every]) for one in scenes]
            found = [errors(scene) for scene in seldom]
            sums = {name: sum(one[name] for one in found) for name in found[0]}
            print(
                f"{people / AREA_M2:9.2f} {missed:7.2f} {sums['counted'] / sums['true']:13.3f} {wrong(sums):12.3f}"
                f" {sums['crossed'] / sums['true_crossed']:13.3f} {crossing_error(sums):15.3f}"
            )
            assert wrong(sums) <= count
            assert crossing_error(sums) <= crossings


def counted_people(simulate: Any, flaws: Any, people: int, **wrong_in: float) -> tuple[float, float]:
    sums = errors(simulate(people, 1, flaws(**wrong_in)))
    return sums["counted"] / sums["true"], sums["crossed"] / sums["true_crossed"]


def test_two_boxes_on_one_body_are_one_person(simulate: Any, flaws: Any) -> None:
    """One body in ten has a second box, a tenth of a height away, in any frame."""
    counted, crossed = counted_people(simulate, flaws, 20, double=0.1)
    assert counted < 1.03
    assert crossed <= 1.03


def test_ghosts_everywhere_are_not_people(simulate: Any, flaws: Any) -> None:
    """Two false boxes in each frame, twenty people."""
    counted, crossed = counted_people(simulate, flaws, 20, ghosts=2.0)
    assert counted < 1.03
    assert crossed <= 1.03
