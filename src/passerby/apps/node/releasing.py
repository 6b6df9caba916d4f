"""The hand that brings measures of all cameras through the gate, in the order in which they came."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from passerby.apps.node.house import House
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.standing import State
from passerby.datatypes.window import civil_day
from passerby.gate.gate import Batch
from passerby.gate.mandate import NotAuthorizedError

Failed = Callable[[PasserbyError | OSError], None]


@dataclass(frozen=True, slots=True)
class Closed:
    """Measures of one camera under one mandate; ``failed`` is told what stopped them, ``done`` is called at the end."""

    mandate: Mandate
    sensor: str
    measures: Sequence[Measure]
    failed: Failed
    done: Callable[[], None]


class Releasing:
    """One thread. What waits together is published together."""

    def __init__(self, house: House, board: StatusBoard) -> None:
        self._house = house
        self._board = board
        self._queue: queue.SimpleQueue[Closed | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="releasing", daemon=True)
        self._thread.start()

    def put(self, closed: Closed) -> None:
        """Release these after all that came before. Without measures, ``done`` is called in its turn."""
        self._queue.put(closed)

    def close(self) -> None:
        """Release what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        ends = False
        while not ends:
            waiting = [self._queue.get()]
            while not self._queue.empty():
                waiting.append(self._queue.get())
            ends = None in waiting
            items = [item for item in waiting if item is not None]
            self._publish([(item, self._release(item)) for item in items])
            for item in items:
                item.done()

    def _publish(self, released: Sequence[tuple[Closed, list[Batch]]]) -> None:
        try:
            self._house.publish([batch for _, batches in released for batch in batches])
        except (PasserbyError, OSError) as error:
            for item, batches in released:
                if batches:
                    item.failed(error)
            return
        for item, batches in released:
            if batches:
                self._show(item, len(batches))

    def _release(self, item: Closed) -> list[Batch]:
        """Through the gate, window by window; one that the mandate does not cover from its first second dies here."""
        batches: list[Batch] = []
        try:
            for window in sorted({measure.window for measure in item.measures}):
                try:
                    proof = self._house.authorize(item.mandate.hash, item.sensor, window.start)
                except NotAuthorizedError:
                    if self._house.standing(item.mandate.hash).state is not State.IN_FORCE:
                        raise
                    continue
                mine = [measure for measure in item.measures if measure.window == window]
                batches.append(self._house.gate.release(mine, [proof]))
        except (PasserbyError, OSError) as error:
            item.failed(error)
        return batches

    def _show(self, item: Closed, windows: int) -> None:
        last = item.measures[-1]
        day = civil_day(last.window.start, item.mandate.zone).isoformat()
        self._board.update(
            item.sensor,
            state="measuring" if last.outage is None else "outage",
            coverage=last.coverage,
            windows=self._board.of(item.sensor).windows + windows,
            epsilon_spent=f"{float(self._house.gate.charged(item.sensor, day)):g}",
        )
