"""``/api/v1/city`` and ``/api/v1/basemap``: who publishes, under which log, with whose data, drawn on what."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from passerby.public.api.answers import Model
from passerby.public.api.context import Context
from passerby.public.api.problem import NOT_MODIFIED, RESPONSES
from passerby.public.api.tags import tagged

MOST_PLACES = 8
_NOTHING = b'{"type":"FeatureCollection","features":[]}'


class AttributionModel(Model):
    """Whom the city thanks."""

    text: str
    url: str
    licence: str


class LogModel(Model):
    """What a verifier needs: the log's name, its key, and which witnesses must have seen it."""

    origin: str
    vkey: str
    policy: str


class MapModel(Model):
    """``tiles``: a tile server that the city chose; without one the map is drawn from ``/api/v1/basemap`` alone."""

    tiles: str | None
    attribution: str | None


class MomentModel(Model):
    """Days that people ask about, both included; ``title`` by language."""

    title: dict[str, str]
    first: date
    last: date


class PlaceModel(Model):
    """Sensors within 40 km of each other: ``bounds`` are west, south, east and north in degrees, WGS 84.

    ``name``: of a sensor that has none beside it.
    """

    name: str | None
    zone: str
    sensors: int
    bounds: tuple[float, float, float, float]


class LicenceModel(Model):
    """Of the numbers. ``spdx``: identifier of spdx.org/licenses, null where only the address names it."""

    spdx: str | None
    title: str
    url: str


class CityModel(Model):
    """The city; ``places``: the largest eight of them."""

    name: str
    attributions: list[AttributionModel]
    log: LogModel
    notes: list[str]
    map: MapModel
    moments: list[MomentModel]
    cameras: int
    counters: int
    places: list[PlaceModel]
    licence: LicenceModel


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["city"], responses=RESPONSES)

    @routes.get("/api/v1/city", summary="The city and its log")
    def city() -> CityModel:
        found, geography = context.sources.city(), context.index.geography
        return CityModel(
            name=found.name,
            attributions=[AttributionModel(text=a.text, url=a.url, licence=a.licence) for a in found.attributions],
            log=LogModel(origin=found.log.origin, vkey=found.log.vkey, policy=found.log.policy),
            notes=list(found.notes),
            map=MapModel(tiles=found.basemap.tiles, attribution=found.basemap.attribution),
            moments=[MomentModel(title=dict(m.title), first=m.first, last=m.last) for m in found.moments],
            cameras=geography.cameras,
            counters=len(context.index.sensors) - geography.cameras,
            places=[
                PlaceModel(
                    name=p.name,
                    zone=p.zone,
                    sensors=p.count,
                    bounds=(p.bounds.west, p.bounds.south, p.bounds.east, p.bounds.north),
                )
                for p in geography.places[:MOST_PLACES]
            ],
            licence=LicenceModel(spdx=found.licence.spdx, title=found.licence.title, url=found.licence.url),
        )

    @routes.get(
        "/api/v1/basemap",
        summary="Streets and water of the city's own as GeoJSON",
        response_class=Response,
        responses={200: {"content": {"application/geo+json": {"schema": {"type": "object"}}}}, **NOT_MODIFIED},
    )
    def basemap(request: Request) -> Response:
        content = context.sources.city().basemap.streets or _NOTHING
        return tagged(request, content, "application/geo+json")

    return routes
