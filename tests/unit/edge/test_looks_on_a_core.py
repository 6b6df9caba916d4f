"""Whoever looks with the processor holds its core; a look that a GPU works on leaves it to others."""

from dataclasses import replace
from datetime import UTC, datetime
from threading import get_ident

import numpy as np
import pytest

from passerby.datatypes.camera import Camera
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.place import Place
from passerby.edge.detection import REFERENCE, Detector, DetectorSpec
from passerby.edge.detection.detector import Prepared
from passerby.edge.pipeline import Sight
from passerby.machine import Core


class Watching(Detector):
    """Tells who held the core while it looked."""

    def __init__(self, spec: DetectorSpec, device: str, core: Core) -> None:
        self.spec, self.backend = spec, replace(REFERENCE, device=device)
        self._core = core
        self.holder: int | None = -1

    def find(self, prepared: Prepared) -> Detections:
        self.holder = self._core._holder
        return Detections.none(prepared.instant)


@pytest.mark.parametrize(("device", "holds"), [("cpu", True), ("cuda", False)])
def test_the_core_is_held_while_it_works(bright_spec: DetectorSpec, device: str, holds: bool) -> None:
    core = Core()
    detector = Watching(bright_spec, device, core)
    sight = Sight(Camera("gate", "Gate", Place(59.4, 24.7), (64, 64)), detector, track_seconds=60.0, core=core)
    grey = np.full((32, 32), 128, np.uint8)
    core.take()
    sight.look(Frame(np.full((64, 64), 90, np.uint8), grey, grey, datetime(2026, 1, 1, tzinfo=UTC)))
    assert detector.holder == (get_ident() if holds else None)
    assert core.give(), "it goes on with its picture"
