"""Entities in the normalized form: Properties, Relationships and GeoProperties.

The data models know no negative count: ``peopleCount`` and ``intensity`` are clamped at 0, and the signed value, which
sums without bias, stands beside them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from passerby.datatypes.family import Family
from passerby.datatypes.standing import Standing
from passerby.datatypes.window import utc_text
from passerby.public.api.ngsi.flows import CROWD, TRAFFIC, Flow
from passerby.public.directory import Sensor, SensorState
from passerby.public.store.rows import Published

DEVICE, PRIVACY = "Device", "PrivacyObject"
TYPES = (CROWD, TRAFFIC, DEVICE, PRIVACY)
Entity = dict[str, Any]
_CORE = "https://uri.etsi.org/ngsi-ld/"
_MODELS = "https://smartdatamodels.org/"
_GEOJSON = "https://purl.org/geojson/vocab#"
_CORE_TERMS = ("Property", "Relationship", "GeoProperty", "location", "unitCode", "name")
_COMMON = ("dateObserved", "dateObservedFrom", "dateObservedTo")
_TRANSPORTATION = (CROWD, TRAFFIC, "peopleCount", "peopleCountTowards", "peopleCountAway", "intensity", "vehicleType")
_DEVICE = (
    DEVICE, PRIVACY, "category", "controlledProperty", "deviceState", "refDevice", "purpose", "isPersonalData",
    "retentionPeriod",
)  # fmt: skip
_OURS = ("signedPeopleCount", "signedIntensity", "halfWidth", "coverage", "outage", "mandate", "manifest", "measures")
_CONTROLLED = {
    Family.AREA_ENTRIES: "movementActivity",
    Family.LINE_CROSSINGS: "movementActivity",
    Family.COUNTER_PASSAGES: "movementActivity",
    Family.PERSON_SECONDS: "occupancy",
    Family.CLOSE_PAIR_SECONDS: "occupancy",
    Family.SPEED: "speed",
}
_DIRECTIONS = {"forward": "peopleCountTowards", "backward": "peopleCountAway"}


def context_document() -> Mapping[str, Any]:
    """The JSON-LD context of every term that entities use; nothing has to be fetched from elsewhere."""
    return {
        "@context": {
            "id": "@id",
            "type": "@type",
            "value": f"{_CORE}hasValue",
            "object": {"@id": f"{_CORE}hasObject", "@type": "@id"},
            "observedAt": {"@id": f"{_CORE}observedAt", "@type": f"{_CORE}DateTime"},
            "Point": f"{_GEOJSON}Point",
            "coordinates": {"@id": f"{_GEOJSON}coordinates", "@container": "@list"},
            **{name: f"{_CORE}{name}" for name in _CORE_TERMS},
            **{name: f"{_MODELS}{name}" for name in _COMMON},
            **{name: f"{_MODELS}dataModel.Transportation/{name}" for name in _TRANSPORTATION},
            **{name: f"{_MODELS}dataModel.Device/{name}" for name in _DEVICE},
            **{name: f"urn:passerby:{name}" for name in _OURS},
        }
    }


def flow_entity(flow: Flow, sensor: Sensor, newest: Mapping[int, Published]) -> Entity:
    """A flow with its newest window. ``newest``: by number of stream, one at least of the flow's.

    A number is given only where every part of it was released for the same window; else there is the reason.
    """
    items = [newest[stream.number] for stream in flow.streams if stream.number in newest]
    last = max(items, key=lambda item: item.record.window.end)
    same = [item for item in items if item.record.window == last.record.window]
    window = last.record.window
    entity: Entity = {
        "id": flow.id,
        "type": flow.type,
        "name": _property(f"{sensor.name}: {flow.subject}"),
        "dateObserved": _property(str(window)),
        "dateObservedFrom": _property(utc_text(window.start)),
        "dateObservedTo": _property(utc_text(window.end)),
        "location": _place(sensor),
        "refDevice": {"type": "Relationship", "object": f"urn:ngsi-ld:{DEVICE}:{sensor.id}"},
        "mandate": _property(last.record.mandate),
        "manifest": _property(last.manifest),
    }
    if flow.vehicle is not None:
        entity["vehicleType"] = _property(flow.vehicle)
    values = [item.record.value for item in same]
    outages = [item.record.outage for item in same if item.record.outage is not None]
    if outages:
        entity["outage"] = _property(outages[0].value)
    elif len(same) == len(flow.streams):
        entity |= _numbers(flow, same, sum(value for value in values if value is not None), window.end)
    return entity


def _numbers(flow: Flow, items: Iterable[Published], total: int, end: datetime) -> Entity:
    names = ("peopleCount", "signedPeopleCount") if flow.vehicle is None else ("intensity", "signedIntensity")
    records = [item.record for item in items]
    numbers = {
        names[0]: _property(max(0, total), end),
        names[1]: _property(total, end),
        # Parts have independent noise; the sum of their half-widths covers the sum, with room to spare.
        "halfWidth": _property(sum(record.half_width for record in records), end),
        "coverage": _property(min(record.coverage for record in records) / 1000, end),
    }
    if flow.vehicle is None:
        for record in records:
            name = _DIRECTIONS.get(record.cell.category.partition(".")[2])
            if name is not None and record.value is not None:
                numbers[name] = _property(max(0, record.value), end)
    return numbers


def device_entity(sensor: Sensor, state: SensorState) -> Entity:
    """A camera or counter. ``measures`` are the families; ``controlledProperty`` is the closest word of the model."""
    families = sorted({cell.family for cell in sensor.cells})
    return {
        "id": f"urn:ngsi-ld:{DEVICE}:{sensor.id}",
        "type": DEVICE,
        "name": _property(sensor.name),
        "category": _property(["sensor"]),
        "controlledProperty": _property(sorted({_CONTROLLED[family] for family in families})),
        "measures": _property([family.value for family in families]),
        "deviceState": _property(state.value),
        "location": _place(sensor),
    }


def privacy_entity(standing: Standing) -> Entity:
    """A mandate as the data model of privacy knows it: nothing personal is kept, so nothing is retained."""
    mandate = standing.mandate
    return {
        "id": f"urn:ngsi-ld:{PRIVACY}:{mandate.hash}",
        "type": PRIVACY,
        "name": _property(mandate.title),
        "purpose": _property(str(mandate.document.get("question", mandate.title))),
        "isPersonalData": _property(False),
        "retentionPeriod": _property("PT0S"),
        "mandate": _property(mandate.hash),
    }


def key_values(entity: Entity) -> Entity:
    """The simplified form."""
    return {
        name: value.get("value", value.get("object")) if isinstance(value, dict) else value
        for name, value in entity.items()
    }


def _property(value: Any, observed: datetime | None = None) -> dict[str, Any]:
    found = {"type": "Property", "value": value}
    return found if observed is None else {**found, "observedAt": utc_text(observed)}


def _place(sensor: Sensor) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [sensor.place.longitude, sensor.place.latitude]}
    return {"type": "GeoProperty", "value": point}
