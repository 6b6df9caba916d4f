"""Why a number is missing. A gap is a gap, never a zero."""

from enum import StrEnum


class Outage(StrEnum):
    """Cause of a window without a number; the set is closed."""

    NO_SIGNAL = "no-signal"
    NO_LIGHT = "no-light"
    COVERED = "covered"
    FROZEN = "frozen"
    MOVED = "moved"
    BLURRED = "blurred"
    UNCALIBRATED = "uncalibrated"
    RESTART = "restart"
    OVERLOAD = "overload"
    NOT_MANDATED = "not-mandated"
    NOT_INSTALLED = "not-installed"
    NO_REPORT = "no-report"
