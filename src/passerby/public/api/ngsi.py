"""``/ngsi-ld/v1/entities``: the newest numbers as entities of the Smart Data Models, with a context of our own."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.standing import Standing
from passerby.datatypes.window import utc_text
from passerby.public.api.answers import answer
from passerby.public.api.context import Context
from passerby.public.api.problem import RESPONSES, BadQueryError, NotFoundError
from passerby.public.directory import Sensor
from passerby.public.store import query
from passerby.public.store.rows import Published

TYPES = ("CrowdFlowObserved", "TrafficFlowObserved", "Device", "PrivacyObject")
CONTEXT_PATH = "/ngsi-ld/context.jsonld"
_CORE = "https://uri.etsi.org/ngsi-ld/"
_MODELS = "https://smartdatamodels.org/"
_PEOPLE = (Family.LINE_CROSSINGS, Family.COUNTER_PASSAGES, Family.AREA_ENTRIES)
_TERMS = (
    *TYPES, "peopleCount", "peopleCountTowards", "peopleCountAway", "intensity", "vehicleType", "refDevice",
    "dateObserved", "dateObservedFrom", "dateObservedTo", "name", "category", "controlledProperty", "deviceState",
    "purpose", "isPersonalData", "retentionPeriod", "refMandate",
)  # fmt: skip
_OURS = ("signedPeopleCount", "signedIntensity", "halfWidth", "coverage", "outage", "mandate", "manifest")
Entity = dict[str, Any]


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["NGSI-LD"], responses=RESPONSES)
    ld: dict[int | str, dict[str, Any]] = {200: {"content": {"application/ld+json": {"schema": {}}}}}

    @routes.get(CONTEXT_PATH, summary="The JSON-LD context", response_class=Response, responses={**ld})
    def own_context() -> Response:
        terms = {"id": "@id", "type": "@type", "Property": f"{_CORE}Property", "Relationship": f"{_CORE}Relationship"}
        terms |= {"GeoProperty": f"{_CORE}GeoProperty", "value": f"{_CORE}hasValue", "location": f"{_CORE}location"}
        terms |= {"unitCode": f"{_CORE}unitCode", "observedAt": f"{_CORE}observedAt"}
        terms |= {name: f"{_MODELS}{name}" for name in _TERMS} | {name: f"urn:passerby:{name}" for name in _OURS}
        linked: dict[str, Any] = {**terms, "object": {"@id": f"{_CORE}hasObject", "@type": "@id"}}
        return answer({"@context": linked}, "application/ld+json")

    @routes.get("/ngsi-ld/v1/entities", summary="Entities of a type", response_class=Response, responses={**ld})
    def entities(
        request: Request,
        type: Annotated[str, Query(description=f"One of {', '.join(TYPES)}.", examples=["CrowdFlowObserved"])],
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        options: Annotated[str | None, Query(pattern="^keyValues$")] = None,
    ) -> Response:
        if type not in TYPES:
            raise BadQueryError("entity type is unknown", expected=", ".join(TYPES), came=repr(type))
        found = []
        for place, entity in enumerate(_all(context, type)):
            if place >= offset + limit:
                break
            if place >= offset:
                found.append(_shown(entity, options, context.address(request)))
        return _respond(found)

    @routes.get("/ngsi-ld/v1/entities/{id}", summary="One entity", response_class=Response, responses={**ld})
    def entity(
        id: Annotated[str, Path(max_length=300)],
        request: Request,
        options: Annotated[str | None, Query(pattern="^keyValues$")] = None,
    ) -> Response:
        parts = id.split(":")
        if len(parts) >= 4 and parts[:2] == ["urn", "ngsi-ld"] and parts[2] in TYPES:
            known = _all(context, parts[2]) if parts[2] == "PrivacyObject" else _of_sensor(context, parts[2], parts[3])
            for found in known:
                if found["id"] == id:
                    return _respond(_shown(found, options, context.address(request)))
        raise NotFoundError("there is no such entity", remedy="See /ngsi-ld/v1/entities?type=Device.")

    return routes


def _respond(content: Entity | list[Entity]) -> Response:
    return answer(content, "application/ld+json")


def _all(context: Context, kind: str) -> Iterator[Entity]:
    if kind == "PrivacyObject":
        yield from (_privacy(standing) for standing in context.sources.standings())
        return
    for sensor in context.index.sensors:
        yield from _of_sensor(context, kind, sensor.id)


def _of_sensor(context: Context, kind: str, name: str) -> Iterator[Entity]:
    sensor = context.index.get(name)
    if sensor is None:
        return
    if kind == "Device":
        yield _device(context, sensor)
        return
    newest = query.latest(context.store, name)
    finest: dict[tuple[Family, str], int] = {}
    for item in newest:
        key = (item.stream.cell.family, item.stream.cell.subject)
        finest[key] = min(finest.get(key, item.stream.resolution), item.stream.resolution)
    for (family, subject), resolution in sorted(finest.items()):
        items = {
            item.stream.cell.category: item
            for item in newest
            if (item.stream.cell.family, item.stream.cell.subject, item.stream.resolution)
            == (family, subject, resolution)
        }
        if family in _PEOPLE:
            yield from _crowd(sensor, items) if kind == "CrowdFlowObserved" else _traffic(sensor, items)


def _crowd(sensor: Sensor, items: dict[str, Published]) -> Iterator[Entity]:
    people = {name.partition(".")[2]: item for name, item in items.items() if name.split(".")[0] == Kind.PERSON.label}
    if not people:
        return
    entity = _observed("CrowdFlowObserved", sensor, next(iter(people.values())), "")
    values = [item.record.value for item in people.values()]
    if None not in values:
        total = sum(value for value in values if value is not None)
        entity["peopleCount"] = _property(max(0, total))
        entity["signedPeopleCount"] = _property(total)
        for direction, name in (("forward", "peopleCountTowards"), ("backward", "peopleCountAway")):
            if direction in people:
                entity[name] = _property(max(0, people[direction].record.value or 0))
    yield entity


def _traffic(sensor: Sensor, items: dict[str, Published]) -> Iterator[Entity]:
    vehicles = [kind.label for kind in Kind if kind is not Kind.PERSON]
    for vehicle in vehicles:
        passing = [item for name, item in items.items() if name.split(".")[0] == vehicle]
        if not passing:
            continue
        entity = _observed("TrafficFlowObserved", sensor, passing[0], f":{vehicle}")
        entity["vehicleType"] = _property(vehicle)
        values = [item.record.value for item in passing]
        if None not in values:
            total = sum(value for value in values if value is not None)
            entity["intensity"] = _property(max(0, total))
            entity["signedIntensity"] = _property(total)
        yield entity


def _observed(kind: str, sensor: Sensor, item: Published, suffix: str) -> Entity:
    record, cell = item.record, item.stream.cell
    start, end = utc_text(record.window.start), utc_text(record.window.end)
    entity: Entity = {
        "id": f"urn:ngsi-ld:{kind}:{sensor.id}:{cell.family.value}:{cell.subject}{suffix}",
        "type": kind,
        "name": _property(f"{sensor.name}: {cell.subject}"),
        "dateObserved": _property(f"{start}/{end}"),
        "dateObservedFrom": _property(start),
        "dateObservedTo": _property(end),
        "location": _place(sensor),
        "refDevice": _relation(f"urn:ngsi-ld:Device:{sensor.id}"),
        "halfWidth": _property(record.half_width),
        "coverage": _property(record.coverage / 1000),
        "mandate": _property(record.mandate),
        "manifest": _property(item.manifest),
    }
    if record.outage is not None:
        entity["outage"] = _property(record.outage.value)
    return entity


def _device(context: Context, sensor: Sensor) -> Entity:
    return {
        "id": f"urn:ngsi-ld:Device:{sensor.id}",
        "type": "Device",
        "name": _property(sensor.name),
        "category": _property(["sensor"]),
        "controlledProperty": _property(sorted({cell.family.value for cell in sensor.cells})),
        "deviceState": _property(context.sources.state(sensor.id).value),
        "location": _place(sensor),
    }


def _privacy(standing: Standing) -> Entity:
    mandate = standing.mandate
    return {
        "id": f"urn:ngsi-ld:PrivacyObject:{mandate.hash}",
        "type": "PrivacyObject",
        "name": _property(mandate.title),
        "purpose": _property(str(mandate.document.get("question", mandate.title))),
        "isPersonalData": _property(False),
        "retentionPeriod": _property("PT0S"),
        "mandate": _property(mandate.hash),
    }


def _property(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


def _relation(target: str) -> dict[str, Any]:
    return {"type": "Relationship", "object": target}


def _place(sensor: Sensor) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [sensor.place.longitude, sensor.place.latitude]}
    return {"type": "GeoProperty", "value": point}


def _shown(entity: Entity, options: str | None, base: str) -> Entity:
    flat = {
        name: (value.get("value", value.get("object")) if isinstance(value, dict) else value)
        for name, value in entity.items()
    }
    return {**(flat if options else entity), "@context": [f"{base}{CONTEXT_PATH}"]}
