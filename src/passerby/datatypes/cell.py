"""One place of the public grid: which number, of what, where."""

from dataclasses import dataclass

from passerby.datatypes.camera import check_identifier
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.family import Family


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A number that is published for every window, zeros included.

    ``sensor``: camera or counter id. ``subject``: line, area or counter id.
    ``category``: the part of the family, such as ``person``, ``person.forward`` or ``1.0-1.5`` (m/s).
    """

    sensor: str
    family: Family
    subject: str
    category: str

    def __post_init__(self) -> None:
        check_identifier(self.sensor, "sensor")
        check_identifier(self.subject, "subject")
        if not self.category or not all(
            c.isascii() and (c.islower() or c.isdigit() or c in "-.") for c in self.category
        ):
            raise InvalidValueError(
                "category is not usable",
                expected="lower-case letters, digits, hyphens and dots",
                came=repr(self.category),
            )

    def __str__(self) -> str:
        return f"{self.sensor}/{self.family.value}/{self.subject}/{self.category}"

    @classmethod
    def parse(cls, text: str) -> "Cell":
        """Inverse of ``str``. Raises InvalidValueError where the text is not canonical."""
        parts = text.split("/")
        if len(parts) != 4 or parts[1] not in {family.value for family in Family}:
            raise InvalidValueError("cell is not canonical", expected="sensor/family/subject/category", came=repr(text))
        return cls(parts[0], Family(parts[1]), parts[2], parts[3])
