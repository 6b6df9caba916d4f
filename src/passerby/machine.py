"""What a process may use of its machine, and how its threads share it."""

import os
import threading
from collections import deque
from threading import get_ident
from typing import NamedTuple

PATIENCE_SECONDS = 0.25
"""Whoever waited so long goes on beside the one that holds the core: it may hang."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Ticket(NamedTuple):
    thread: int
    called: threading.Lock


class Core:
    """Lets the threads of a process work one after the other, in the order in which the caches of a core like it.

    A thread holds it from a packet until all is done that its picture needs. Packets go first, since they do not wait;
    once nobody has one, those who stepped back for the detector follow each other, and find its weights in the cache.
    Waiting is for the sake of speed alone, so that it is not long, and nobody needs to hold what it uses.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._packets: deque[_Ticket] = deque()
        self._looks: deque[_Ticket] = deque()
        self._turn = self._packets

    def take(self) -> None:
        """Wait until this thread may work on a packet; at once if it holds the core."""
        self._wait(self._packets)

    def step_back(self) -> None:
        """Let the packets of others, and those who wait for the detector already, go first. Nothing where this thread
        does not hold the core."""
        if self.give():
            self._wait(self._looks)

    def give(self) -> bool:
        """Let another work, and say whether this thread held the core."""
        with self._lock:
            if self._holder != get_ident():
                return False
            if not self._turn:
                self._turn = self._packets or self._looks
            self._holder = None
            if self._turn:
                self._holder, called = self._turn.popleft()
                called.release()
            return True

    def _wait(self, queue: deque[_Ticket]) -> None:
        ticket = _Ticket(get_ident(), threading.Lock())
        with self._lock:
            if self._holder in (None, ticket.thread):
                self._holder = ticket.thread
                return
            ticket.called.acquire()
            queue.append(ticket)
        if not ticket.called.acquire(timeout=PATIENCE_SECONDS):
            with self._lock:
                if ticket in queue:
                    queue.remove(ticket)
                    self._holder = ticket.thread
