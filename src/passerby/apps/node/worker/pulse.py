"""The clock of a camera, by which its worker knows that it is alive."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from passerby.datatypes.errors import PasserbyError
from passerby.edge.capture import SystemClock
from passerby.machine import Core


class StoppedError(PasserbyError):
    """The node was asked to end."""


class Pulse(SystemClock):
    """The machine's clock; whoever waits by it is woken with StoppedError when its camera is to stop.

    A camera asks the time at each packet and each picture: a long silence while it does not wait means that it hangs.
    """

    def __init__(self, core: Core | None = None) -> None:
        """``core``: that its camera does not hold while it waits."""
        self._core = core or Core()
        self.stop = threading.Event()
        self._owner = threading.get_ident()
        self._beat = time.monotonic()
        self._waits = False

    def now(self) -> datetime:
        """The present instant, UTC."""
        if threading.get_ident() == self._owner:
            self._beat = time.monotonic()
        return super().now()

    def sleep(self, seconds: float) -> None:
        """Wait. Raises StoppedError."""
        with self.waiting():
            stopped = self.stop.wait(max(0.0, seconds))
        if stopped:
            raise StoppedError("the node ends")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The camera's own thread waits for something else in here, however long."""
        mine = threading.get_ident() == self._owner
        self._core.give()
        self._waits = mine or self._waits
        try:
            yield
        finally:
            if mine:
                self._beat, self._waits = time.monotonic(), False

    @property
    def still(self) -> float:
        """Seconds since the camera was last known to be alive; 0 while it waits."""
        return 0.0 if self._waits else time.monotonic() - self._beat
