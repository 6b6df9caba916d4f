"""Frame → Detections. Any ONNX detector that a small TOML describes."""

from passerby.edge.detection.detector import Detector
from passerby.edge.detection.spec import DetectorSpec, DetectorSpecError, read_spec

__all__ = ["Detector", "DetectorSpec", "DetectorSpecError", "read_spec"]
