"""Files of the log and of the built site, with tags and ranges; nothing outside their folder."""

import os
from mimetypes import guess_type
from pathlib import Path

from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"
_PACKED = (("br", ".br"), ("gzip", ".gz"))


class LogFiles(StaticFiles):
    """The tile log. Tiles never change; the checkpoint does."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _FOR_EVER if path.startswith("tile" + os.sep) else _ASK
        if path == "checkpoint":
            response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response


class SiteFiles(StaticFiles):
    """The built site. Files under ``assets`` carry a hash in their name; a page without a dot is drawn by the index."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await self._packed(path, scope)
        except HTTPException as error:
            is_page = error.status_code == 404 and "." not in path and scope["method"] in ("GET", "HEAD")
            if not is_page:
                raise
            response = await self._packed("index.html", scope)
        response.headers["Cache-Control"] = _FOR_EVER if path.startswith("assets" + os.sep) else _ASK
        return response

    async def _packed(self, path: str, scope: Scope) -> Response:
        """The file as the build packed it, in the best way that the client takes; else the file itself."""
        accepted = Headers(scope=scope).get("accept-encoding", "")
        name = "index.html" if path in ("", ".") else path
        for encoding, ending in _PACKED:
            if encoding in accepted and self.lookup_path(name + ending)[1] is not None:
                response = await super().get_response(name + ending, scope)
                response.headers["Content-Type"] = guess_type(name)[0] or "application/octet-stream"
                response.headers["Content-Encoding"] = encoding
                response.headers["Vary"] = "Accept-Encoding"
                return response
        return await super().get_response(path, scope)
