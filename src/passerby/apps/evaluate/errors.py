"""What can be wrong with an evaluation."""

from passerby.datatypes.errors import PasserbyError


class EvaluationError(PasserbyError):
    """The video, the truth or the geometry cannot be used together."""
