"""``/api/v1/batches``: what each manifest of the log covers, as the very lines that were hashed."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from passerby.datatypes.window import utc_text
from passerby.public.api.answers import Model
from passerby.public.api.context import Context
from passerby.public.api.parameters import Cursor, HashPath, Limit
from passerby.public.api.problem import NOT_MODIFIED, RESPONSES, NotFoundError
from passerby.public.api.tags import is_known
from passerby.public.store import query


class BatchModel(Model):
    """A batch: ``manifest`` is its leaf in the log, ``root`` the RFC 6962 root over its lines."""

    manifest: int
    root: str
    mandate: str
    releases: int
    start: str
    end: str
    lines: str


class BatchPage(Model):
    """Batches in the order of the log."""

    items: list[BatchModel]
    next: str | None


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["batches"], responses=RESPONSES)

    @routes.get("/api/v1/batches", summary="All batches in the order of the log")
    def batches(limit: Limit = 100, cursor: Cursor = None) -> BatchPage:
        after = -1 if cursor is None else int(cursor)
        found = query.batches(context.store, after=after, limit=limit + 1)
        shown = found[:limit]
        return BatchPage(
            items=[
                BatchModel(
                    manifest=entry.manifest,
                    root=entry.root,
                    mandate=entry.mandate,
                    releases=entry.releases,
                    start=utc_text(entry.start),
                    end=utc_text(entry.until),
                    lines=f"/api/v1/batches/{entry.root}.csv",
                )
                for entry in shown
            ],
            next=str(shown[-1].manifest) if len(found) > limit else None,
        )

    @routes.get(
        "/api/v1/batches/{root}.csv",
        summary="The canonical lines of a batch, in order, without a header",
        response_class=Response,
        responses={
            200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
            **NOT_MODIFIED,
        },
    )
    def lines(root: HashPath, request: Request) -> Response:
        entry = query.batch(context.store, root)
        if entry is None:
            raise NotFoundError("there is no such batch", remedy="See /api/v1/batches.")
        headers = {"ETag": f'"{root}"', "Cache-Control": "public, max-age=31536000, immutable"}
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        text = "".join(f"{line}\n" for line in query.batch_lines(context.store, entry))
        return Response(text, media_type="text/csv; header=absent", headers=headers)

    return routes
