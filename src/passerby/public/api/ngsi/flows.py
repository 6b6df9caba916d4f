"""Which entities of flow there are: one for each place where people, or vehicles of a kind, are counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.public.api.listing import Listing
from passerby.public.store.streams import Stream

CROWD, TRAFFIC = "CrowdFlowObserved", "TrafficFlowObserved"
_FLOWS = (Family.LINE_CROSSINGS, Family.COUNTER_PASSAGES, Family.AREA_ENTRIES)
_VEHICLE_TYPES = {
    Kind.BICYCLE.label: "bicycle",
    Kind.MOTORCYCLE.label: "motorcycle",
    Kind.CAR.label: "car",
    Kind.BUS.label: "bus",
    Kind.TRUCK.label: "lorry",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """Streams of one place at its finest resolution. ``vehicle``: as the data model names it, None for people."""

    sensor: str
    family: Family
    subject: str
    vehicle: str | None
    streams: tuple[Stream, ...]

    @property
    def type(self) -> str:
        """Type of the entity."""
        return CROWD if self.vehicle is None else TRAFFIC

    @property
    def id(self) -> str:
        """URN of the entity, stable."""
        suffix = "" if self.vehicle is None else f":{self.vehicle}"
        return f"urn:ngsi-ld:{self.type}:{self.sensor}:{self.family.value}:{self.subject}{suffix}"


class Flows:
    """All flows of a listing by type, in the order of sensors."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.by_type: dict[str, list[Flow]] = {CROWD: [], TRAFFIC: []}
        self._by_sensor: dict[str, list[Flow]] = {}
        for flow in _flows(listing):
            self.by_type[flow.type].append(flow)
            self._by_sensor.setdefault(flow.sensor, []).append(flow)

    def of_sensor(self, sensor: str) -> Sequence[Flow]:
        """The flows of one sensor."""
        return self._by_sensor.get(sensor, ())


def _flows(listing: Listing) -> Iterator[Flow]:
    places: dict[tuple[str, Family, str, str | None], list[Stream]] = {}
    for stream in listing.streams:
        cell = stream.cell
        kind = cell.category.partition(".")[0]
        if cell.family in _FLOWS and (kind == Kind.PERSON.label or kind in _VEHICLE_TYPES):
            places.setdefault((cell.sensor, cell.family, cell.subject, _VEHICLE_TYPES.get(kind)), []).append(stream)
    for place, streams in places.items():
        finest = min(stream.resolution for stream in streams)
        yield Flow(*place, tuple(stream for stream in streams if stream.resolution == finest))
