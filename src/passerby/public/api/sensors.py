"""``/api/v1/sensors`` and ``/plates``: what is measured where, and the empty background of a camera."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from passerby.public.api.answers import Model, instant_text
from passerby.public.api.context import Context
from passerby.public.api.parameters import Limit, SensorCursor, SensorPath, Within, Words
from passerby.public.api.problem import NOT_MODIFIED, RESPONSES, NotFoundError
from passerby.public.api.shapes import positions
from passerby.public.api.tags import tagged
from passerby.public.directory import Sensor, SensorState
from passerby.public.store.rows import instant


class CellModel(Model):
    """One number of a sensor; ``unit`` is that of one count."""

    family: str
    subject: str
    category: str
    unit: str


class AreaModel(Model):
    """A polygon in px of the reference picture, not closed; ``ground``: the same vertices as longitude and latitude."""

    id: str
    ground: list[tuple[float, float]] | None
    polygon: list[tuple[float, float]]


class LineModel(Model):
    """A directed segment in px of the reference picture; from its left to its right side is forward.

    ``ground``: the same two points as longitude and latitude.
    """

    id: str
    ground: list[tuple[float, float]] | None
    start: tuple[float, float]
    end: tuple[float, float]


class SensorModel(Model):
    """A camera or counter; ``first`` and ``last`` bound the windows that were published.

    ``ground`` of areas and lines is null where nobody surveyed where on the Earth they lie; ``ground_error_m`` is its
    standard error, in m.
    """

    id: str
    name: str
    type: Literal["camera", "counter"]
    latitude: float
    longitude: float
    zone: str
    state: SensorState
    cells: list[CellModel]
    resolutions: list[int]
    mandates: list[str]
    picture: tuple[int, int] | None
    areas: list[AreaModel]
    lines: list[LineModel]
    ground_error_m: float | None
    plate: str | None
    first: str | None
    last: str | None


class SensorPage(Model):
    """A page of sensors in the order of ids."""

    items: list[SensorModel]
    next: str | None


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["sensors"], responses=RESPONSES)

    @routes.get(
        "/api/v1/sensors", summary="All cameras and counters", response_model=SensorPage, responses={**NOT_MODIFIED}
    )
    def sensors(
        request: Request, within: Within, limit: Limit = 100, cursor: SensorCursor = None, q: Words = None
    ) -> Response:
        shown, following = context.index.page(cursor or "", limit, q or "", within)
        page = SensorPage(items=[_model(context, sensor) for sensor in shown], next=following)
        return tagged(request, page.model_dump_json().encode(), "application/json")

    @routes.get("/api/v1/sensors/{sensor}", summary="One camera or counter")
    def sensor(sensor: SensorPath) -> SensorModel:
        return _model(context, context.index.find(sensor))

    @routes.get(
        "/plates/{camera}.png",
        summary="The empty background of a camera",
        response_class=Response,
        responses={
            200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
            **NOT_MODIFIED,
        },
    )
    def plate(camera: SensorPath, request: Request) -> Response:
        context.index.find(camera)
        picture = context.sources.plate(camera)
        if picture is None:
            raise NotFoundError("this sensor has no background plate", remedy="Its mandate may not allow one.")
        return tagged(request, picture, "image/png")

    return routes


def _model(context: Context, sensor: Sensor) -> SensorModel:
    extent = context.store.streams.extent(sensor.id)
    has_plate = sensor.picture is not None and context.sources.plate(sensor.id) is not None
    return SensorModel(
        id=sensor.id,
        name=sensor.name,
        type=sensor.type.value,
        latitude=sensor.place.latitude,
        longitude=sensor.place.longitude,
        zone=sensor.zone,
        state=context.sources.state(sensor.id),
        cells=[
            CellModel(family=c.family.value, subject=c.subject, category=c.category, unit=c.family.unit)
            for c in sensor.cells
        ],
        resolutions=list(sensor.resolutions),
        mandates=list(sensor.mandates),
        picture=sensor.picture,
        areas=[
            AreaModel(id=area.id, polygon=list(area.polygon), ground=_ground(sensor, area.id)) for area in sensor.areas
        ],
        lines=[
            LineModel(id=line.id, start=line.start, end=line.end, ground=_ground(sensor, line.id))
            for line in sensor.lines
        ],
        ground_error_m=sensor.ground_error_m,
        plate=f"/plates/{sensor.id}.png" if has_plate else None,
        first=None if extent is None else instant_text(instant(extent[0])),
        last=None if extent is None else instant_text(instant(extent[1])),
    )


def _ground(sensor: Sensor, subject: str) -> list[tuple[float, float]] | None:
    places = sensor.outlines.get(subject)
    return None if places is None else positions(places)
