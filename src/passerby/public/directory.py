"""What the public side knows of a city besides its numbers: a plain description that the node hands over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.cell import Cell
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.place import Place
from passerby.datatypes.standing import Standing
from passerby.public.licence import CC_BY, Licence

OUTLINES_WITHIN_M = 300.0
"""From its camera; beyond this a pixel of a street camera spans metres, and nothing is drawn on the map."""


class SensorState(StrEnum):
    """What a sensor does now, as anybody may know it."""

    MEASURING = "measuring"
    OUTAGE = "outage"
    ASLEEP = "asleep"
    NOT_MANDATED = "not-mandated"


class SensorType(StrEnum):
    """A camera that Passerby reads, or a counter that counts by itself."""

    CAMERA = "camera"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whom the city thanks for data, where it is from and under which licence."""

    text: str
    url: str
    licence: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Days that people ask about, such as a lockdown; both included. ``title``: by language."""

    title: Mapping[str, str]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Basemap:
    """What the map is drawn on. ``streets``: GeoJSON in UTF-8, features of ``kind`` street or water.

    ``tiles``: address of the raster tiles of a server that the city chose, with {z}, {x} and {y}.
    """

    streets: bytes | None = None
    tiles: str | None = None
    attribution: str | None = None


@dataclass(frozen=True, slots=True)
class LogDescription:
    """The open log: its name, its key as a vkey line, and the witness policy as its text."""

    origin: str
    vkey: str
    policy: str


@dataclass(frozen=True, slots=True, eq=False)
class Sensor:
    """One camera or counter.

    ``zone``: IANA time zone. ``cells``: the numbers that mandates name. ``resolutions``: seconds, ascending.
    ``mandates``: hashes. ``picture``: width and height in px of the reference picture, in which areas and lines are.
    ``outlines``: by area or line, its vertices on the Earth, where that was surveyed; ``ground_error_m``: their
    standard error in m.
    """

    id: str
    name: str
    type: SensorType
    place: Place
    zone: str
    cells: tuple[Cell, ...] = ()
    resolutions: tuple[int, ...] = ()
    mandates: tuple[str, ...] = ()
    picture: tuple[int, int] | None = None
    areas: tuple[MeasurementArea, ...] = ()
    lines: tuple[MeasurementLine, ...] = ()
    outlines: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    ground_error_m: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """A city as the public sees it; sensors in the order of their ids. ``licence``: of its numbers."""

    name: str
    log: LogDescription
    sensors: tuple[Sensor, ...]
    attributions: tuple[Attribution, ...] = ()
    notes: tuple[str, ...] = ()
    contact: str = ""
    moments: tuple[Moment, ...] = ()
    basemap: Basemap = Basemap()
    licence: Licence = CC_BY


@dataclass(frozen=True, slots=True)
class Load:
    """What a camera's work costs, since it was opened; never what was seen.

    ``looks``: pictures looked at in a second of stream. ``cost``: CPU seconds for a second of stream, of the stages
    whose work does not depend on who is there. ``delay``: s from a picture's instant until it was looked at.
    ``coverage``: share of the last window that was observed, None before it. ``rest``: share of the last minute
    that was not decoded because the machine has too little for all. ``stream``: ``main`` or ``sub``.
    ``position_error``: standard error of a place on the ground in m, in steps of 5 cm, None while nothing is known or
    nothing measured in metres.
    """

    looks: float
    cost: float
    delay: float
    coverage: float | None
    rest: float = 0.0
    stream: str = "main"
    position_error: float | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """What all cameras need of the machine. ``needed``, ``savings``: cores; the latter by what would save them.

    ``resting``: how many cameras rest in turn because there are too few ``cores``.
    """

    cores: int
    needed: float
    resting: int
    savings: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What changes while the process runs, asked anew for every request.

    ``city``: sensors with the mandates that cover them. ``standings``: of all mandates in the log, in its order.
    ``state``: of a sensor by id. ``plate``: PNG of the empty background of a camera, or None where there is none.
    ``load``: of a camera at work, else None. ``machine``: that all of them share, None where no camera is its work.
    """

    city: Callable[[], City]
    standings: Callable[[], Sequence[Standing]]
    state: Callable[[str], SensorState]
    plate: Callable[[str], bytes | None]
    load: Callable[[str], Load | None] = lambda _: None
    machine: Callable[[], Machine | None] = lambda: None
