"""Run a detector on a frame."""

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.detections import Detections
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.frame import Frame
from passerby.edge.detection.heads import Boxes, decode
from passerby.edge.detection.load import load
from passerby.edge.detection.picture import to_input
from passerby.edge.detection.runtime import REFERENCE, Backend
from passerby.edge.detection.spec import DetectorSpec


class DetectorError(PasserbyError):
    """The model cannot be run."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prepared:
    """A frame as the network takes it. ``picture``: uint8[H, W, 3]. ``scale``: from its px to px of the frame, x and y.
    ``size``: width and height of the frame, px."""

    picture: NDArray[np.uint8]
    scale: tuple[float, float]
    size: tuple[int, int]
    instant: datetime


class Detector:
    """An ONNX model and its description; keeps nothing of any frame. Cameras may share it, each in its thread."""

    def __init__(self, spec: DetectorSpec, model: bytes, backend: Backend = REFERENCE) -> None:
        """Load a model, as ``ready`` makes it for the backend. Raises DetectorError."""
        try:
            self._runtime = load(model, backend, spec.divide, (spec.width, spec.height))
        except Exception as error:
            raise DetectorError(
                f"detector {spec.name} does not load in {backend.runtime}",
                expected="an ONNX model",
                came=type(error).__name__,
                remedy="Fetch it again: passerby models get.",
            ) from error
        self.spec = spec
        self.backend = backend

    def detect(self, frame: Frame) -> Detections:
        """Boxes in px of the frame, kinds of the closed set only. Raises HeadError where the model is another one."""
        return self.find(self.prepare(frame))

    def prepare(self, frame: Frame) -> Prepared:
        """What ``find`` needs of a frame: small, and quickly made while the frame is in the caches."""
        return Prepared(*to_input(frame, self.spec), frame.size, frame.instant)

    def find(self, prepared: Prepared) -> Detections:
        """As ``detect`` does."""
        outputs = self._runtime.run(prepared.picture[None])
        boxes, score, number = self._suppress(decode(outputs, self.spec))
        xyxy = boxes * np.array(prepared.scale * 2, np.float32)
        np.clip(xyxy, 0, np.array(prepared.size * 2, np.float32), out=xyxy)
        kind = np.array([self.spec.classes[int(n)] for n in number], np.uint8)
        return Detections(xyxy, score, kind, prepared.instant)

    def at(self, threshold: float) -> "Detector":
        """The same model with another lowest score."""
        sibling = copy(self)
        sibling.spec = replace(self.spec, threshold=threshold)
        return sibling

    def _suppress(self, found: Boxes) -> Boxes:
        boxes, score, number = found
        if not len(boxes) or self.spec.head == "end-to-end":
            return found
        sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
        kept = cv2.dnn.NMSBoxesBatched(
            sides.tolist(), score.tolist(), number.tolist(), self.spec.threshold, self.spec.overlap
        )
        keep = np.asarray(kept, np.int64).reshape(-1)
        return boxes[keep], score[keep], number[keep]
