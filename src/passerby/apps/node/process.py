"""A worker as the node sees it: started, heard, told, and mourned."""

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from passerby.apps.node.pipe import Message, Pipe

PROGRAM = (sys.executable, "-P", "-m", "passerby.apps.node.worker")
END_SECONDS = 3.0
_CAMERA = re.compile(rb" in camera_(\d+)\n")
_PLACE = re.compile(rb'File "[^"]*?([^"/]+)", line (\d+) in (\S+)')


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended. ``job``: number of the one whose thread crashed, None where that is not known.

    ``cause``: such as ``SIGSEGV in detector.py:62 detect``.
    """

    cause: str
    job: int | None


class WorkerProcess:
    """One worker. ``heard`` and ``died`` are called in a thread of its own, ``died`` once and last.

    ``ready``: it said so. ``memory``: bytes that it holds, 0 while it did not say. ``heard_at``: when it last spoke.
    """

    def __init__(
        self,
        heard: Callable[["WorkerProcess", Message], None],
        died: Callable[["WorkerProcess", Death], None],
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """Start it, in a thread that outlives it: Linux ends it with that thread. Raises OSError."""
        self._heard, self._died = heard, died
        self.ready = False
        self.memory = 0
        self.heard_at = time.monotonic()
        here, there = socket.socketpair()
        self._faults, faults = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*program, str(there.fileno()), str(faults), str(os.getpid())],
                pass_fds=(there.fileno(), faults),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        finally:
            there.close()
            os.close(faults)
        self._pipe = Pipe(here.detach())
        self._outbox: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen, name=f"worker {self.pid}", daemon=True)
        self._thread.start()
        threading.Thread(target=self._speak, name=f"to worker {self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid

    def send(self, message: Mapping[str, Any]) -> None:
        """Tell it something, and do not wait until it listens. Whoever is dead hears nothing, and ``died`` says so."""
        self._outbox.put(message)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def hang_up(self) -> None:
        """Let it end: it takes leave of its cameras first."""
        self._outbox.put(None)

    def join(self) -> None:
        """Wait for its end, at most ``END_SECONDS``, then end it."""
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._thread.join()

    def _speak(self) -> None:
        with suppress(OSError):
            while (message := self._outbox.get()) is not None:
                self._pipe.send(message)
            self._pipe.hang_up()

    def _listen(self) -> None:
        try:
            while (message := self._pipe.receive()) is not None:
                self.heard_at = time.monotonic()
                self._heard(self, message)
        except Exception:
            self._process.kill()  # what it says makes no sense, and is not repeated
        code = self._process.wait()
        self._outbox.put(None)
        self._pipe.close()
        with os.fdopen(self._faults, "rb") as faults:
            self._died(self, _death(code, faults.read()))


def _death(code: int, report: bytes) -> Death:
    """``report``: of ``faulthandler``: the calls of the thread that crashed, innermost first."""
    cause = signal.Signals(-code).name if code < 0 else f"exit {code}"
    camera, place = _CAMERA.search(report), _PLACE.search(report)
    if place is not None:
        cause += " in {}:{} {}".format(*(part.decode("ascii", "replace") for part in place.groups()))
    return Death(cause, None if camera is None else int(camera[1]))
