"""Tracks and Positions → Measure: exact integers on the public grid, capped per track."""

from passerby.edge.measurement.cadence import FLOW, OCCUPANCY, cadence_for
from passerby.edge.measurement.window import METRIC, Measurement, OpenWindow

__all__ = ["FLOW", "METRIC", "OCCUPANCY", "Measurement", "OpenWindow", "cadence_for"]
