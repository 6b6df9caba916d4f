"""Detections → Tracks: who is the same as in the frame before, for a while."""

from passerby.edge.tracking.tracker import Tracker

__all__ = ["Tracker"]
