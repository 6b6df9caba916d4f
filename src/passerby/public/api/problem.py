"""Errors as RFC 9457 problem details: what is wrong, what was expected, what to do. Never a trace, never an address."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from passerby.datatypes.errors import PasserbyError

MEDIA_TYPE = "application/problem+json"


class NotFoundError(PasserbyError):
    """What was asked for is not here."""


class BadQueryError(PasserbyError):
    """A request that cannot be answered as it stands."""


class UnsupportedQueryError(PasserbyError):
    """A request that the standard allows and this server does not answer."""


class BusyError(PasserbyError):
    """Too many at once."""


class RefusedError(PasserbyError):
    """A request that is understood and not granted."""


class TooManyError(PasserbyError):
    """One address asks for too much."""


class Problem(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Not Found", "status": 404, "detail": "there is no such sensor"}]}
    )
    title: str
    status: int
    detail: str


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The request cannot be answered; the detail says why.",
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
}

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has it already."}}

_STATUS: tuple[tuple[type[PasserbyError], int], ...] = (
    (NotFoundError, 404),
    (UnsupportedQueryError, 501),
    (BusyError, 503),
    (TooManyError, 429),
    (RefusedError, 403),
    (PasserbyError, 400),
)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """One problem as a response."""
    title = HTTPStatus(status).phrase
    content = {"title": title, "status": status, "detail": detail or title}
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def _allowed(app: FastAPI, request: Request) -> str:
    """All methods of the resource; a router knows those of one route."""
    path = getattr(request.scope.get("route"), "path", "")
    return ", ".join(sorted(method.upper() for method in app.openapi()["paths"].get(path, ())))


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""

    @app.exception_handler(PasserbyError)
    def ours(_: Request, error: PasserbyError) -> Response:
        return problem(next(status for kind, status in _STATUS if isinstance(error, kind)), str(error))

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> Response:
        faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
        names_nothing = all(fault["loc"][0] == "path" for fault in error.errors())
        return problem(404 if names_nothing else 400, faults)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = _allowed(app, request) or headers.get("Allow", "GET")
        return problem(error.status_code, str(error.detail), headers)

    @app.exception_handler(Exception)
    def unexpected(_: Request, __: Exception) -> Response:
        return problem(500, "Something failed here; it was not your request.")
