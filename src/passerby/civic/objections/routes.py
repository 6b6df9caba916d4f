"""``/api/v1/objections``: contest a number or a mandate, or ask; read what was asked and what the city answered."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import ConfigDict, Field

from passerby.civic.objections.desk import Desk
from passerby.civic.objections.objection import MAX_TEXT, About, Objection, Statement
from passerby.civic.objections.store import NoSuchObjectionError
from passerby.civic.objections.work import Challenges
from passerby.public.api.answers import Model
from passerby.public.api.parameters import HASH, Cursor, Limit
from passerby.public.api.problem import RESPONSES, NotFoundError, TooManyError
from passerby.public.api.rate import RateLimit, TokenBuckets, network
from passerby.public.directory import Sources
from passerby.public.store import query
from passerby.public.store.record import ReleaseLineError
from passerby.public.store.store import Store

USUAL_PACE = RateLimit(per_second=1 / 60, burst=10)
_EXAMPLE: dict[str, Any] = {
    "about": {"mandate": "ab" * 32},
    "text": "Why is the square counted at night?",
    "challenge": "6563a1b0.18.0123456789abcdef01234567.0123456789abcdef0123456789abcdef",
    "nonce": "184467",
}


class AboutMandate(Model):
    """A mandate by its hash."""

    mandate: Annotated[str, Field(pattern=HASH)]


class AboutRelease(Model):
    """One number by its line, exactly as published."""

    release: Annotated[str, Field(max_length=500)]


class ObjectionRequest(Model):
    """``challenge`` and ``nonce``: proof of work, see ``/api/v1/objections/challenge``."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    about: AboutMandate | AboutRelease
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
    challenge: Annotated[str, Field(max_length=200)]
    nonce: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class Accepted(Model):
    """The number of an objection and its hash, which is in the log."""

    id: int
    hash: str
    at: str


class ChallengeModel(Model):
    """Find a decimal ``nonce`` so that SHA-256 of ``challenge:nonce`` begins with ``bits`` zero bits."""

    challenge: str
    bits: int
    seconds: int


class AnswerModel(Model):
    """``hash``: SHA-256 of the canonical JSON (RFC 8785) of at, objection (its hash), salt and text."""

    at: str
    text: str | None
    salt: str | None
    hash: str
    leaf: int | None


class ObjectionModel(Model):
    """``hash``: SHA-256 of the canonical JSON (RFC 8785) of about, at, salt and text; ``leaf``: where it is logged.

    ``withheld``: why the text is not shown.
    """

    id: int
    at: str
    about: dict[str, str]
    text: str | None
    salt: str | None
    hash: str
    leaf: int | None
    withheld: str | None
    answer: AnswerModel | None


class ObjectionPage(Model):
    """Objections, the newest first."""

    items: list[ObjectionModel]
    next: str | None


def router(
    desk: Desk,
    releases: Store,
    sources: Sources,
    *,
    challenges: Challenges | None = None,
    pace: RateLimit = USUAL_PACE,
) -> APIRouter:
    """The resource. ``pace``: of requests from one address."""
    routes = APIRouter(tags=["objections"], responses=RESPONSES)
    work = challenges or Challenges()
    buckets = TokenBuckets(pace)

    @routes.get("/api/v1/objections/challenge", summary="What the browser must do before it may object")
    def challenge() -> ChallengeModel:
        given = work.issue()
        return ChallengeModel(challenge=given.text, bits=given.bits, seconds=given.seconds)

    @routes.post("/api/v1/objections", status_code=201, summary="Contest a number or a mandate, or ask")
    def object_or_ask(asked: ObjectionRequest, request: Request) -> Accepted:
        about = _about(releases, sources, asked.about)
        work.take(asked.challenge, asked.nonce)
        if wait := buckets.take(network(request.client.host if request.client else "")):
            raise TooManyError("too many objections from your address", remedy=f"Try again in {int(wait) + 1} s.")
        kept = desk.object(about, asked.text)
        return Accepted(id=kept.id, hash=kept.request.hash, at=kept.request.at)

    @routes.get("/api/v1/objections", summary="What was asked and answered, the newest first")
    def objections(
        mandate: Annotated[str | None, Query(pattern=HASH, description="Only about this mandate.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> ObjectionPage:
        before = None if cursor is None else int(cursor)
        found = desk.store.page(mandate=mandate, before=before, limit=limit + 1)
        shown = found[:limit]
        following = str(shown[-1].id) if len(found) > limit else None
        return ObjectionPage(items=[_model(objection) for objection in shown], next=following)

    @routes.get("/api/v1/objections/{number}", summary="One objection")
    def objection(number: Annotated[int, Path(ge=1, lt=1 << 62, examples=[1])]) -> ObjectionModel:
        try:
            return _model(desk.store.get(number))
        except NoSuchObjectionError as error:
            raise NotFoundError(error.problem, remedy="See /api/v1/objections.") from error

    return routes


def _about(releases: Store, sources: Sources, asked: AboutMandate | AboutRelease) -> About:
    if isinstance(asked, AboutMandate):
        if not any(standing.mandate.hash == asked.mandate for standing in sources.standings()):
            raise NotFoundError("there is no such mandate", remedy="See /api/v1/mandates.")
        return About(asked.mandate)
    try:
        found = query.find(releases, asked.release)
    except ReleaseLineError as error:
        raise NotFoundError("this is not the line of a release", remedy="See /api/v1/batches.") from error
    if found is None:
        raise NotFoundError("no such number was published", remedy="See /api/v1/releases.")
    return About(found.record.mandate, asked.release)


def _model(objection: Objection) -> ObjectionModel:
    return ObjectionModel(
        id=objection.id,
        about=dict(objection.about.document()),
        withheld=objection.withheld,
        answer=None if objection.answer is None else AnswerModel(**_shown(objection.answer)),
        **_shown(objection.request),
    )


def _shown(said: Statement) -> dict[str, Any]:
    return {"at": said.at, "text": said.text, "salt": said.salt, "hash": said.hash, "leaf": said.leaf}
