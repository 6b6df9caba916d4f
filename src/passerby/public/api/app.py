"""All resources as one ASGI app."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from passerby.public.api import (
    batches,
    catalogue,
    city,
    downloads,
    events,
    feeds,
    mandates,
    map,
    problem,
    releases,
    sensors,
)
from passerby.public.api.context import Context
from passerby.public.api.files import LogFiles, SiteFiles
from passerby.public.api.middleware import BodyLimit, HeadAsGet, RateLimiter, SecurityHeaders
from passerby.public.api.ngsi import resource as ngsi
from passerby.public.api.rate import USUAL_RATE, RateLimit
from passerby.public.api.sensorthings import resource as sensorthings
from passerby.public.directory import Sources
from passerby.public.store.store import Store

_RESOURCES = (city, sensors, map, releases, batches, mandates, events, sensorthings, ngsi, downloads, catalogue, feeds)


def create_app(
    store: Store,
    sources: Sources,
    *,
    log_directory: Path | None = None,
    site_directory: Path | None = None,
    rate: RateLimit | None = USUAL_RATE,
    base: str | None = None,
    exports: Path | None = None,
    neighbours: Iterable[APIRouter] = (),
    tiles: str | None = None,
) -> FastAPI:
    """The public side of a city. ``base``: the address that the public uses, for links; by default that of the request.
    ``exports``: where files of days are kept; a new temporary folder by default. ``neighbours``: routes of ``civic``.
    ``tiles``: address of the tile server that pages may use, if the city names one.

    Served with uvicorn's ``access_log=False``: who asked for what is not written anywhere.
    """
    limits = [] if rate is None else [Middleware(RateLimiter, limit=rate)]
    licence = sources.city().licence
    app = FastAPI(
        title="Passerby",
        version="1",
        summary="Numbers of a city, each with its error, its mandate and its proof.",
        license_info={"name": licence.title, "url": licence.url},
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(SecurityHeaders, tiles=tiles),
            Middleware(HeadAsGet),
            Middleware(GZipMiddleware, compresslevel=6),
            *limits,
            Middleware(BodyLimit),
        ],
    )
    problem.install(app)
    context = Context(store, sources, base, exports or Path(tempfile.mkdtemp(prefix="passerby-")))
    for resource in _RESOURCES:
        app.include_router(resource.router(context))
    for neighbour in neighbours:
        app.include_router(neighbour)
    if log_directory is not None:
        app.mount("/log", LogFiles(directory=log_directory, check_dir=False))
    if site_directory is not None:
        app.mount("/", SiteFiles(site_directory))
    return app
