"""``/api/v1/mandates``: every decision to measure, with where it stands and the proof that it is public."""

from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict

from passerby.datatypes.standing import EndKind, Standing, State
from passerby.datatypes.window import utc_text
from passerby.public.api.answers import Model, instant_text
from passerby.public.api.context import Context
from passerby.public.api.parameters import Cursor, HashPath, Limit
from passerby.public.api.problem import RESPONSES, NotFoundError

_END: dict[str, Any] = {
    "kind": "suspension",
    "reason": "The counting area was drawn too wide.",
    "signed_by": ["oversight"],
    "keys": ["oversight+2a69b7a7+AVEcNKGiy1Id8WuyRrjejnmXziNcfnayKj11A6JIGd2K"],
    "log_index": 4711,
    "public_since": "2026-03-09T14:00:00Z",
}

_MANDATE: dict[str, Any] = {
    "hash": "ab" * 32,
    "id": "square-footfall",
    "title": "How many people cross the square",
    "state": "suspended",
    "public_since": "2026-02-14T22:00:05Z",
    "in_force_from": "2026-03-01T22:00:00Z",
    "starts": "2026-03-01T22:00:00Z",
    "expires": "2026-08-31T21:00:00Z",
    "signed_by": ["council", "oversight"],
    "log_index": 12,
    "sensors": ["plaza"],
    "document": {"mandate": {"id": "square-footfall", "title": "How many people cross the square"}},
    "ends": [_END],
}


class EndModel(Model):
    """A suspension or revocation. ``signed_by``: roles, ``keys``: theirs in the same order; ``log_index``: its leaf.

    ``public_since``: when witnesses had seen it; null for the seconds until their times are in the log.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_END]})
    kind: EndKind
    reason: str
    signed_by: list[str]
    keys: list[str]
    log_index: int
    public_since: str | None


class MandateModel(Model):
    """A mandate; ``log_index`` is its leaf, ``document`` the text whose canonical JSON has the hash.

    ``ends``: what stopped it before ``expires``, in the order of the log; empty for most.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_MANDATE]})
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
    ends: list[EndModel]


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
        ends=[
            EndModel(
                kind=end.kind,
                reason=end.reason,
                signed_by=list(end.signed_by),
                keys=list(end.keys),
                log_index=end.log_index,
                public_since=instant_text(end.public_since),
            )
            for end in standing.ends
        ],
    )
