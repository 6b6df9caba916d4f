"""The baseline that every figure must beat: boxes as they come, linked from frame to frame by overlap."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from passerby.apps.evaluate.observe import Eyes, See
from passerby.apps.evaluate.scene import overlap
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.frame import Frame
from passerby.datatypes.tracks import Tracks
from passerby.edge.capture import Gap
from passerby.edge.detection import Detector
from passerby.edge.groundplane import positions
from passerby.edge.pipeline import Looked

LEAST_OVERLAP = 0.3


def naive(detector: Detector, calibration: Calibration | None) -> See:
    """The naive pipeline, for pictures of any size."""

    def see(_picture: tuple[int, int]) -> Eyes:
        return Naive(detector, calibration)

    return see


class Naive:
    """Every confident box counts at once; a box has the id of the box before that it covers by at least 0.3."""

    def __init__(self, detector: Detector, calibration: Calibration | None) -> None:
        self._detector = detector
        self._calibration = calibration
        self._boxes = np.zeros((0, 4))
        self._id = np.zeros(0, np.int64)
        self._next = 0

    def judge(self, _frame: Frame) -> Gap | None:
        """Every picture is good enough."""
        return None

    def look(self, frame: Frame) -> list[Looked]:
        """What is seen in a frame, at once."""
        found = self._detector.detect(frame)
        strong = found.score >= self._detector.spec.confident
        boxes = found.xyxy[strong].astype(np.float64)
        ids = np.arange(self._next, self._next + len(boxes))
        self._next += len(boxes)
        shared = overlap(self._boxes, boxes)
        rows, columns = linear_sum_assignment(-shared)
        good = shared[rows, columns] >= LEAST_OVERLAP
        ids[columns[good]] = self._id[rows[good]]
        self._boxes, self._id = boxes, ids
        tracks = Tracks(ids, found.xyxy[strong], found.kind[strong], frame.instant)
        return [(tracks, None if self._calibration is None else positions(tracks.foot, self._calibration))]

    def finish(self) -> list[Looked]:
        """Nothing is left."""
        return []
