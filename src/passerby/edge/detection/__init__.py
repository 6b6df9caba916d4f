"""Frame → Detections. Any ONNX detector that a small TOML describes."""

from passerby.edge.detection.detector import Detector
from passerby.edge.detection.fit import fitted
from passerby.edge.detection.spec import DetectorSpec, DetectorSpecError, read_spec
from passerby.edge.detection.stillness import StillThings

__all__ = ["Detector", "DetectorSpec", "DetectorSpecError", "StillThings", "fitted", "read_spec"]
