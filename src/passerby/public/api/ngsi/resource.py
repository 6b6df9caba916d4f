"""``/ngsi-ld/v1/entities``: the entities as routes (ETSI GS CIM 009, the read part that dashboards use)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from passerby.public.api.answers import answer
from passerby.public.api.context import Context
from passerby.public.api.ngsi.entities import (
    DEVICE,
    PRIVACY,
    Entity,
    context_document,
    device_entity,
    flow_entity,
    key_values,
    privacy_entity,
)
from passerby.public.api.ngsi.flows import Flow, Flows
from passerby.public.api.problem import RESPONSES, NotFoundError
from passerby.public.directory import Sensor
from passerby.public.store import query

CONTEXT_PATH = "/ngsi-ld/context.jsonld"
_MEDIA_TYPE = "application/ld+json"
_EXAMPLE = "urn:ngsi-ld:Device:plaza"
EntityType = Literal["CrowdFlowObserved", "TrafficFlowObserved", "Device", "PrivacyObject"]
Form = Annotated[Literal["keyValues", "simplified"] | None, Query(description="Values alone, without their structure.")]


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["NGSI-LD"], responses=RESPONSES)
    broker = _Broker(context)

    def ok(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
        return {200: {"content": {_MEDIA_TYPE: {"schema": schema}}}}

    @routes.get(CONTEXT_PATH, summary="The JSON-LD context", response_class=Response, responses=ok({"type": "object"}))
    def own_context() -> Response:
        return answer(context_document(), _MEDIA_TYPE)

    @routes.get(
        "/ngsi-ld/v1/entities",
        summary="Entities of a type",
        response_class=Response,
        responses=ok({"type": "array", "items": {"type": "object"}}),
    )
    def entities(
        request: Request,
        type: Annotated[EntityType, Query(description="Type of the entities.", examples=["CrowdFlowObserved"])],
        limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 20,
        offset: Annotated[int, Query(ge=0, le=10_000_000, description="Skip so many.")] = 0,
        options: Form = None,
        count: Annotated[bool, Query(description="Tell how many there are in NGSILD-Results-Count.")] = False,
    ) -> Response:
        found, total = broker.page(type, offset, limit)
        shown = [_shown(entity, options, context.address(request)) for entity in found]
        response = answer(shown, _MEDIA_TYPE)
        if count:
            response.headers["NGSILD-Results-Count"] = str(total)
        return response

    @routes.get(
        "/ngsi-ld/v1/entities/{id}",
        summary="One entity",
        response_class=Response,
        responses=ok({"type": "object"}),
    )
    def entity(
        id: Annotated[str, Path(max_length=300, examples=[_EXAMPLE])], request: Request, options: Form = None
    ) -> Response:
        return answer(_shown(broker.find(id), options, context.address(request)), _MEDIA_TYPE)

    return routes


class _Broker:
    """Finds entities; a page costs one question to the store."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: Flows | None = None

    def page(self, kind: str, offset: int, limit: int) -> tuple[list[Entity], int]:
        """A stretch of the entities of a type, and how many there are."""
        here = slice(offset, offset + limit)
        if kind == PRIVACY:
            standings = self._context.sources.standings()
            return [privacy_entity(standing) for standing in standings[here]], len(standings)
        if kind == DEVICE:
            sensors = self._context.index.sensors
            return [self._device(sensor) for sensor in sensors[here]], len(sensors)
        flows = self._flows().by_type[kind]
        return self._observed(flows[here]), len(flows)

    def find(self, name: str) -> Entity:
        """One entity by its URN. Raises NotFoundError."""
        kind, _, rest = name.removeprefix("urn:ngsi-ld:").partition(":")
        sensor = self._context.index.get(rest.partition(":")[0])
        found: list[Entity] = []
        if kind == PRIVACY:
            found = [privacy_entity(one) for one in self._context.sources.standings() if one.mandate.hash == rest]
        elif kind == DEVICE and sensor is not None and rest == sensor.id:
            found = [self._device(sensor)]
        elif sensor is not None:
            flows = self._flows().of_sensor(sensor.id)
            found = self._observed([flow for flow in flows if flow.id == name])
        if not found or found[0]["id"] != name:
            raise NotFoundError("there is no such entity", remedy="See /ngsi-ld/v1/entities?type=Device.")
        return found[0]

    def _observed(self, flows: Sequence[Flow]) -> list[Entity]:
        newest = query.newest(self._context.store, [stream for flow in flows for stream in flow.streams])
        by_stream = {item.stream.number: item for item in newest}
        return [flow_entity(flow, self._context.index.find(flow.sensor), by_stream) for flow in flows]

    def _device(self, sensor: Sensor) -> Entity:
        return device_entity(sensor, self._context.sources.state(sensor.id))

    def _flows(self) -> Flows:
        listing = self._context.listing
        if self._known is None or self._known.listing is not listing:
            self._known = Flows(listing)
        return self._known


def _shown(entity: Entity, options: str | None, base: str) -> Entity:
    return {**(key_values(entity) if options else entity), "@context": [f"{base}{CONTEXT_PATH}"]}
