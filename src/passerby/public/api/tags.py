"""Entity tags (RFC 9110)."""

import hashlib

from fastapi import Request


def content_tag(content: bytes) -> str:
    """A strong tag of the bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` names the tag."""
    header = request.headers.get("if-none-match", "")
    return header == "*" or tag in (part.strip().removeprefix("W/") for part in header.split(","))
