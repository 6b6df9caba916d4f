"""Twin recordings: the same scene with one person less, through the real tracker and measurement.

A track's cap bounds what its own record adds. A body does more: it hides others and breaks their tracks. So the change
is measured, and stands beside what is declared.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from unittest.mock import patch
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from passerby.apps.attack.target import Target
from passerby.apps.attack.walkers import largest_change
from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.truth import Truth
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.detections import Detections
from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.tracks import Tracks
from passerby.edge.groundplane import from_points, positions
from passerby.edge.measurement import Measurement
from passerby.edge.tracking import Tracker

HIDDEN = 0.6
"""Share of a box behind a nearer one from which on its person is not detected."""

TRACK_SECONDS = 60
CAPS: Mapping[Family, int] = MappingProxyType(
    {
        Family.AREA_ENTRIES: 2,
        Family.LINE_CROSSINGS: 2,
        Family.PERSON_SECONDS: 60,
        Family.CLOSE_PAIR_SECONDS: 60,
        Family.SPEED: 1,
    }
)
START = datetime(2001, 1, 1, tzinfo=UTC)
Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Where everybody was. ``boxes``: by person, then by frame, xyxy px. ``camera``: with its areas and lines."""

    name: str
    camera: Camera
    frame_rate: float
    frames: int
    boxes: Mapping[int, Mapping[int, Boxes]]


@dataclass(frozen=True, slots=True)
class Change:
    """The largest change by one person of a family. ``tracks``: how many tracks that person left there.

    ``change``: Σ |difference| over all cells and windows. ``twins``: how many pairs of recordings were compared.
    """

    recording: str
    family: Family
    change: int
    tracks: int
    twins: int
    above: int
    """How many of the twins changed more than the cap allows to the tracks of the person left out."""


def by_records(recording: Recording) -> list[Change]:
    """Tracks are the truth, cut after ρ: what the caps bound."""
    return _largest(
        recording,
        {person: _measure(recording, _true_tracks(recording, {person})) for person in _everybody(recording)},
        _measure(recording, _true_tracks(recording, set())),
        {p: 1 + max(_pieces(recording, p).values()) for p in _everybody(recording)},
    )


def by_bodies(recording: Recording) -> list[Change]:
    """People are detected where nobody nearer hides them, and tracked: what a body changes."""
    found, absent = {}, {}
    with_all = list(_tracked(recording, set()))
    for person in _everybody(recording):
        absent[person] = _measure(recording, _tracked(recording, {person}))
        found[person] = len(_ids_on(recording, person, with_all))
    return _largest(recording, absent, _measure(recording, with_all), found)


def square(seed: int, people: int = 14, seconds: int = 75, frame_rate: float = 5.0) -> Recording:
    """A simulated square, seen from a mast: people who cross it, meet and loiter."""
    random = np.random.default_rng(seed)
    frames = int(seconds * frame_rate)
    boxes: dict[int, dict[int, Boxes]] = {}
    for person in range(people):
        start, goal = random.uniform((0, 150), (800, 600), (2, 2))
        first = int(random.integers(0, frames // 2))
        walk = np.linspace(start, goal, int(random.integers(20, 60) * frame_rate))
        feet = walk + np.cumsum(random.normal(0, 0.6, walk.shape), axis=0)
        height = 40 + 0.12 * feet[:, 1]
        box = np.stack([feet[:, 0] - height / 5, feet[:, 1] - height, feet[:, 0] + height / 5, feet[:, 1]], axis=1)
        boxes[person] = {first + k: box[k] for k in range(len(box)) if first + k < frames}
    area = MeasurementArea("area", ((200.0, 250.0), (600.0, 250.0), (600.0, 500.0), (200.0, 500.0)))
    line = MeasurementLine("line", (400.0, 100.0), (400.0, 600.0))
    ground = Calibration(np.diag([0.03, 0.03, 1.0]), 0.1, "simulated")
    camera = Camera("twins", "twins", Place(0, 0), (800, 600), (line,), (area,), ground)
    return Recording(f"simulated square {seed}", camera, frame_rate, frames, boxes)


def from_truth(name: str, truth: Truth, mandate: Mandate, frame_rate: float) -> Recording:
    """A recording with truth in the MOT format, with the areas and lines of a mandate for its camera.

    Raises EvaluationError where the truth does not say where people stand on the ground.
    """
    if not truth.has_ground:
        raise EvaluationError("truth has no ground", expected="X, Y in metres, as 3D MOT 2015 has them")
    drawn = Target.of(mandate).camera
    feet = np.stack([(truth.xyxy[:, 0] + truth.xyxy[:, 2]) / 2, truth.xyxy[:, 3]], axis=1)
    known = truth.counts & np.isfinite(truth.ground).all(axis=1)
    some = np.flatnonzero(known)[:: max(1, int(known.sum()) // 200)]
    ground = from_points(feet[some].tolist(), truth.ground[some].tolist(), standard_error_m=0.1)
    boxes: dict[int, dict[int, Boxes]] = {}
    for frame, person, box in zip(
        truth.frame[truth.counts], truth.id[truth.counts], truth.xyxy[truth.counts], strict=True
    ):
        boxes.setdefault(int(person), {})[int(frame) - 1] = box
    camera = replace(drawn, calibration=ground)
    return Recording(name, camera, frame_rate, int(truth.frame.max()), boxes)


def worst_of(changes: Iterable[Change], name: str) -> list[Change]:
    """The largest change of each family over several recordings."""
    best: dict[Family, Change] = {}
    for one in changes:
        before = best.get(one.family)
        if before is None:
            best[one.family] = replace(one, recording=name)
            continue
        larger = max(before, one, key=lambda change: change.change)
        best[one.family] = replace(
            larger, recording=name, twins=before.twins + one.twins, above=before.above + one.above
        )
    return list(best.values())


def _largest(
    recording: Recording, absent: Mapping[int, list[Measure]], there: list[Measure], tracks: Mapping[int, int]
) -> list[Change]:
    changes = {person: largest_change(there, without) for person, without in absent.items()}
    found = []
    for family, cap in CAPS.items():
        most = max(changes, key=lambda person: changes[person][family])
        above = sum(changes[person][family] > cap * tracks[person] for person in changes)
        found.append(Change(recording.name, family, changes[most][family], tracks[most], len(changes), above))
    return found


def _measure(recording: Recording, tracks: Iterable[Tracks]) -> list[Measure]:
    measurement = Measurement(recording.camera, _mandate(recording.camera))
    measures: list[Measure] = []
    with _steady():
        for one in tracks:
            calibration = recording.camera.calibration
            ground = None if calibration is None else positions(one.foot, calibration)
            measures += measurement.observe(one, ground)
        measures += measurement.observe(_none(recording.frames + 30, recording), None)
        return measures + measurement.close()


@contextmanager
def _steady() -> Iterator[None]:
    """The random part of a second with which a stay begins, held still: it is independent for each track."""
    with patch("random.random", return_value=0.5):
        yield


def _true_tracks(recording: Recording, without: set[int]) -> Iterator[Tracks]:
    pieces = {person: _pieces(recording, person) for person in recording.boxes}
    for frame in range(recording.frames):
        here = [(p, b[frame]) for p, b in recording.boxes.items() if p not in without and frame in b]
        ids = [1000 * p + pieces[p][frame] for p, _ in here]
        yield _tracks(ids, [box for _, box in here], _instant(recording, frame))


def _tracked(recording: Recording, without: set[int]) -> Iterator[Tracks]:
    tracker = Tracker(confident=0.5, track_seconds=TRACK_SECONDS)
    for frame in range(recording.frames):
        here = [b[frame] for p, b in recording.boxes.items() if p not in without and frame in b]
        seen = np.array([box for box in here if not _hidden(box, here)], np.float32).reshape(-1, 4)
        score, kind = np.full(len(seen), 0.9, np.float32), np.full(len(seen), Kind.PERSON, np.uint8)
        yield from tracker.update(Detections(seen, score, kind, _instant(recording, frame)))
    yield from tracker.finish()


def _hidden(box: Boxes, others: Sequence[Boxes]) -> bool:
    """Whether somebody whose feet are nearer to the camera covers most of the box."""
    size = (box[2] - box[0]) * (box[3] - box[1])
    for other in others:
        if other[3] > box[3]:
            width = min(box[2], other[2]) - max(box[0], other[0])
            height = min(box[3], other[3]) - max(box[1], other[1])
            if width > 0 and height > 0 and width * height >= HIDDEN * size:
                return True
    return False


def _ids_on(recording: Recording, person: int, tracks: Iterable[Tracks]) -> set[int]:
    """Ids of the tracks whose feet were on a person's, within a quarter of the height."""
    ids: set[int] = set()
    for one in tracks:
        frame = round((one.instant - START).total_seconds() * recording.frame_rate)
        box = recording.boxes[person].get(frame)
        if box is not None and len(one.id):
            feet = np.array([(box[0] + box[2]) / 2, box[3]])
            near = np.linalg.norm(one.foot - feet, axis=1) < (box[3] - box[1]) / 4
            ids |= set(one.id[near].tolist())
    return ids


def _everybody(recording: Recording) -> list[int]:
    return sorted(recording.boxes)


def _pieces(recording: Recording, person: int) -> dict[int, int]:
    """Number of the track that a person is by truth, by frame: cut after ρ, and where it was unseen for 2 s."""
    frames = sorted(recording.boxes[person])
    piece, born, last = 0, frames[0], frames[0]
    pieces = {}
    for frame in frames:
        if frame - last > 2 * recording.frame_rate or frame - born >= TRACK_SECONDS * recording.frame_rate:
            piece, born = piece + 1, frame
        pieces[frame], last = piece, frame
    return pieces


def _tracks(ids: list[int], boxes: list[Boxes], instant: datetime) -> Tracks:
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return Tracks(np.array(ids, np.int64), xyxy, np.full(len(ids), Kind.PERSON, np.uint8), instant)


def _none(frame: int, recording: Recording) -> Tracks:
    return _tracks([], [], _instant(recording, frame))


def _instant(recording: Recording, frame: int) -> datetime:
    return START + timedelta(seconds=frame / recording.frame_rate)


def _mandate(camera: Camera) -> Mandate:
    """All families of cameras, with the caps of the plan, in windows of 15 s."""
    name = camera.id
    areas, lines = [area.id for area in camera.areas], [line.id for line in camera.lines]
    cells = [Cell(name, family, a, "person") for a in areas for family in (Family.AREA_ENTRIES, Family.PERSON_SECONDS)]
    cells += [Cell(name, Family.LINE_CROSSINGS, n, f"person.{way}") for n in lines for way in ("forward", "backward")]
    cells += [Cell(name, Family.CLOSE_PAIR_SECONDS, "ground", distance) for distance in ("1.0m", "2.0m")]
    cells += [Cell(name, Family.SPEED, "ground", category) for category in ("0.0-1.0", "1.0-up")]
    return Mandate(
        hash="0" * 64,
        id="twins",
        title="Twin recordings",
        starts=START,
        expires=START + timedelta(days=1),
        notice_seconds=1,
        zone=ZoneInfo("UTC"),
        hours=(0, 24),
        cells=tuple(sorted(cells)),
        budgets={family: FamilyBudget(family, Fraction(1), cap) for family, cap in CAPS.items()},
        resolutions=(Resolution(15, Fraction(1)),),
        tracks=1,
        track_seconds=TRACK_SECONDS,
        sensor_cap=Fraction(len(CAPS)),
        background_plate=False,
        archive=None,
        document={},
    )
