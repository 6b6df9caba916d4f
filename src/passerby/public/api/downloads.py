"""``/data``: the releases of a day as CSV and Parquet, each with a Frictionless descriptor."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from passerby.datatypes.outage import Outage
from passerby.public.api.answers import Model, answer
from passerby.public.api.context import Context
from passerby.public.api.parameters import (
    CivilDate,
    Limit,
    Wanted,
)
from passerby.public.api.problem import NOT_MODIFIED, RESPONSES, NotFoundError
from passerby.public.api.tags import is_known
from passerby.public.store.days import Day, DayFiles, day, days
from passerby.public.store.query import Filter
from passerby.public.store.selection import write_selection

MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("sensor", "string", "Camera or counter."),
    ("family", "string", "Kind of number; its unit is in spec/release.md."),
    ("subject", "string", "Line, area or counter."),
    ("category", "string", "Part of the family."),
    ("start", "datetime", "Start of the window, UTC."),
    ("end", "datetime", "End of the window, UTC, not included."),
    ("value", "integer", "Noisy number; may be negative; empty where there was an outage."),
    ("scale", "number", "b of the discrete Laplace noise."),
    ("half_width", "integer", "value ± half_width holds the tally in 95 of 100 cases."),
    ("coverage", "integer", "Share of the window that was observed, in thousandths."),
    ("outage", "string", "Why there is no value."),
    ("mandate", "string", "SHA-256 of the mandate."),
    ("resolution", "integer", "Step of the grid, s."),
    ("manifest", "integer", "Leaf of the log that covers the batch."),
    ("batch", "string", "Root of the batch."),
    ("index", "integer", "Place of the line in its batch."),
)
_CONSTRAINTS: dict[str, dict[str, Any]] = {
    "value": {"required": False},
    "outage": {"required": False, "enum": [outage.value for outage in Outage]},
    "coverage": {"required": True, "minimum": 0, "maximum": 1000},
    "half_width": {"required": True, "minimum": 0},
    "mandate": {"required": True, "pattern": "[0-9a-f]{64}"},
    "batch": {"required": True, "pattern": "[0-9a-f]{64}"},
}


class DayModel(Model):
    """A UTC day; windows belong to the day in which they start."""

    day: date
    releases: int
    csv: str
    parquet: str
    descriptor: str


class DayPage(Model):
    """Days with releases, in order."""

    items: list[DayModel]
    next: date | None


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["files"], responses=RESPONSES)
    files = DayFiles(context.store, context.exports)

    @routes.get("/data/days", summary="Days that can be downloaded")
    def listing(
        limit: Limit = 100, cursor: Annotated[CivilDate | None, Query(description="`next` of the page before.")] = None
    ) -> DayPage:
        found = days(context.store, after=cursor, limit=limit + 1)
        shown = found[:limit]
        items = [
            DayModel(
                day=entry.day,
                releases=entry.releases,
                csv=f"/data/{entry.day}.csv",
                parquet=f"/data/{entry.day}.parquet",
                descriptor=f"/data/{entry.day}/datapackage.json",
            )
            for entry in shown
        ]
        return DayPage(items=items, next=shown[-1].day if len(found) > limit else None)

    def selected(wanted: Filter, form: Literal["csv", "parquet"]) -> Response:
        context.exports.mkdir(parents=True, exist_ok=True)
        path = context.exports / f"selection-{uuid4().hex}.{form}"
        write_selection(context.store, wanted, form, path)
        name = "-".join(part for part in (context.slug, wanted.sensor, wanted.subject) if part)
        forget = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, media_type=MEDIA_TYPES[form], filename=f"{name}.{form}", background=forget)

    @routes.get("/data/selection.csv", summary="Some releases as CSV with a header", **_file("csv"))
    def selection_csv(wanted: Wanted) -> Response:
        return selected(wanted, "csv")

    @routes.get("/data/selection.parquet", summary="Some releases as Parquet", **_file("parquet"))
    def selection_parquet(wanted: Wanted) -> Response:
        return selected(wanted, "parquet")

    def file(wanted: date, form: Literal["csv", "parquet"], request: Request) -> Response:
        entry = _entry(context, wanted)
        headers = {"ETag": f'"{entry.tag}-{form}"', "Cache-Control": "no-cache"}
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        name = f"{context.slug}-{wanted}.{form}"
        return FileResponse(files.path(entry, form), headers=headers, media_type=MEDIA_TYPES[form], filename=name)

    @routes.get(
        "/data/{day}.csv",
        summary="A day as CSV with a header",
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPES["csv"]: {"schema": {"type": "string"}}}}, 206: {}, **NOT_MODIFIED},
    )
    def csv(day: CivilDate, request: Request) -> Response:
        return file(day, "csv", request)

    @routes.get(
        "/data/{day}.parquet",
        summary="A day as Parquet",
        response_class=Response,
        responses={
            200: {"content": {MEDIA_TYPES["parquet"]: {"schema": {"type": "string", "format": "binary"}}}},
            206: {},
            **NOT_MODIFIED,
        },
    )
    def parquet(day: CivilDate, request: Request) -> Response:
        return file(day, "parquet", request)

    @routes.get(
        "/data/{day}/datapackage.json", summary="Frictionless Data Package of a day", response_model=dict[str, Any]
    )
    def descriptor(day: CivilDate, request: Request) -> Response:
        _entry(context, day)
        return answer(_package(context, day, context.address(request)))

    return routes


def _file(form: Literal["csv", "parquet"]) -> dict[str, Any]:
    schema = {"type": "string"} if form == "csv" else {"type": "string", "format": "binary"}
    return {"response_class": Response, "responses": {200: {"content": {MEDIA_TYPES[form]: {"schema": schema}}}}}


def _entry(context: Context, wanted: date) -> Day:
    entry = day(context.store, wanted) if 1970 <= wanted.year < 9999 else None
    if entry is None:
        raise NotFoundError("nothing was published for this day", came=str(wanted), remedy="See /data/days.")
    return entry


def _package(context: Context, wanted: date, base: str) -> dict[str, Any]:
    fields = [
        {"name": name, "type": kind, "description": text, "constraints": _CONSTRAINTS.get(name, {"required": True})}
        for name, kind, text in FIELDS
    ]
    schema = {"fields": fields, "primaryKey": ["manifest", "index"], "missingValues": [""]}
    city = context.sources.city()
    licence = city.licence
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{context.slug}-{wanted}",
        "title": f"{city.name}, {wanted}",
        "licenses": [
            {**({} if licence.spdx is None else {"name": licence.spdx}), "path": licence.url, "title": licence.title}
        ],
        "sources": [{"title": thanks.text, "path": thanks.url} for thanks in city.attributions],
        "resources": [
            {
                "name": f"releases-{form}",
                "type": "table",
                "path": f"{base}/data/{wanted}.{form}",
                "format": form,
                "mediatype": MEDIA_TYPES[form],
                "encoding": "utf-8",
                "schema": schema,
            }
            for form in ("csv", "parquet")
        ],
    }
