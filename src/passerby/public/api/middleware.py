"""What holds for every answer: security headers, HEAD, and a limit on how fast one address may ask."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.public.api.problem import problem

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN_DATA = ("/api/", "/log/", "/sensorthings/", "/ngsi-ld/", "/data/", "/plates/")
DYNAMIC = ("/api/", "/sensorthings/", "/ngsi-ld/", "/data/", "/plates/")


class SecurityHeaders:
    """Adds the headers; what is open data may be read from any origin, because it holds nobody's secret."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_open = scope["path"].startswith(OPEN_DATA)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
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


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Requests a second that one address may make in the long run, and at once."""

    per_second: float = 50.0
    burst: float = 300.0


USUAL_RATE = RateLimit()


class RateLimiter:
    """A token bucket for each address, in memory only; IPv6 by its /64. At most ``capacity`` addresses are kept."""

    def __init__(
        self, app: ASGIApp, limit: RateLimit, capacity: int = 65_536, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._limit, self._capacity, self._clock = app, limit, capacity, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(DYNAMIC):
            await self._app(scope, receive, send)
            return
        wait = self._take(_network(scope["client"][0] if scope.get("client") else ""))
        if wait > 0:
            refusal = problem(429, "Too many requests from your address.", {"Retry-After": str(int(wait) + 1)})
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _take(self, address: str) -> float:
        """Seconds to wait for the next token, 0 where one was taken."""
        now = self._clock()
        tokens, then = self._buckets.pop(address, (self._limit.burst, now))
        tokens = min(self._limit.burst, tokens + (now - then) * self._limit.per_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._limit.per_second
        self._buckets[address] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        return wait


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
