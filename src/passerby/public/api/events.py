"""``/api/v1/events``: new releases as server-sent events; a client that comes back goes on where it was."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from passerby.public.api.context import Context
from passerby.public.api.parameters import Seconds, SensorId
from passerby.public.api.problem import RESPONSES, BusyError
from passerby.public.api.releases import as_json
from passerby.public.store import query
from passerby.public.store.store import Store

MAX_LISTENERS = 1000
_HEARTBEAT_SECONDS = 15.0
_MOST_BEHIND = 20_000
_PAGE = 500
_KEPT = 64


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["events"], responses=RESPONSES)
    listeners: set[object] = set()
    pages = _Pages(context.store)

    @routes.get(
        "/api/v1/events",
        summary="Server-sent events `release`; `skipped` where a client fell too far behind",
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def events(
        sensor: SensorId = None,
        resolution: Seconds = None,
        last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,18}$")] = None,
    ) -> Response:
        if len(listeners) >= MAX_LISTENERS:
            raise BusyError("too many listen already", expected=f"at most {MAX_LISTENERS}", remedy="Try again later.")
        after = context.store.last_id if last_event_id is None else int(last_event_id)
        wanted = query.Filter(sensor=sensor, resolution=resolution)
        return StreamingResponse(_follow(context, pages, wanted, after, listeners), media_type="text/event-stream")

    return routes


class _Pages:
    """Reads once what many listeners want at the same moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[tuple[query.Filter, int, int], query.Page] = OrderedDict()

    async def read(self, wanted: query.Filter, after: int) -> query.Page:
        """A page of what was published after a release."""
        key = (wanted, after, self._store.last_id)
        async with self._lock:
            if key not in self._kept:
                page = await run_in_threadpool(query.releases, self._store, wanted, after=after, limit=_PAGE)
                self._kept[key] = page
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


async def _follow(
    context: Context, pages: _Pages, wanted: query.Filter, after: int, listeners: set[object]
) -> AsyncIterator[str]:
    token = object()
    listeners.add(token)
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    stop = context.store.listen(lambda: loop.call_soon_threadsafe(news.set))
    sent = 0
    try:
        yield "retry: 5000\n\n"
        while True:
            news.clear()
            page = await pages.read(wanted, after)
            for item in page.items:
                after = item.id
                yield f"id: {item.id}\nevent: release\ndata: {json.dumps(as_json(item), separators=(',', ':'))}\n\n"
            sent += len(page.items)
            if page.next is not None and sent < _MOST_BEHIND:
                after = page.next
                continue
            if page.next is not None:
                after = context.store.last_id
                yield f"id: {after}\nevent: skipped\ndata: {{}}\n\n"
            sent = 0
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await news.wait()
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        stop()
        listeners.discard(token)
