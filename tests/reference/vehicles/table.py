"""In how many frames a car seen from straight above is found: ``python -m tests.reference.vehicles.table``."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from passerby.apps.assets.entries import find
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.edge.background.picture import reduced, to_frame
from passerby.edge.capture.decoder import decode
from passerby.edge.detection import Detector, read_spec

SHARED = Path(__file__).parents[4] / "shared"
CLIP, OTHER = SHARED / "footage/car-detection.mp4", SHARED / "models/yolox_nano.onnx"
EVERY, CHANGED_LEVELS, CHANGED_SHARE, GREY = 5, 25, 0.08, 105
SIZES = (1.0, 0.5, 0.25)


def with_a_car() -> list[Frame]:
    """Every fifth frame of the clip of which at least 8 % differs from the empty car park."""
    frames = list(decode(str(CLIP), datetime(2026, 1, 1, tzinfo=UTC), frame_rate=None))
    frames = frames[::EVERY]
    luma = np.stack([frame.luma[::4, ::4] for frame in frames]).astype(np.float32)
    changed = (np.abs(luma - np.median(luma, axis=0)) > CHANGED_LEVELS).mean(axis=(1, 2))
    return [frame for frame, share in zip(frames, changed, strict=True) if share > CHANGED_SHARE]


def smaller(frame: Frame, size: float) -> Frame:
    """The picture at a share of its size, on grey."""
    picture = reduced(frame)
    canvas = np.full_like(picture, GREY)
    small = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    canvas[: small.shape[0], : small.shape[1]] = small
    return to_frame(canvas, frame.instant)


def rows() -> Iterator[str]:
    """Lines of the table in the model card."""
    embedded, other = find("embedded"), find("yolox-nano")
    detectors = {
        "nanodet": Detector(read_spec(embedded.text), embedded.path.read_bytes()),
        "yolox-nano": Detector(replace(read_spec(other.text), threshold=0.25), OTHER.read_bytes()),
    }
    frames = with_a_car()
    for name, detector in detectors.items():
        found = [sum(_finds(detector, smaller(frame, size)) for frame in frames) for size in SIZES]
        yield f"| {name} | " + " | ".join(f"{number} of {len(frames)}" for number in found) + " |"


def _finds(detector: Detector, frame: Frame) -> bool:
    return bool((detector.detect(frame).kind != Kind.PERSON).any())


if __name__ == "__main__":
    print("\n".join(rows()))
