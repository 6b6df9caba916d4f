"""Proof of work: a price in computing time, paid by the browser, that needs no account and no third party.

The browser looks for a ``nonce`` for which SHA-256 of ``challenge:nonce`` begins with ``bits`` zero bits (Hashcash). It
stops floods by idle hands; somebody with many machines is stopped by the rising price: each doubling of what came
within an hour costs one bit more.
"""

import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from passerby.public.api.problem import RefusedError

BITS, MOST_BITS = 18, 26
_CALM_AN_HOUR = 20
_LIFETIME_SECONDS = 900
_HOUR = 3600.0


class ProofOfWorkError(RefusedError):
    """A proof of work that does not count."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """``text`` is used once, within ``seconds``; ``bits`` are the zero bits that the hash must begin with."""

    text: str
    bits: int
    seconds: int


class Challenges:
    """Gives challenges and takes proofs. Keeps no address: a challenge carries its own authentication code."""

    def __init__(self, bits: int = BITS, clock: Callable[[], float] = time.time) -> None:
        self._bits, self._clock = bits, clock
        self._secret = secrets.token_bytes(32)
        self._lock = Lock()
        self._spent: dict[str, float] = {}
        self._taken: deque[float] = deque()

    @property
    def bits(self) -> int:
        """The price now."""
        with self._lock:
            now = self._clock()
            while self._taken and self._taken[0] < now - _HOUR:
                self._taken.popleft()
            return min(self._bits + (len(self._taken) // _CALM_AN_HOUR).bit_length(), MOST_BITS)

    def issue(self) -> Challenge:
        """A new challenge at the price of now."""
        bits = self.bits
        body = f"{int(self._clock()) + _LIFETIME_SECONDS:x}.{bits}.{secrets.token_hex(12)}"
        return Challenge(f"{body}.{self._code(body)}", bits, _LIFETIME_SECONDS)

    def take(self, challenge: str, nonce: str) -> None:
        """Accept one proof, once. Raises ProofOfWorkError."""
        body, _, code = challenge.rpartition(".")
        if not hmac.compare_digest(code.encode(), self._code(body).encode()):
            raise ProofOfWorkError("challenge is not ours", remedy="Ask for a new one.")
        until, bits = int(body.split(".")[0], 16), int(body.split(".")[1])
        if self._clock() > until:
            raise ProofOfWorkError("challenge is too old", remedy="Ask for a new one.")
        if int.from_bytes(sha256(f"{challenge}:{nonce}".encode()).digest()) >> (256 - bits):
            raise ProofOfWorkError("proof of work is missing", expected=f"a hash with {bits} zero bits in front")
        with self._lock:
            now = self._clock()
            self._spent = {known: end for known, end in self._spent.items() if end >= now}
            if challenge in self._spent:
                raise ProofOfWorkError("challenge was used before", remedy="Ask for a new one.")
            self._spent[challenge] = until
            self._taken.append(now)

    def _code(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), sha256).hexdigest()[:32]


def solve(challenge: Challenge) -> str:
    """Do the work; for clients in Python and for tests."""
    nonce = 0
    while int.from_bytes(sha256(f"{challenge.text}:{nonce}".encode()).digest()) >> (256 - challenge.bits):
        nonce += 1
    return str(nonce)
