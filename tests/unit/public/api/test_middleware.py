"""The limit on how fast one address may ask."""

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from passerby.public.api.middleware import RateLimiter
from passerby.public.api.rate import RateLimit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(limiter: RateLimiter, address: str, path: str = "/api/v1/city") -> tuple[int, dict[bytes, bytes]]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "client": (address, 1), "headers": []}
    asyncio.run(limiter(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(PlainTextResponse("ok"), RateLimit(per_second=0.5, burst=3), capacity=100, clock=clock)


def test_past_the_burst_an_address_waits(limiter: RateLimiter, clock: Clock) -> None:
    assert [ask(limiter, "192.0.2.1")[0] for _ in range(4)] == [200, 200, 200, 429]
    status, headers = ask(limiter, "192.0.2.1")
    assert (status, headers[b"retry-after"]) == (429, b"3")
    assert ask(limiter, "192.0.2.2")[0] == 200
    clock.now += 2
    assert [ask(limiter, "192.0.2.1")[0] for _ in range(2)] == [200, 429]


def test_a_home_with_ipv6_is_one_address(limiter: RateLimiter) -> None:
    assert [ask(limiter, f"2001:db8:1:2::{i:x}")[0] for i in range(4)] == [200, 200, 200, 429]
    assert ask(limiter, "2001:db8:1:3::1")[0] == 200


def test_files_of_the_log_are_not_limited(limiter: RateLimiter) -> None:
    assert {ask(limiter, "192.0.2.1", "/log/checkpoint")[0] for _ in range(10)} == {200}


def test_memory_is_bounded(limiter: RateLimiter) -> None:
    for i in range(300):
        ask(limiter, f"198.51.{i // 250}.{i % 250}")
    assert len(limiter._buckets) == 100
