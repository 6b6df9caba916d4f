"""``/api/v1/releases``, ``/api/v1/latest`` and ``/api/v1/series``: the numbers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.window import utc_text
from passerby.public.api.answers import Model, answer
from passerby.public.api.context import Context
from passerby.public.api.parameters import (
    IDENTIFIER,
    Cursor,
    End,
    Limit,
    SensorPath,
    Start,
    Wanted,
)
from passerby.public.api.problem import RESPONSES
from passerby.public.store import query
from passerby.public.store.rows import Published, instant

_EXAMPLE: dict[str, Any] = {
    "id": 104857600,
    "sensor": "plaza",
    "family": "area_entries",
    "subject": "square",
    "category": "person",
    "start": "2026-03-01T00:00:00Z",
    "end": "2026-03-01T01:00:00Z",
    "value": 41,
    "scale": 4.0,
    "half_width": 12,
    "coverage": 1000,
    "outage": None,
    "mandate": "ab" * 32,
    "unit": "entries",
    "resolution": 3600,
    "manifest": 100,
    "batch": "cd" * 32,
    "index": 0,
}


class ReleaseModel(Model):
    """A line of a batch, and where the log proves it: ``batch`` is a root, ``manifest`` the leaf that covers it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    id: int
    sensor: str
    family: str
    subject: str
    category: str
    start: str
    end: str
    value: int | None
    scale: float
    half_width: int
    coverage: int
    outage: str | None
    mandate: str
    unit: str
    resolution: int
    manifest: int
    batch: str
    index: int


class ReleasePage(Model):
    """Releases in the order of publication."""

    items: list[ReleaseModel]
    next: str | None


class SeriesModel(Model):
    """Columns of equal length in the order of time; ``value`` ± ``half_width`` holds the tally in 95 of 100 cases."""

    unit: str
    resolution: int
    start: list[str]
    value: list[int | None]
    half_width: list[int]
    coverage: list[int]
    outage: list[str | None]


def as_json(published: Published) -> dict[str, object]:
    """A release as the API shows it."""
    record = published.record
    cell = record.cell
    return {
        "id": published.id,
        "sensor": cell.sensor,
        "family": cell.family.value,
        "subject": cell.subject,
        "category": cell.category,
        "start": utc_text(record.window.start),
        "end": utc_text(record.window.end),
        "value": record.value,
        "scale": record.scale,
        "half_width": record.half_width,
        "coverage": record.coverage,
        "outage": None if record.outage is None else record.outage.value,
        "mandate": record.mandate,
        "unit": cell.family.unit,
        "resolution": published.stream.resolution,
        "manifest": published.manifest,
        "batch": published.root,
        "index": published.index,
    }


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["releases"], responses=RESPONSES)

    @routes.get("/api/v1/releases", summary="Releases in the order of publication", response_model=ReleasePage)
    def releases(wanted: Wanted, limit: Limit = 100, cursor: Cursor = None) -> Response:
        after = -1 if cursor is None else int(cursor)
        page = query.releases(context.store, wanted, after=after, limit=limit)
        items = [as_json(item) for item in page.items]
        return answer({"items": items, "next": None if page.next is None else str(page.next)})

    @routes.get("/api/v1/sensors/{sensor}/latest", summary="The newest number of each cell", response_model=ReleasePage)
    def latest(sensor: SensorPath) -> Response:
        context.index.find(sensor)
        return answer({"items": [as_json(item) for item in query.latest(context.store, sensor)], "next": None})

    @routes.get("/api/v1/series", summary="One number over time, in columns", response_model=SeriesModel)
    def series(
        sensor: Annotated[str, Query(pattern=IDENTIFIER, examples=["plaza"])],
        family: Annotated[Family, Query(examples=["area_entries"])],
        subject: Annotated[str, Query(pattern=IDENTIFIER, examples=["junction"])],
        category: Annotated[str, Query(pattern=r"^[a-z0-9.-]{1,64}$", examples=["person"])],
        resolution: Annotated[int, Query(ge=1, le=86400, examples=[3600])],
        start: Start = None,
        end: End = None,
    ) -> Response:
        found = query.series(context.store, Cell(sensor, family, subject, category), resolution, start, end)
        return answer(
            {
                "unit": family.unit,
                "resolution": resolution,
                "start": [utc_text(instant(second)) for second in found.start],
                "value": list(found.value),
                "half_width": list(found.half_width),
                "coverage": list(found.coverage),
                "outage": list(found.outage),
            }
        )

    return routes
