"""Frame → Verdict: whether a picture is good enough to count on, and if not, why."""

from passerby.edge.quality.quality import Quality, Verdict

__all__ = ["Quality", "Verdict"]
