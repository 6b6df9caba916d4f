"""The root of every error of a transparency log; each failure has its own class beside the code that raises it."""

from passerby.datatypes.errors import PasserbyError


class TlogError(PasserbyError):
    """Something about a log cannot be read or does not hold."""


class ParseError(TlogError):
    """Bytes that are not the canonical form of anything; subclasses say of what and why."""


class VerificationError(TlogError):
    """Well-formed bytes that prove nothing, or prove that somebody cheated."""
