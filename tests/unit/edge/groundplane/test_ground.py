"""The ground of a camera at work: what is learned, when it is told, and what a move does to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.calibration import LARGEST_ERROR_M, Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.kind import Kind
from passerby.datatypes.tracks import Tracks
from passerby.edge.groundplane import Ground, GroundRecord, Pinhole, selfcalibration
from passerby.edge.groundplane.ground import EVERY, FEWEST_TOGETHER

BEGIN = datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
PICTURE = (1280, 720)
CAMERA = Pinhole(PICTURE, 1000.0, 0.5, 0.0, 6.0)
SURVEYED = Calibration(CAMERA.homography(), 0.1, "surveyed points")


@pytest.fixture(autouse=True)
def fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selfcalibration, "CANDIDATES", 1000)
    monkeypatch.setattr(selfcalibration, "FIRST", 4000)


def box(place: NDArray[np.float64], tall: float) -> list[float]:
    foot, head = CAMERA.project(np.array([[*place, 0.0], [*place, tall]]))
    half = 0.19 * (foot[1] - head[1])
    return [foot[0] - half, head[1], foot[0] + half, foot[1]]


def people(count: int, begin: datetime = BEGIN, every: float = 40.0) -> Iterator[Tracks]:
    """One person after another, three frames a second."""
    random = np.random.default_rng(4)
    for who in range(count):
        start, end = random.uniform([-4, 7], [4, 15], (2, 2))
        speed = random.normal(1.3, 0.2) * (end - start) / np.linalg.norm(end - start)
        tall = random.normal(1.72, 0.08)
        for step in range(24):
            instant = begin + timedelta(seconds=every * who + step / 3)
            xyxy = np.array([box(start + speed * step / 3, tall)], np.float32)
            yield Tracks(np.array([who], np.int64), xyxy, np.array([Kind.PERSON], np.uint8), instant)


def learned(count: int = 60) -> tuple[Ground, list[GroundRecord]]:
    kept: list[GroundRecord] = []
    ground = Ground(PICTURE, None, keep=kept.append)
    for tracks in people(count):
        ground.observe(tracks)
    return ground, kept


def test_the_camera_is_learned_and_taken_over_by_the_clock_alone() -> None:
    ground, kept = learned()
    assert ground.calibration is not None
    assert ground.calibration.standard_error_m < LARGEST_ERROR_M
    assert ground.told_error_m is not None
    assert ground.told_error_m >= ground.calibration.standard_error_m
    assert round(ground.told_error_m / 0.05, 6).is_integer()
    assert 1 <= len(kept) <= 60 * 40 / EVERY.total_seconds()


def test_a_few_people_leave_nothing_that_is_told_or_kept() -> None:
    kept: list[GroundRecord] = []
    ground = Ground(PICTURE, None, keep=kept.append)
    for tracks in people(FEWEST_TOGETHER - 1, every=60.0):
        ground.observe(tracks)
    assert ground.calibration is None
    assert ground.told_error_m is None
    assert kept == []


def test_a_crowd_is_learned_from_at_most_twice_a_minute() -> None:
    kept: list[GroundRecord] = []
    ground = Ground(PICTURE, None, keep=kept.append)
    for tracks in people(60, every=9.0):
        ground.observe(tracks)
    assert kept == []


def test_a_restart_does_not_forget() -> None:
    ground, kept = learned()
    again = Ground(PICTURE, None, known=GroundRecord.from_json(kept[-1].to_json()))
    assert ground.calibration is not None
    assert again.calibration is not None
    assert again.calibration.standard_error_m == ground.calibration.standard_error_m
    np.testing.assert_allclose(again.calibration.homography, ground.calibration.homography, rtol=1e-6)


def test_what_is_kept_says_nothing_of_anybody() -> None:
    _, kept = learned()
    values = kept[-1].to_json()
    assert set(values) == {"basis", "lapsed", "mean", "spread", "standard_error_m"}
    assert len(values["mean"]) == 5, "focal length, tilt, roll, height, lens"
    assert len(values["spread"]) == 25


def test_a_move_lapses_what_was_surveyed_and_a_restart_does_not_bring_it_back() -> None:
    kept: list[GroundRecord] = []
    ground = Ground(PICTURE, SURVEYED, keep=kept.append)
    ground.stands()
    assert ground.calibration is SURVEYED
    assert kept == []
    for _ in range(3):
        ground.moved(BEGIN)
    assert ground.calibration is None
    assert ground.lapsed == "2026-03-01T12:01:00+00:00"
    assert len(kept) == 1
    again = Ground(PICTURE, SURVEYED, known=kept[-1])
    again.stands()
    assert again.calibration is None
    other = Calibration(CAMERA.homography() * 1.5, 0.1, "surveyed points")
    other.homography[0, 2] += 0.1
    assert Ground(PICTURE, other, known=kept[-1]).calibration is other, "new points are a new calibration"


def test_a_camera_that_is_put_back_has_its_calibration_again() -> None:
    kept: list[GroundRecord] = []
    ground = Ground(PICTURE, SURVEYED, keep=kept.append)
    ground.moved(BEGIN)
    ground.stands()
    assert ground.calibration is SURVEYED
    assert kept[-1].lapsed is None


def test_a_move_that_outlives_the_run_has_the_ground_learned_anew() -> None:
    ground, kept = learned()
    ground.moved(BEGIN)
    assert ground.calibration is None
    assert kept[-1].mean is None
    again = Ground(PICTURE, None, known=kept[-1], keep=kept.append)
    assert again.calibration is None
    again.stands()
    for tracks in people(60):
        again.observe(tracks)
    assert again.calibration is not None


@pytest.mark.parametrize(
    "change", [{"mean": [1.0]}, {"spread": None}, {"standard_error_m": -1}, {"basis": None, "mean": "x"}]
)
def test_nonsense_is_no_record(change: dict[str, object]) -> None:
    _, kept = learned()
    with pytest.raises(InvalidGeometryError, match="record"):
        GroundRecord.from_json(kept[-1].to_json() | change)
