"""Frame and Detections → the empty background of a camera, once it is proven to hold nobody."""

from passerby.edge.background.plate import Background

__all__ = ["Background"]
