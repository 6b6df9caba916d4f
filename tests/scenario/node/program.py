"""A worker whose detector does what the camera's name says: crash, hang, or see nobody."""

import ctypes
import sys
import threading

from passerby.datatypes.detections import Detections
from passerby.edge.detection import REFERENCE, Detector, read_spec
from passerby.edge.detection.detector import Prepared

LOOKS_BEFORE = 8
SPEC = """
name = "nobody"
licence = "Apache-2.0"
sha256 = "00"
input = { width = 64, height = 64, colour = "rgb", divide = 1.0, fit = "letterbox" }
head = { type = "end-to-end", threshold = 0.3, confident = 0.5, overlap = 0.5 }
classes = { 0 = "person" }
"""


class Fake(Detector):
    """``does``: what happens at the eighth picture."""

    def __init__(self, does: str) -> None:
        self.spec, self.backend = read_spec(SPEC), REFERENCE
        self._does = does
        self._looks = 0

    def find(self, prepared: Prepared) -> Detections:
        self._looks += 1
        if self._looks == LOOKS_BEFORE and self._does == "crash":
            ctypes.string_at(0)
        if self._looks == LOOKS_BEFORE and self._does == "hang":
            threading.Event().wait()
        return Detections.none(prepared.instant)


if __name__ == "__main__":
    from passerby.apps.node.worker import __main__ as program
    from passerby.apps.node.worker import camera
    from passerby.edge import probe

    probe.PROBE_LOOKS = 6
    camera._detector = lambda section, _mandate, _cadence: Fake(section.id.partition("-")[0])  # type: ignore[assignment]
    program.main(*map(int, sys.argv[1:4]))
