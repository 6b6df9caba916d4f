"""JSON answers that are made once and not validated again; their models describe them in the OpenAPI document."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from passerby.datatypes.window import utc_text


class Model(BaseModel):
    """Base of the documented shapes: closed, so that a test notices a field that nobody documented."""

    model_config = ConfigDict(extra="forbid")


def answer(content: Mapping[str, object] | Sequence[object], media_type: str = "application/json") -> Response:
    """Compact UTF-8 JSON."""
    return Response(encoded(content), media_type=media_type)


def encoded(content: Mapping[str, object] | Sequence[object]) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def instant_text(moment: datetime | None) -> str | None:
    """RFC 3339 text or null."""
    return None if moment is None else utc_text(moment)
