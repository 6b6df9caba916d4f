"""How fast one address may ask: token buckets in memory, which keep no address."""

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Requests a second that one address may make in the long run, and at once."""

    per_second: float = 50.0
    burst: float = 300.0


USUAL_RATE = RateLimit()


class TokenBuckets:
    """A bucket for each network. Networks are kept as digests under a key that dies with the process, at most
    ``capacity`` of them.
    """

    def __init__(self, limit: RateLimit, capacity: int = 65_536, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._capacity, self._clock = limit, capacity, clock
        self._key = secrets.token_bytes(32)
        self._lock = Lock()
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, network: str) -> float:
        """Seconds to wait for the next token, 0 where one was taken."""
        name = hashlib.blake2b(network.encode(), digest_size=16, key=self._key).digest()
        with self._lock:
            now = self._clock()
            tokens, then = self._buckets.pop(name, (self._limit.burst, now))
            tokens = min(self._limit.burst, tokens + (now - then) * self._limit.per_second)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / self._limit.per_second
            self._buckets[name] = (tokens - 1 if tokens >= 1 else tokens, now)
            if len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
            return wait


def network(address: str) -> str:
    """What counts as one address: IPv4 as it is, IPv6 by its /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
