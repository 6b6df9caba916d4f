"""The entities: what they know and how they hang together. Observations are in ``observations``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.window import utc_text
from passerby.public.api.context import Context
from passerby.public.api.shapes import sensor_point, subject_shape
from passerby.public.store.rows import instant
from passerby.public.store.streams import Stream

NAVIGATION: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "Things": {
        "Locations": ("Locations", True),
        "HistoricalLocations": ("HistoricalLocations", True),
        "Datastreams": ("Datastreams", True),
    },
    "Locations": {"Things": ("Things", True), "HistoricalLocations": ("HistoricalLocations", True)},
    "HistoricalLocations": {"Thing": ("Things", False), "Locations": ("Locations", True)},
    "Datastreams": {
        "Thing": ("Things", False),
        "Sensor": ("Sensors", False),
        "ObservedProperty": ("ObservedProperties", False),
        "Observations": ("Observations", True),
    },
    "Sensors": {"Datastreams": ("Datastreams", True)},
    "ObservedProperties": {"Datastreams": ("Datastreams", True)},
    "Observations": {"Datastream": ("Datastreams", False), "FeatureOfInterest": ("FeaturesOfInterest", False)},
    "FeaturesOfInterest": {"Observations": ("Observations", True)},
}
"""Entity set -> name of a relation -> (entity set of its end, whether there are several)."""

T = TypeVar("T")
_GEOJSON = "application/geo+json"
_MEASURED_BY = {
    "camera": "A camera with Passerby beside it: frames live in memory, numbers leave with noise.",
    "counter": "A counter that reports passages; Passerby adds noise and publishes.",
}


@dataclass(frozen=True, slots=True)
class Ref:
    """One entity: its set and its id. ``id``: text, or an integer for Observations."""

    kind: str
    id: str | int


class Refs(Sequence[Ref], Generic[T]):
    """References made as they are read, so that a page deep in a large set costs as much as the first."""

    def __init__(self, items: Sequence[T], make: Callable[[T], Ref]) -> None:
        self._items, self._make = items, make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Ref: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Ref]: ...
    def __getitem__(self, place: int | slice) -> Ref | Sequence[Ref]:
        if isinstance(place, slice):
            return [self._make(item) for item in self._items[place]]
        return self._make(self._items[place])


def datastream_id(stream: Stream) -> str:
    """Stable id of a stream: ``sensor:family:subject:category:seconds``."""
    cell = stream.cell
    return f"{cell.sensor}:{cell.family.value}:{cell.subject}:{cell.category}:{stream.resolution}"


class Model:
    """The entities of a city as they are now, made as they are asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._index = context.index
        self._listing = context.listing
        self._makers: dict[str, Callable[[Any], dict[str, Any]]] = {
            "Things": self._thing,
            "Locations": self._location,
            "HistoricalLocations": self._historical_location,
            "Datastreams": self._datastream,
            "Sensors": self._sensor,
            "ObservedProperties": _observed_property,
            "FeaturesOfInterest": self._feature,
        }

    def all(self, kind: str) -> Sequence[Ref]:
        """Every entity of a set, in a stable order."""
        if kind in ("Things", "Locations", "HistoricalLocations", "Sensors"):
            return Refs(self._index.sensors, lambda sensor: Ref(kind, sensor.id))
        if kind == "Datastreams":
            return Refs(self._listing.streams, lambda stream: Ref(kind, datastream_id(stream)))
        if kind == "FeaturesOfInterest":
            return Refs(self._listing.features, lambda name: Ref(kind, name))
        return [Ref(kind, name) for name in self._listing.properties]

    def exists(self, ref: Ref) -> bool:
        """Whether there is such an entity."""
        if ref.kind in ("Things", "Locations", "HistoricalLocations", "Sensors"):
            return self._index.get(str(ref.id)) is not None
        if ref.kind == "Datastreams":
            return self.stream(str(ref.id)) is not None
        if ref.kind == "FeaturesOfInterest":
            return bool(self.streams_of_feature(str(ref.id)))
        return ref.id in self._listing.properties

    def properties(self, ref: Ref) -> dict[str, Any]:
        """What an entity says of itself, without links."""
        return self._makers[ref.kind](ref.id)

    def related(self, ref: Ref, relation: str) -> Sequence[Ref]:
        """The entities at the end of a relation, other than Observations."""
        target, _ = NAVIGATION[ref.kind][relation]
        name = str(ref.id)
        if ref.kind == "Datastreams":
            stream = self.stream(name)
            return [] if stream is None else [Ref(target, _name_in(target, stream))]
        if target == "Datastreams":
            observing = ref.kind == "ObservedProperties"
            streams = self._listing.properties.get(name, ()) if observing else self.streams_of(name)
            return Refs(streams, lambda stream: Ref(target, datastream_id(stream)))
        return [Ref(target, name)]

    def stream(self, name: str) -> Stream | None:
        """The stream with this datastream id."""
        parts = name.split(":")
        if len(parts) != 5 or not parts[4].isdecimal() or parts[1] not in set(Family):
            return None
        found = (stream for stream in self.streams_of(parts[0]) if datastream_id(stream) == name)
        return next(found, None)

    def streams_of(self, sensor: str) -> Sequence[Stream]:
        """The streams of a sensor that the city lists."""
        return self._context.store.streams.of_sensor(sensor) if self._index.get(sensor) else ()

    def streams_of_feature(self, name: str) -> list[Stream]:
        """The streams that measure a line, area or counter."""
        sensor, _, subject = name.partition(":")
        return [stream for stream in self.streams_of(sensor) if stream.cell.subject == subject]

    def _thing(self, name: str) -> dict[str, Any]:
        sensor = self._index.find(name)
        return {
            "name": sensor.name,
            "description": f"A {sensor.type.value} in {self._index.city.name}.",
            "properties": {"type": sensor.type.value, "zone": sensor.zone, "mandates": list(sensor.mandates)},
        }

    def _location(self, name: str) -> dict[str, Any]:
        sensor = self._index.find(name)
        return {
            "name": sensor.name,
            "description": "Where the sensor stands (WGS 84).",
            "encodingType": _GEOJSON,
            "location": sensor_point(sensor),
        }

    def _historical_location(self, name: str) -> dict[str, Any]:
        extent = self._context.store.streams.extent(name)
        return {"time": utc_text(instant(extent[0] if extent else 0))}

    def _sensor(self, name: str) -> dict[str, Any]:
        sensor = self._index.find(name)
        return {
            "name": f"{sensor.type.value} {sensor.id}",
            "description": _MEASURED_BY[sensor.type.value],
            "encodingType": "text/html",
            "metadata": f"/place/{sensor.id}",
            "properties": {},
        }

    def _datastream(self, name: str) -> dict[str, Any]:
        stream = self.stream(name)
        assert stream is not None
        cell, streams = stream.cell, self._context.store.streams
        first, last = int(streams.first[stream.number]), int(streams.last[stream.number])
        times = f"{utc_text(instant(first))}/{utc_text(instant(last))}"
        sensor = self._index.find(cell.sensor)
        return {
            "name": f"{sensor.name}: {_words(cell)}",
            "description": f"{cell.family.unit} in windows of {stream.resolution} s, with noise.",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": cell.family.unit, "symbol": "1", "definition": "https://unitsofmeasure.org"},
            "observedArea": subject_shape(sensor, cell.subject) or sensor_point(sensor),
            "phenomenonTime": times,
            "resultTime": times,
            "properties": {
                "resolution": stream.resolution,
                "subject": cell.subject,
                "category": cell.category,
                "licence": self._index.city.licence.url,
            },
        }

    def _feature(self, name: str) -> dict[str, Any]:
        sensor, _, subject = name.partition(":")
        found = self._index.find(sensor)
        return {
            "name": subject,
            "description": f"What {sensor} measures.",
            "encodingType": _GEOJSON,
            "feature": subject_shape(found, subject) or sensor_point(found),
            "properties": {"sensor": sensor},
        }


def _name_in(kind: str, stream: Stream) -> str:
    cell = stream.cell
    if kind == "Datastreams":
        return datastream_id(stream)
    if kind == "ObservedProperties":
        return f"{cell.family.value}:{cell.category}"
    if kind == "FeaturesOfInterest":
        return f"{cell.sensor}:{cell.subject}"
    return cell.sensor


def _observed_property(name: str) -> dict[str, Any]:
    family, _, category = name.partition(":")
    return {
        "name": name,
        "definition": f"urn:passerby:family:{family}:{category}",
        "description": f"{Family(family).unit} of {category}.",
        "properties": {"family": family, "category": category, "unit": Family(family).unit},
    }


def _words(cell: Cell) -> str:
    return f"{cell.family.value.replace('_', ' ')}, {cell.subject}, {cell.category}"
