"""What the journal says: debits, how far was released, what is not known to be published."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from passerby.gate.privacy.accountant import Accountant, Debit
from passerby.gate.privacy.journal import JournalError, Record

_DEBITS_A_RECORD = 10_000


class Book:
    """State of a node, built from its records alone; ``snapshot`` gives records that build the same state.

    ``sequence``: number of the next batch. ``pending``: batch records by sequence. ``marks``: for each mandate, sensor
    and resolution the end of what was released; nothing before it is ever drawn again.
    """

    def __init__(self, node: str, records: Sequence[Record]) -> None:
        """Raises JournalError where the records are another node's or of an unknown form."""
        self._node = node
        self.accountant = Accountant()
        self.sequence = 0
        self.marks: dict[tuple[str, str, int], str] = {}
        self.pending: dict[int, Record] = {}
        self.unlogged: dict[str, list[Debit]] = defaultdict(list)
        for record in records:
            self.apply(record)

    def apply(self, record: Record) -> None:
        """Take one record."""
        match record:
            case {"batch": int(sequence), "mandate": str(mandate), "released": list(marks)}:
                self._release(mandate, marks)
                self.unlogged[mandate] = []
                self.sequence = max(self.sequence, sequence + 1)
                self.pending[sequence] = record
            case {"debits": list(debits), "mandate": str(mandate), "logged": bool(logged)}:
                for day, sensor, epsilon, cap, tracks in debits:
                    debit = Debit(day, sensor, mandate, Fraction(epsilon), Fraction(cap), tracks)
                    self.accountant.debit(debit)
                    if not logged:
                        self.unlogged[mandate].append(debit)
            case {"done": list(sequences)}:
                for sequence in sequences:
                    self.pending.pop(sequence, None)
            case {"node": str(node), "sequence": int(sequence)} if node == self._node:
                self.sequence = sequence
            case {"released": list(marks), "mandate": str(mandate)}:
                self._release(mandate, marks)
            case _:
                raise JournalError(
                    "journal belongs to another node",
                    expected=f"the records of {self._node}",
                    came=str(record.get("node", "a record of another form")),
                    remedy="Each node keeps its own journal: restore the right one.",
                )

    def snapshot(self) -> Iterator[Record]:
        """Records that build this state, debits first: whatever else is lost, the budget is not."""
        yield {"node": self._node, "sequence": self.sequence}
        waiting = {debit for debits in self.unlogged.values() for debit in debits}
        logged: dict[str, list[Debit]] = defaultdict(list)
        for debit in self.accountant.own():
            if debit not in waiting:
                logged[debit.mandate].append(debit)
        for mandate, debits in logged.items():
            for at in range(0, len(debits), _DEBITS_A_RECORD):
                yield debit_record(mandate, debits[at : at + _DEBITS_A_RECORD], logged=True)
        marks: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        for (mandate, sensor, seconds), end in self.marks.items():
            marks[mandate].append((sensor, seconds, end))
        for mandate, ends in marks.items():
            yield {"released": ends, "mandate": mandate}
        for sequence in sorted(self.pending):
            yield self.pending[sequence]
        for mandate, debits in self.unlogged.items():
            if debits:
                yield debit_record(mandate, debits, logged=False)

    def _release(self, mandate: str, marks: Sequence[tuple[str, int, str]]) -> None:
        for sensor, seconds, end in marks:
            key = (mandate, sensor, seconds)
            self.marks[key] = max(self.marks.get(key, ""), end)


def debit_record(mandate: str, debits: Sequence[Debit], *, logged: bool) -> Mapping[str, Any]:
    """The record of debits of one mandate. ``logged``: whether the open log has them."""
    rows = [[d.day, d.sensor, str(d.epsilon), str(d.cap), d.tracks] for d in debits]
    return {"debits": rows, "mandate": mandate, "logged": logged}
