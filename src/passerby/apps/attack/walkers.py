"""People who do not exist: tracks with a script, through the measurement of production."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.camera import Camera
from passerby.datatypes.kind import Kind
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.tracks import Tracks
from passerby.edge.groundplane import positions
from passerby.edge.measurement import Measurement

FRAME_RATE = 4.0
"""Frames a second in which the walkers are seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Walker:
    """One track. ``first``: number of the frame in which it is first seen. ``feet``: float64[T, 2] px, one a frame."""

    id: int
    first: int
    feet: NDArray[np.float64]
    kind: Kind = Kind.PERSON
    height: float = 40.0


def measure(
    walkers: Sequence[Walker],
    camera: Camera,
    mandate: Mandate,
    start: datetime,
    frames: int,
    *,
    frame_rate: float = FRAME_RATE,
) -> list[Measure]:
    """Exact values of every window from ``start`` (UTC) over ``frames`` frames in which nobody else is there."""
    measurement = Measurement(camera, mandate)
    measures = []
    for number in range(frames):
        tracks = _tracks(walkers, number, start + timedelta(seconds=number / frame_rate))
        ground = None if camera.calibration is None else positions(tracks.foot, camera.calibration)
        measures += measurement.observe(tracks, ground)
    return measures + measurement.close()


def largest_change(one: Iterable[Measure], other: Iterable[Measure]) -> dict[str, int]:
    """Σ |difference| over all cells and windows, for each family: the L1 distance between two recordings."""
    values = {(m.cell, m.window): m.value or 0 for m in one}
    changes: dict[str, int] = {}
    for m in other:
        family = m.cell.family.value
        changes[family] = changes.get(family, 0) + abs(values[m.cell, m.window] - (m.value or 0))
    return changes


def _tracks(walkers: Sequence[Walker], number: int, instant: datetime) -> Tracks:
    here = [walker for walker in walkers if 0 <= number - walker.first < len(walker.feet)]
    feet = np.array([walker.feet[number - walker.first] for walker in here]).reshape(-1, 2)
    height = np.array([walker.height for walker in here])
    boxes = np.stack([feet[:, 0] - height / 4, feet[:, 1] - height, feet[:, 0] + height / 4, feet[:, 1]], axis=1)
    ids, kinds = [walker.id for walker in here], [walker.kind for walker in here]
    return Tracks(np.array(ids, np.int64), boxes.astype(np.float32), np.array(kinds, np.uint8), instant)
