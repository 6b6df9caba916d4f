"""What limits each figure: the truth put in the place of one stage at a time."""

from datetime import datetime

import numpy as np

from passerby.apps.evaluate.matching import pair
from passerby.apps.evaluate.observe import BEGIN, Eyes, See, production
from passerby.apps.evaluate.scene import Seen
from passerby.apps.evaluate.truth import Truth
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.datatypes.tracks import Tracks
from passerby.edge.capture import Gap
from passerby.edge.detection import REFERENCE, Detector, DetectorSpec
from passerby.edge.detection.detector import Prepared
from passerby.edge.groundplane import positions
from passerby.edge.pipeline import Looked


def with_true_boxes(truth: Truth, detector: Detector, calibration: Calibration | None, rate: float) -> See:
    """Production, with a detector that finds everybody, exactly: what is left is the tracker's."""
    return production(_TrueBoxes(truth, detector.spec, rate), calibration)


def with_true_identities(truth: Truth, detector: Detector, calibration: Calibration | None, rate: float) -> See:
    """The detector's confident boxes, each with the id of the person that it covers: what is left is the detector's."""

    def see(_picture: tuple[int, int]) -> Eyes:
        return _TrueIdentities(truth, detector, calibration, rate)

    return see


class _TrueBoxes(Detector):
    def __init__(self, truth: Truth, spec: DetectorSpec, rate: float) -> None:
        self.spec, self.backend = spec, REFERENCE
        self._truth, self._rate = truth, rate

    def prepare(self, frame: Frame) -> Prepared:
        return Prepared(np.zeros((0, 0, 3), np.uint8), (1.0, 1.0), frame.size, frame.instant)

    def find(self, prepared: Prepared) -> Detections:
        people = self._truth.at(number_of(prepared.instant, self._rate), 0.0)
        count = len(people.id)
        xyxy = people.xyxy.astype(np.float32)
        return Detections(xyxy, np.ones(count, np.float32), np.full(count, Kind.PERSON, np.uint8), prepared.instant)


class _TrueIdentities:
    def __init__(self, truth: Truth, detector: Detector, calibration: Calibration | None, rate: float) -> None:
        self._truth = truth
        self._detector = detector
        self._calibration = calibration
        self._rate = rate
        self._strangers = 0

    def judge(self, _frame: Frame) -> Gap | None:
        return None

    def look(self, frame: Frame) -> list[Looked]:
        found = self._detector.detect(frame)
        strong = (found.score >= self._detector.spec.confident) & (found.kind == Kind.PERSON)
        boxes = found.xyxy[strong]
        ids = -1 - np.arange(self._strangers, self._strangers + len(boxes))
        self._strangers += len(boxes)
        seen = Seen(ids, boxes.astype(np.float64), np.full((len(boxes), 2), np.nan), 0.0)
        true = self._truth.at(number_of(frame.instant, self._rate), 0.0)
        rows, columns = pair(true, seen).matches()
        ids[columns] = true.id[rows]
        tracks = Tracks(ids, boxes, found.kind[strong], frame.instant)
        return [(tracks, None if self._calibration is None else positions(tracks.foot, self._calibration))]

    def finish(self) -> list[Looked]:
        return []


def number_of(instant: datetime, rate: float) -> int:
    """Number of the frame of an instant, from 1."""
    return round((instant - BEGIN).total_seconds() * rate) + 1
