"""Tracks → Positions: from px to metres on the ground."""

from passerby.edge.groundplane.homography import from_points, positions

__all__ = ["from_points", "positions"]
