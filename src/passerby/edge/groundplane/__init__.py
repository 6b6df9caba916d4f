"""Tracks → Positions: from px to metres on the ground."""

from passerby.edge.groundplane.ground import Ground, Keep
from passerby.edge.groundplane.homography import from_points, positions, to_ground
from passerby.edge.groundplane.passages import Passages
from passerby.edge.groundplane.pinhole import Pinhole
from passerby.edge.groundplane.record import GroundRecord
from passerby.edge.groundplane.scale import pixels_per_metre
from passerby.edge.groundplane.selfcalibration import SelfCalibration, SelfCalibrator, calibrate

__all__ = [
    "Ground",
    "GroundRecord",
    "Keep",
    "Passages",
    "Pinhole",
    "SelfCalibration",
    "SelfCalibrator",
    "calibrate",
    "from_points",
    "pixels_per_metre",
    "positions",
    "to_ground",
]
