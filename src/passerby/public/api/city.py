"""``/api/v1/city``: who publishes, under which log, with whose data."""

from fastapi import APIRouter

from passerby.public.api.answers import Model
from passerby.public.api.context import Context
from passerby.public.api.problem import RESPONSES


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


class CityModel(Model):
    """The city."""

    name: str
    attributions: list[AttributionModel]
    log: LogModel
    notes: list[str]


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["city"], responses=RESPONSES)

    @routes.get("/api/v1/city", summary="The city and its log")
    def city() -> CityModel:
        found = context.sources.city()
        return CityModel(
            name=found.name,
            attributions=[AttributionModel(text=a.text, url=a.url, licence=a.licence) for a in found.attributions],
            log=LogModel(origin=found.log.origin, vkey=found.log.vkey, policy=found.log.policy),
            notes=list(found.notes),
        )

    return routes
