"""What may be told apart in a picture. The set is closed: nothing about who somebody is."""

from enum import IntEnum


class Kind(IntEnum):
    """Kinds of road user, numbered as they are stored in ``Detections.kind``."""

    PERSON = 0
    BICYCLE = 1
    MOTORCYCLE = 2
    CAR = 3
    BUS = 4
    TRUCK = 5

    @property
    def label(self) -> str:
        """Lower-case name used in cells, files and mandates."""
        return self.name.lower()
