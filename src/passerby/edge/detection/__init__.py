"""Frame → Detections. Any ONNX detector that a small TOML describes, run by the library that is cheapest here."""

from passerby.edge.detection.calm import Calm
from passerby.edge.detection.detector import Detector
from passerby.edge.detection.fit import PLAIN, fitted, fitted_spec
from passerby.edge.detection.load import ready
from passerby.edge.detection.runtime import REFERENCE, Backend, backends, versions
from passerby.edge.detection.spec import DetectorSpec, DetectorSpecError, read_spec
from passerby.edge.detection.stillness import StillThings
from passerby.edge.detection.trial import Trial, best, try_all

__all__ = [
    "PLAIN",
    "REFERENCE",
    "Backend",
    "Calm",
    "Detector",
    "DetectorSpec",
    "DetectorSpecError",
    "StillThings",
    "Trial",
    "backends",
    "best",
    "fitted",
    "fitted_spec",
    "read_spec",
    "ready",
    "try_all",
    "versions",
]
