"""Pictures of several cameras in one go, as a GPU likes them."""

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from passerby.edge.detection.runtime import Arrays, Runtime

MOST = 16
"""Pictures in a batch."""


@dataclass(slots=True, repr=False)
class _Ticket:
    pictures: NDArray[np.uint8]
    outputs: Arrays = field(default_factory=list)
    error: Exception | None = None
    done: bool = False


class Batched:
    """A runtime for threads that come at the same time: those that wait while a batch runs are the next one. Nobody
    waits for others to come."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._queue = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Ticket] = []

    def run(self, pictures: NDArray[np.uint8]) -> Arrays:
        """As the protocol of runtimes says. Raises what the runtime raises, to all whose pictures were in the batch."""
        ticket = _Ticket(pictures)
        with self._queue:
            self._waiting.append(ticket)
        with self._turn:
            while not ticket.done:
                with self._queue:
                    batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._work(batch)
        if ticket.error is not None:
            raise ticket.error
        return ticket.outputs

    def _work(self, batch: list[_Ticket]) -> None:
        try:
            outputs = self._runtime.run(np.concatenate([ticket.pictures for ticket in batch]))
        except Exception as error:
            for ticket in batch:
                ticket.error, ticket.done = error, True
            return
        ends = np.cumsum([len(ticket.pictures) for ticket in batch])
        for ticket, end in zip(batch, ends, strict=True):
            ticket.outputs = [output[end - len(ticket.pictures) : end] for output in outputs]
            ticket.done = True
