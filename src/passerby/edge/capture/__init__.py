"""A camera's pictures → Frame, or Gap where there are none. Opens nothing without an Authorization."""

from passerby.edge.capture.clock import Clock, SystemClock
from passerby.edge.capture.gap import Gap
from passerby.edge.capture.source import CaptureError, RecordingSource, RtspSource, Source, open_stream
from passerby.edge.capture.turn import Turn

__all__ = [
    "CaptureError",
    "Clock",
    "Gap",
    "RecordingSource",
    "RtspSource",
    "Source",
    "SystemClock",
    "Turn",
    "open_stream",
]
