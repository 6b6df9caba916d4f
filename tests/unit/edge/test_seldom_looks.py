"""Where looks are seldom, a box counts at a lower score where the picture shows that somebody came, and elsewhere at a
higher one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from passerby.datatypes.cadence import Cadence
from passerby.datatypes.camera import Camera
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.datatypes.place import Place
from passerby.edge.detection import REFERENCE, Detector, DetectorSpec
from passerby.edge.detection.detector import Prepared
from passerby.edge.pipeline import Sight

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
GROUND = np.repeat(np.repeat(np.random.default_rng(3).integers(60, 180, (12, 16)).astype(np.uint8), 40, 0), 40, 1)
THERE, NOWHERE = (100, 100, 160, 260), (400, 100, 460, 260)
EMPTY_SECONDS, SECONDS = 6, 12


class Told(Detector):
    """A detector that finds one box at a place, whoever is there."""

    def __init__(self, spec: DetectorSpec, box: tuple[int, int, int, int], score: float, kind: Kind) -> None:
        self.spec = replace(spec, threshold=0.2, confident=0.5)
        self.backend = REFERENCE
        self._box, self._score, self._kind = box, score, kind

    def find(self, prepared: Prepared) -> Detections:
        score, kind = np.array([self._score], np.float32), np.array([self._kind], np.uint8)
        return Detections(np.array([self._box], np.float32), score, kind, prepared.instant)


def counted(spec: DetectorSpec, box: tuple[int, int, int, int], score: float, kind: Kind = Kind.PERSON) -> list[int]:
    """Of that kind at each second; from the sixth on somebody is THERE."""
    camera = Camera("gate", "Gate", Place(59.4, 24.7), (640, 480))
    sight = Sight(camera, Told(spec, box, score, kind), track_seconds=60.0, cadence=Cadence(1.0, key_seconds=2.0))
    seen = []
    for second in range(SECONDS):
        luma = GROUND.copy()
        if second >= EMPTY_SECONDS:
            left, top, right, bottom = THERE
            luma[top:bottom, left:right] = 255 - luma[top:bottom, left:right] // 2
        grey = np.full((240, 320), 128, np.uint8)
        seen += sight.look(Frame(luma, grey, grey, BEGIN + timedelta(seconds=second)))
    return [len(tracks.id) for tracks, _ in seen + sight.finish()]


@pytest.mark.parametrize(
    ("box", "score", "people"), [(THERE, 0.45, 1), (THERE, 0.35, 0), (NOWHERE, 0.45, 0), (THERE, 0.6, 1)]
)
def test_a_likely_box_counts_where_somebody_came(bright_spec: Any, box: Any, score: float, people: int) -> None:
    late = counted(bright_spec, box, score)[EMPTY_SECONDS + 1 :]
    assert late == [people] * len(late)


@pytest.mark.parametrize(
    ("score", "kind", "number"), [(0.6, Kind.PERSON, 0), (0.7, Kind.PERSON, 1), (0.6, Kind.CAR, 1)]
)
def test_where_nothing_changed_a_person_counts_at_a_high_score_alone(
    bright_spec: Any, score: float, kind: Kind, number: int
) -> None:
    assert counted(bright_spec, NOWHERE, score, kind)[:EMPTY_SECONDS] == [number] * EMPTY_SECONDS
