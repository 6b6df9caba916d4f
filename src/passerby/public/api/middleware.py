"""What holds for every answer: security headers, HEAD, and limits on what one address may ask and send."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.public.api.problem import problem
from passerby.public.api.rate import RateLimit, TokenBuckets, network

MOST_BODY = 65_536

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN_DATA = ("/api/", "/log/", "/sensorthings/", "/ngsi-ld/", "/data/", "/plates/", "/feeds/", "/metrics")
DYNAMIC = tuple(prefix for prefix in OPEN_DATA if prefix != "/log/")


def content_security_policy(tiles: str | None = None) -> str:
    """What a page may load: this origin, and the tile server where the city names one. ``tiles``: its address."""
    server = "" if tiles is None else " {0.scheme}://{0.netloc}".format(urlsplit(tiles))
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{server}",
            "worker-src 'self' blob:",
            f"connect-src 'self'{server}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds the headers; what is open data may be read from any origin, because it holds nobody's secret."""

    def __init__(self, app: ASGIApp, tiles: str | None = None) -> None:
        self._app = app
        self._headers = {"Content-Security-Policy": content_security_policy(tiles), **_HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_open = scope["path"].startswith(OPEN_DATA)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin")
                if is_open:
                    headers.setdefault("Access-Control-Allow-Origin", "*")
                if is_open and "etag" not in headers:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class HeadAsGet:
    """Answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class BodyLimit:
    """Refuses bodies above ``most`` bytes before anybody reads them."""

    def __init__(self, app: ASGIApp, most: int = MOST_BODY) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced[:18]) > self._most:
            await problem(413, f"expected at most {self._most} bytes")(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise HTTPException(413, f"expected at most {self._most} bytes")
            return message

        await self._app(scope, counted, send)


class RateLimiter:
    """Limits how fast one address may ask for what is computed."""

    def __init__(
        self, app: ASGIApp, limit: RateLimit, capacity: int = 65_536, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._buckets = app, TokenBuckets(limit, capacity, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(DYNAMIC):
            await self._app(scope, receive, send)
            return
        wait = self._buckets.take(network(scope["client"][0] if scope.get("client") else ""))
        if wait > 0:
            refusal = problem(429, "Too many requests from your address.", {"Retry-After": str(int(wait) + 1)})
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)
