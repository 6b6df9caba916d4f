"""Who is the same as before; nobody is counted who was not seen."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from passerby.datatypes.detections import Detections
from passerby.datatypes.kind import Kind
from passerby.datatypes.tracks import Tracks
from passerby.edge.tracking import Tracker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Box = tuple[float, float, float, float]
Found = Sequence[tuple[Box, float]]


def walker(x: float, y: float = 200.0) -> Box:
    """A person 80 px tall whose foot is at (x, y)."""
    return x - 16, y - 80, x + 16, y


def run(frames: Sequence[Found], rate: float = 7.0, track_seconds: float = 1000.0) -> list[Tracks]:
    tracker = Tracker(confident=0.4, track_seconds=track_seconds)
    reported = []
    for k, found in enumerate(frames):
        boxes = np.array([box for box, _ in found], np.float32).reshape(-1, 4)
        score = np.array([s for _, s in found], np.float32)
        instant = NOON + timedelta(seconds=k / rate)
        reported += tracker.update(Detections(boxes, score, np.zeros(len(found), np.uint8), instant))
    reported += tracker.finish()
    assert [t.instant for t in reported] == [NOON + timedelta(seconds=k / rate) for k in range(len(frames))]
    return reported


def ids(reported: Sequence[Tracks]) -> list[int]:
    return list(dict.fromkeys(i for tracks in reported for i in tracks.id.tolist()))


def counts(reported: Sequence[Tracks]) -> list[int]:
    return [len(tracks.id) for tracks in reported]


@pytest.mark.parametrize("rate", [1.0, 2.5, 7.0, 25.0])
def test_a_walker_is_one_track_from_the_first_frame_to_the_last(rate: float) -> None:
    reported = run([[(walker(50 + 60 * k / rate), 0.7)] for k in range(round(6 * rate))], rate)
    assert counts(reported) == [1] * len(reported)
    assert len(ids(reported)) == 1


def test_each_frame_is_reported_two_seconds_late() -> None:
    tracker = Tracker(confident=0.4, track_seconds=1000.0)
    late = []
    for k in range(20):
        instant = NOON + timedelta(seconds=k / 5)
        found = Detections(
            np.array([walker(100)], np.float32), np.array([0.7], np.float32), np.zeros(1, np.uint8), instant
        )
        late += [(instant - tracks.instant).total_seconds() for tracks in tracker.update(found)]
    assert late == pytest.approx([2.0] * 10)


def test_a_short_occlusion_is_bridged_between_its_two_sightings() -> None:
    frames: list[Found] = [[(walker(50 + 8 * k), 0.7)] if not 20 <= k < 25 else [] for k in range(45)]
    reported = run(frames)
    assert counts(reported) == [1] * 45
    assert len(ids(reported)) == 1
    assert reported[22].foot[0, 0] == pytest.approx(50 + 8 * 22, abs=2)


def test_a_long_occlusion_keeps_the_identity_but_counts_nobody() -> None:
    frames: list[Found] = [[(walker(50 + 8 * k), 0.7)] if not 20 <= k < 38 else [] for k in range(60)]
    reported = run(frames)
    assert counts(reported) == [1] * 20 + [0] * 18 + [1] * 22
    assert len(ids(reported)) == 1


def test_a_track_that_was_silent_for_three_seconds_goes_on_under_another_id() -> None:
    """Seen too rarely to be reported, and often enough not to be lost."""
    frames: list[Found] = [[(walker(50 + k), 0.7)] if not 20 <= k < 70 or k % 9 == 0 else [] for k in range(100)]
    reported = run(frames)
    longest = max(len(silence) for silence in "".join(map(str, counts(reported))).split("1"))
    assert 21 < longest < 50
    assert len(ids(reported)) == 2


def test_somebody_whom_one_look_missed_is_counted_where_looks_are_seldom() -> None:
    """At 1 Hz, and in pairs: looks at 0, 0.6, 2, 2.6 … s, after a second of all of them."""
    frames: list[Found] = [[(walker(50 + 30 * k), 0.7)] if k != 6 else [] for k in range(12)]
    assert counts(run(frames, rate=1.0)) == [1] * 12
    tracker = Tracker(confident=0.4, track_seconds=1000.0)
    reported = []
    for k, second in enumerate([0.0, 1.0, *(2.0 * n + more for n in range(1, 10) for more in (0.0, 0.6))]):
        boxes = np.array([walker(50 + 30 * second)] if k not in (8, 13) else [], np.float32).reshape(-1, 4)
        score, kind = np.full(len(boxes), 0.7, np.float32), np.zeros(len(boxes), np.uint8)
        reported += tracker.update(Detections(boxes, score, kind, NOON + timedelta(seconds=second)))
    reported += tracker.finish()
    assert counts(reported) == [1] * 20
    assert len(ids(reported)) == 1


def test_nobody_is_counted_after_the_last_sighting() -> None:
    reported = run([[(walker(50 + 8 * k), 0.7)] if k < 15 else [] for k in range(40)])
    assert counts(reported) == [1] * 15 + [0] * 25


def test_a_flicker_never_counts() -> None:
    """Three confident frames of nobody, and a weak box that stays."""
    frames: list[Found] = [[(walker(300), 0.3)] + ([(walker(100), 0.9)] if 10 <= k < 13 else []) for k in range(40)]
    assert counts(run(frames)) == [0] * 40


def test_weak_boxes_go_on_with_a_track_that_was_confident() -> None:
    reported = run([[(walker(50 + 6 * k), 0.3 if k % 2 else 0.8)] for k in range(30)])
    assert counts(reported) == [1] * 30


def test_two_people_who_cross_keep_their_identities() -> None:
    frames: list[Found] = [[(walker(100 + 8 * k), 0.7), (walker(420 - 8 * k, 215), 0.7)] for k in range(40)]
    reported = run(frames)
    assert counts(reported) == [2] * 40
    first, last = reported[0], reported[-1]
    assert len(ids(reported)) == 2
    right = {int(i): float(x) for i, (x, _) in zip(last.id, last.foot, strict=True)}
    for number, (x, _) in zip(first.id.tolist(), first.foot.tolist(), strict=True):
        assert (right[number] > 260) == (x < 260)


def test_of_two_tracks_on_one_body_the_older_is_reported() -> None:
    frames: list[Found] = [
        [(walker(200), 0.8)] + ([((186.0, 118.0, 218.0, 200.0), 0.8)] if k >= 10 else []) for k in range(40)
    ]
    reported = run(frames)
    assert counts(reported) == [1] * 40
    assert len(ids(reported)) == 1


def test_a_track_is_cut_after_rho_and_nothing_links_the_parts() -> None:
    reported = run([[(walker(50 + 2 * k), 0.7)] for k in range(70)], track_seconds=3.0)
    assert counts(reported) == [1] * 70
    parts = [[int(t.id[0]) for t in reported].count(number) for number in ids(reported)]
    assert parts == [21, 21, 21, 7]
    again = run([[(walker(50 + 2 * k), 0.7)] for k in range(70)], track_seconds=3.0)
    assert not set(ids(again)) & set(ids(reported)), "ids are drawn at random"


def test_noise_is_smoothed() -> None:
    random = np.random.default_rng(3)
    true = [50 + 8.0 * k for k in range(60)]
    reported = run([[(walker(x + random.normal(0, 3)), 0.7)] for x in true])
    error = np.array([t.foot[0, 0] for t in reported]) - true
    assert error.std() < 2.2
    assert abs(error.mean()) < 1.0


def test_different_kinds_are_never_one_track() -> None:
    tracker = Tracker(confident=0.4, track_seconds=1000.0)
    reported = []
    for k in range(30):
        found = Detections(
            np.array([walker(100)], np.float32),
            np.array([0.8], np.float32),
            np.array([0 if k < 15 else 3], np.uint8),
            NOON + timedelta(seconds=k / 7),
        )
        reported += tracker.update(found)
    reported += tracker.finish()
    assert len(ids(reported)) == 2


@pytest.mark.parametrize("step", [0.25, 0.4])
@pytest.mark.parametrize("metres_a_second", [5.0, 9.0, 14.0])
def test_cars_that_follow_each_other_are_a_track_each(step: float, metres_a_second: float) -> None:
    """Seen from the side, 30 px a metre, a second and a half apart: they leave their own box from look to look."""
    tracker = Tracker(confident=0.4, track_seconds=1000.0)
    reported = []
    for k in range(round(8 / step)):
        front = 30 * metres_a_second * (k * step - 1.5 * np.arange(3))
        boxes = np.stack([front, np.full(3, 300.0), front + 130, np.full(3, 345.0)], axis=1).astype(np.float32)
        boxes = boxes[(front > 0) & (front < 1700)]
        score, kind = np.full(len(boxes), 0.7, np.float32), np.full(len(boxes), Kind.CAR, np.uint8)
        reported += tracker.update(Detections(boxes, score, kind, NOON + timedelta(seconds=k * step)))
    assert len(ids(reported + tracker.finish())) == 3


@pytest.mark.parametrize("metres_a_second", [1.4, 3.0])
def test_who_walks_or_runs_is_one_track_at_the_cadence_of_flow(metres_a_second: float) -> None:
    """80 px are 1.7 m."""
    step = 0.4
    reported = run([[(walker(50 + 47 * metres_a_second * step * k), 0.7)] for k in range(15)], 1 / step)
    assert counts(reported) == [1] * 15
    assert len(ids(reported)) == 1


def test_a_track_may_begin_weak() -> None:
    """Who comes nearer is found with little confidence at first, and was there all the same."""
    reported = run([[(walker(50 + 60 * k * 0.4), 0.35 if k < 4 else 0.8)] for k in range(12)], 2.5)
    assert counts(reported) == [1] * 12


def test_a_gap_forgets_everybody() -> None:
    tracker = Tracker(confident=0.4, track_seconds=1000.0)
    parts = []
    for begin in (0, 5):
        reported = []
        for k in range(20):
            instant = NOON + timedelta(seconds=begin + k / 7)
            found = Detections(
                np.array([walker(100)], np.float32), np.array([0.8], np.float32), np.zeros(1, np.uint8), instant
            )
            reported += tracker.update(found)
        parts.append(ids(reported + tracker.finish()))
    assert len(parts[0]) == len(parts[1]) == 1
    assert parts[0] != parts[1]
