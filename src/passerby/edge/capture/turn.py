"""Who may decode when there is more to decode than the machine can."""

import time
from datetime import datetime, timedelta
from typing import Protocol

from passerby.datatypes.outage import Outage
from passerby.edge.capture.gap import Gap

MEMORY_SECONDS = 15.0
STALL_SECONDS = 0.5
"""Whoever waited so long for one packet is not behind: the camera or the network was."""
TOLD_EVERY = timedelta(seconds=1)


class Turn(Protocol):
    """A camera's part of the machine."""

    def rests(self, late: float, *, whole: bool) -> bool:
        """Whether this packet, and all until the next key frame, are left undecoded. To be asked of every packet, in
        the thread that decodes. ``late``: how far the camera is behind its stream, s. ``whole``: every picture of the
        stream must be decoded, not its key frames alone."""


class Lateness:
    """How far whoever reads a stream is behind it: against the earliest that a packet came of late.

    A clock that is set, at either end, is forgotten within half a minute; a stream that stood still, at once.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._earliest = [float("inf"), float("inf")]

    def of(self, seconds: float, waited: float) -> float:
        """s, for a packet of this time of the stream (s) that was read now, after it was waited for (s)."""
        now = time.monotonic()
        if waited > STALL_SECONDS:
            self._since, self._earliest = now, [float("inf"), float("inf")]
        if now - self._since > MEMORY_SECONDS:
            self._since = now
            self._earliest = [self._earliest[1], float("inf")]
        self._earliest[1] = min(self._earliest[1], now - seconds)
        return now - seconds - min(self._earliest)


class Rest:
    """The rests of one stream: each ends with a key frame, and is a gap from its first packet on."""

    def __init__(self, turn: Turn | None) -> None:
        self._turn = turn
        self._lateness = Lateness()
        self._lasts = False
        self._since: datetime | None = None
        self._told: datetime | None = None

    def lasts(self, seconds: float, waited: float, *, is_key: bool, whole: bool) -> bool:
        """Whether a packet (``seconds`` of the stream, ``waited`` for so long) is left undecoded. To be asked of all
        packets, in order."""
        if self._turn is not None:
            if self._turn.rests(self._lateness.of(seconds, waited), whole=whole):
                self._lasts = True
            elif is_key:
                self._lasts = False
        return self._lasts

    def gap(self, instant: datetime) -> Gap | None:
        """What to say of a packet that was left undecoded at ``instant`` (UTC): once a second that there is a rest."""
        if not self._lasts:
            return None
        self._since = self._since or instant
        if self._told is not None and instant - self._told < TOLD_EVERY:
            return None
        self._told = instant
        return Gap(Outage.OVERLOAD, self._since, instant)

    def end(self, instant: datetime) -> Gap | None:
        """What to say before a picture of ``instant`` (UTC): the whole of the rest that it ends, if it ends one."""
        if self._since is None:
            return None
        gap = Gap(Outage.OVERLOAD, self._since, instant)
        self._since = self._told = None
        return gap
