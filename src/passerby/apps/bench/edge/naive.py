"""The named baseline: what most programs do. Needs ONNX Runtime, OpenCV and NumPy alone."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from passerby.edge.detection.heads import Boxes
from passerby.edge.detection.heads import decode as boxes_of
from passerby.edge.detection.spec import DetectorSpec

GREY = 114
Picture = NDArray[np.uint8]
Detect = Callable[[Picture], Boxes]


@dataclass(frozen=True, slots=True)
class Naive:
    """A full-size BGR picture goes through the detector at its full input: ONNX Runtime, 32-bit numbers, one thread."""

    session: onnxruntime.InferenceSession
    spec: DetectorSpec

    @classmethod
    def of(cls, spec: DetectorSpec, model: bytes) -> "Naive":
        """Load the model with one thread."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return cls(onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]), spec)

    def detect(self, picture: Picture) -> Boxes:
        """Boxes in px of ``picture``, uint8[H, W, 3]."""
        width, height = self.spec.width, self.spec.height
        shrink = min(width / picture.shape[1], height / picture.shape[0])
        inner = cv2.resize(picture, None, fx=shrink, fy=shrink)
        padded = np.full((height, width, 3), GREY, np.uint8)
        padded[: inner.shape[0], : inner.shape[1]] = inner
        if self.spec.colour == "rgb":
            padded = cv2.cvtColor(padded, cv2.COLOR_BGR2RGB)
        blob = (padded.transpose(2, 0, 1)[None] / np.float32(self.spec.divide)).astype(np.float32)
        outputs = self.session.run(None, {self.session.get_inputs()[0].name: blob})
        boxes, score, number = boxes_of(outputs, self.spec)
        kept = cv2.dnn.NMSBoxes(
            np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist(),
            score.tolist(),
            self.spec.threshold,
            self.spec.overlap,
        )
        keep = np.asarray(kept, np.int64).reshape(-1)
        return boxes[keep] / np.float32(shrink), score[keep], number[keep]
