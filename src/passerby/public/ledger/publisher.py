"""Publish at a steady pace in the background."""

import threading
import time
from collections.abc import Callable
from types import TracebackType

from passerby.datatypes.errors import PasserbyError
from passerby.public.ledger.ledger import Ledger


class Publisher:
    """While the block runs, a publication of all new leaves begins every ``seconds``, however long the last one took.

    Without new leaves the checkpoint is cosigned afresh every ``heartbeat`` seconds, so that its age shows that the log
    lives. ``failure``: why the last attempt failed, None after a success; leaves are never lost by a failure. ``tell``
    is told each failure that differs from the last one, and when it is over.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        seconds: float = 10.0,
        heartbeat: float = 60.0,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._seconds = seconds
        self._heartbeat = heartbeat
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._tell = tell
        self._told = ""
        self.failure: PasserbyError | OSError | None = None

    def __enter__(self) -> "Publisher":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._publish()

    def _run(self) -> None:
        due = last = time.monotonic()
        while True:
            due = max(due + self._seconds, time.monotonic())
            if self._stop.wait(due - time.monotonic()):
                return
            if self._ledger.size > self._ledger.published or due - last >= self._heartbeat:
                self._publish()
                last = due

    def _publish(self) -> None:
        try:
            self._ledger.publish()
            self.failure = None
        except (PasserbyError, OSError) as error:
            self.failure = error
        self._report("" if self.failure is None else _words(self.failure))

    def _report(self, words: str) -> None:
        if self._tell is not None and words != self._told:
            self._tell(words or "The log is published again.")
        self._told = words


def _words(failure: PasserbyError | OSError) -> str:
    return " ".join([f"The log was not published: {failure}", *getattr(failure, "__notes__", ())])
