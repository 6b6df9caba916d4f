"""Tracks and Positions → Measure: exact integers on the public grid, capped per track."""

from passerby.edge.measurement.window import Measurement

__all__ = ["Measurement"]
