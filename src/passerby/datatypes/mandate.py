"""A public decision to measure something, with an end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.family import Family
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.window import Window


@dataclass(frozen=True, slots=True)
class FamilyBudget:
    """What one family may spend and what one track may add to it.

    ``epsilon``: for a sensor and civil day, over all resolutions. ``cap``: most that one track adds to all cells of the
    family together, in the unit of the family. The sensitivity Δ₁ is ``cap`` × K.
    """

    family: Family
    epsilon: Fraction
    cap: int


@dataclass(frozen=True, slots=True, eq=False)
class Mandate:
    """The part of a mandate that the software enforces; ``document`` is the whole text as canonical JSON values.

    ``hash``: SHA-256 of the canonical JSON (RFC 8785), hex. ``cells``: every number that may be released.
    ``hours``: local hours [from, to) in which cameras may be decoded; (0, 24) is the whole day.
    ``track_seconds``: ρ, after which a track is cut. ``tracks``: K. ``sensor_cap``: most ε that all mandates together
    charge a sensor for a civil day.
    ``log``: origin of the only log in which it counts; None where the text names none.
    ``archive``: past windows of counters whose records exist already and may be released; cameras never have one.
    """

    hash: str
    id: str
    title: str
    starts: datetime
    expires: datetime
    notice_seconds: int
    zone: ZoneInfo
    hours: tuple[int, int]
    cells: tuple[Cell, ...]
    budgets: Mapping[Family, FamilyBudget]
    resolutions: tuple[Resolution, ...]
    tracks: int
    track_seconds: int
    sensor_cap: Fraction
    background_plate: bool
    archive: Window | None
    document: Mapping[str, object]
    log: str | None = None

    @property
    def sensors(self) -> tuple[str, ...]:
        """Ids of the cameras and counters that the mandate covers, sorted."""
        return tuple(sorted({cell.sensor for cell in self.cells}))

    def cells_of(self, sensor: str) -> tuple[Cell, ...]:
        """The cells of one sensor, in order."""
        return tuple(cell for cell in self.cells if cell.sensor == sensor)

    def sensitivity(self, family: Family) -> int:
        """Δ₁ of a family: what K tracks can change in all its cells of one day together."""
        if family not in self.budgets:
            raise InvalidValueError(f"mandate {self.id!r} does not cover {family.value}")
        return self.budgets[family].cap * self.tracks
