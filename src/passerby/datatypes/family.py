"""The closed menu: every family of numbers that a mandate may ask for."""

from enum import StrEnum


class Family(StrEnum):
    """A family of measures. Each value is an integer in the unit given by ``unit``."""

    AREA_ENTRIES = "area_entries"
    LINE_CROSSINGS = "line_crossings"
    PERSON_SECONDS = "person_seconds"
    CLOSE_PAIR_SECONDS = "close_pair_seconds"
    SPEED = "speed"
    COUNTER_PASSAGES = "counter_passages"

    @property
    def unit(self) -> str:
        """Unit of one count of the measure, as written in open data."""
        return _UNITS[self]


_UNITS = {
    Family.AREA_ENTRIES: "entries",
    Family.LINE_CROSSINGS: "crossings",
    Family.PERSON_SECONDS: "person-seconds",
    Family.CLOSE_PAIR_SECONDS: "pair-seconds",
    Family.SPEED: "tracks",
    Family.COUNTER_PASSAGES: "passages",
}
