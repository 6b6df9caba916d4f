"""Metres for a camera: from people who pass in a recording, or from points that somebody surveyed."""

from passerby.apps.calibrate.learn import Learned, learn

__all__ = ["Learned", "learn"]
