"""``/sensorthings/v1.1``: the service as routes."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import PlainTextResponse, Response

from passerby.public.api.answers import answer
from passerby.public.api.context import Context
from passerby.public.api.problem import RESPONSES, BadQueryError, NotFoundError
from passerby.public.api.sensorthings.address import Step, parse_address
from passerby.public.api.sensorthings.model import NAVIGATION, Ref
from passerby.public.api.sensorthings.options import parse_options
from passerby.public.api.sensorthings.service import EntitySet, Service

ROOT = "/sensorthings/v1.1"
_CLASSES = (
    "datamodel",
    "resource-path/resource-path-to-entities",
    "request-data/order",
    "request-data/expand",
    "request-data/select",
    "request-data/status-code",
    "request-data/query-status-code",
    "request-data/orderby",
    "request-data/top",
    "request-data/skip",
    "request-data/count",
    "request-data/filter",
    "request-data/built-in-filter-operations",
    "request-data/pagination",
)
CONFORMANCE = tuple(f"http://www.opengis.net/spec/iot_sensing/1.1/req/{name}" for name in _CLASSES)


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["SensorThings 1.1"], responses=RESPONSES)

    @routes.get(ROOT, summary="Entity sets and conformance")
    def root(request: Request) -> dict[str, Any]:
        base = context.address(request) + ROOT
        return {
            "value": [{"name": name, "url": f"{base}/{name}"} for name in NAVIGATION],
            "serverSettings": {"conformance": list(CONFORMANCE)},
        }

    @routes.get(
        ROOT + "/{path:path}",
        summary="Entities, sets, properties and links",
        response_class=Response,
        responses={200: {"content": {"application/json": {"schema": {"type": "object"}}, "text/plain": {}}}},
    )
    def resource(path: Annotated[str, Path(examples=["Things('plaza')/Datastreams"])], request: Request) -> Response:
        """Addresses and the query options $top, $skip, $count, $orderby, $select, $expand and $filter are those of the
        standard, OGC 18-088; nothing can be written.
        """
        if not path:
            return answer(root(request))
        service = Service(context, context.address(request) + ROOT)
        return _resolve(service, parse_address(path), path, list(request.query_params.multi_items()))

    return routes


def _resolve(service: Service, steps: list[Step], path: str, pairs: list[tuple[str, str]]) -> Response:
    first, *rest = steps
    if first.name not in NAVIGATION:
        raise NotFoundError("there is no such entity set", expected=", ".join(NAVIGATION), came=first.name)
    here: Ref | EntitySet = (
        service.set_of(first.name, None, "") if first.id is None else service.find(Ref(first.name, first.id))
    )
    while rest and isinstance(here, Ref) and rest[0].name in NAVIGATION[here.kind]:
        here = service.follow(here, rest.pop(0))
    options = parse_options(pairs)
    links_only = rest == [Step("$ref")]
    if isinstance(here, EntitySet):
        if rest and not links_only:
            raise NotFoundError("a set has no properties", came=rest[0].name)
        if not links_only:
            return answer(service.collection(here, options, path, pairs))
        if options.expand:
            raise BadQueryError("links cannot be expanded")
        options.select = ("@iot.selfLink",)
        return answer(service.collection(here, options, path, pairs))
    if links_only:
        return answer({"@iot.selfLink": service.link(here)})
    return _property(service.properties(here), rest) if rest else answer(service.entity(here, options))


def _property(value: Any, steps: list[Step]) -> Response:
    name = ""
    while steps and steps[0].name != "$value":
        step = steps.pop(0)
        if not isinstance(value, dict) or step.name not in value or step.id is not None:
            raise NotFoundError("the entity has no such property", came=step.name)
        name, value = step.name, value[step.name]
    if not name or len(steps) > 1:
        raise NotFoundError("path names nothing", expected="a property", came="$value")
    if value is None:
        return Response(status_code=204)
    if not steps:
        return answer({name: value})
    if isinstance(value, dict | list):
        return answer(value) if isinstance(value, dict) else answer({name: value})
    return PlainTextResponse(str(value))
