"""Entity tags (RFC 9110)."""

import hashlib

from fastapi import Request
from fastapi.responses import Response


def content_tag(content: bytes) -> str:
    """A strong tag of the bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` names the tag."""
    header = request.headers.get("if-none-match", "")
    return header == "*" or tag in (part.strip().removeprefix("W/") for part in header.split(","))


def tagged(request: Request, content: bytes, media_type: str) -> Response:
    """The content with its tag, or 304 where the client has it already."""
    headers = {"ETag": content_tag(content), "Cache-Control": "no-cache"}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
