"""Publish at a steady pace in the background."""

import threading
from types import TracebackType

from passerby.datatypes.errors import PasserbyError
from passerby.public.ledger.ledger import Ledger


class Publisher:
    """While the block runs, new leaves are published at most ``seconds`` after they came.

    Without new leaves the checkpoint is cosigned afresh every ``heartbeat`` seconds, so that its age shows that the log
    lives. ``failure``: why the last attempt failed, None after a success; leaves are never lost by a failure.
    """

    def __init__(self, ledger: Ledger, *, seconds: float = 10.0, heartbeat: float = 600.0) -> None:
        self._ledger = ledger
        self._seconds = seconds
        self._beats = max(1, round(heartbeat / seconds))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
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
        quiet = 0
        while not self._stop.wait(self._seconds):
            quiet += 1
            if self._ledger.size > self._ledger.published or quiet >= self._beats:
                self._publish()
                quiet = 0

    def _publish(self) -> None:
        try:
            self._ledger.publish()
            self.failure = None
        except (PasserbyError, OSError) as error:
            self.failure = error
