"""The server that is measured, in a process of its own: ``python -m passerby.apps.bench.api.server STORE CAMERAS``."""

import sys
import time
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.apps.bench.api.large_city import Size, sources
from passerby.apps.server.serve import serving
from passerby.apps.server.site import settled
from passerby.public.api.answers import answer
from passerby.public.api.app import create_app
from passerby.public.api.releases import as_json
from passerby.public.store import query
from passerby.public.store.store import Store

BASELINE = "/api/v1/baseline"


def baseline(store: Store) -> APIRouter:
    """A page of releases from memory, through the same server: what HTTP, gzip and Python cost without any question."""
    routes = APIRouter()
    page = query.releases(store, query.Filter(), limit=100)
    content = {"items": [as_json(item) for item in page.items], "next": str(page.next)}

    @routes.get(BASELINE)
    def same() -> Response:
        return answer(content)

    return routes


class CpuTiming:
    """Says in ``Server-Timing`` how much CPU time the process spent on an answer; true where one client asks alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begin = time.process_time()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                spent = 1000 * (time.process_time() - begin)
                MutableHeaders(scope=message)["Server-Timing"] = f"cpu;dur={spent:.3f}"
            await send(message)

        await self._app(scope, receive, timed)


def main(path: str, cameras: str) -> None:
    """Serve until standard input ends; print the address once it answers."""
    with Store.open(Path(path), threads=1) as store:
        app = create_app(store, sources(Size(int(cameras))), rate=None, neighbours=[baseline(store)])
        app.add_middleware(CpuTiming)
        with serving(app, "127.0.0.1", 0) as address, settled(address):
            print(address, flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
