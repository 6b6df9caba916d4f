"""``/api/v1/mandates``: every decision to measure, with where it stands and the proof that it is public."""

from typing import Any

from fastapi import APIRouter

from passerby.datatypes.standing import Standing, State
from passerby.datatypes.window import utc_text
from passerby.public.api.answers import Model, instant_text
from passerby.public.api.context import Context
from passerby.public.api.parameters import Cursor, HashPath, Limit
from passerby.public.api.problem import RESPONSES, NotFoundError


class MandateModel(Model):
    """A mandate; ``log_index`` is its leaf, ``document`` the text whose canonical JSON has the hash."""

    hash: str
    id: str
    title: str
    state: State
    public_since: str | None
    in_force_from: str | None
    starts: str
    expires: str
    signed_by: list[str]
    log_index: int
    sensors: list[str]
    document: dict[str, Any]


class MandatePage(Model):
    """Mandates in the order of the log."""

    items: list[MandateModel]
    next: str | None


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["mandates"], responses=RESPONSES)

    @routes.get("/api/v1/mandates", summary="All mandates in the order of the log")
    def mandates(limit: Limit = 100, cursor: Cursor = None) -> MandatePage:
        after = -1 if cursor is None else int(cursor)
        found = sorted((s for s in context.sources.standings() if s.log_index > after), key=lambda s: s.log_index)
        shown = found[:limit]
        return MandatePage(
            items=[_model(standing) for standing in shown],
            next=str(shown[-1].log_index) if len(found) > limit else None,
        )

    @routes.get("/api/v1/mandates/{hash}", summary="One mandate")
    def mandate(hash: HashPath) -> MandateModel:
        for standing in context.sources.standings():
            if standing.mandate.hash == hash:
                return _model(standing)
        raise NotFoundError("there is no such mandate", remedy="See /api/v1/mandates.")

    return routes


def _model(standing: Standing) -> MandateModel:
    mandate = standing.mandate
    return MandateModel(
        hash=mandate.hash,
        id=mandate.id,
        title=mandate.title,
        state=standing.state,
        public_since=instant_text(standing.public_since),
        in_force_from=instant_text(standing.in_force_from),
        starts=utc_text(mandate.starts),
        expires=utc_text(mandate.expires),
        signed_by=list(standing.signed_by),
        log_index=standing.log_index,
        sensors=list(mandate.sensors),
        document=dict(mandate.document),
    )
