"""The only door from exact to public."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.window import Window, civil_day, utc_text, window_at
from passerby.gate.mandate.authorize import VALID_SECONDS
from passerby.gate.manifest import batch_root, budget_leaves, manifest_leaf, read_budget, signed_by
from passerby.gate.privacy.accountant import Debit
from passerby.gate.privacy.book import Book, debit_record
from passerby.gate.privacy.journal import Disk, Journal, Record
from passerby.gate.privacy.totals import Exact, Totals
from passerby.gate.release import release
from passerby.tlog.key import SigningKey

_SLACK = 4 * 2**20
"""The journal is rewritten when it has grown by this many bytes and to twice what still counted."""

_ROOTS = 4096
"""How many of its last batches a process compares with the log."""


def _now() -> datetime:
    return datetime.now(UTC)


class GateError(PasserbyError):
    """The gate refuses; nothing was released."""


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one mandate releases at one moment, journalled. ``lines``: canonical, in order of window and cell.

    ``leaves``: what belongs into the log for it, in order; the last is its manifest.
    """

    mandate: str
    node: str
    sequence: int
    lines: tuple[str, ...]
    root: str
    leaves: tuple[bytes, ...]


class Gate:
    """Authorizes, debits, randomises once, journals; then, and only then, hands out.

    Each window of each sensor is drawn at most once: the journal remembers how far every mandate has been released, and
    what is not after that point is refused, whatever the clock says. Safe between threads.
    """

    def __init__(
        self, node: SigningKey, journal: Path, *, disk: Disk | None = None, clock: Callable[[], datetime] = _now
    ) -> None:
        """Open the journal and take up where it ended. ``clock``: gives the present, UTC. Raises JournalError."""
        self._clock = clock
        self._node = node
        self._journal = Journal(journal, disk)
        self._totals: dict[tuple[str, str, int], Totals] = {}
        self._ahead = -1
        self._copied = False
        self._roots: dict[int, str] = {}
        self._lock = threading.RLock()
        try:
            self._book = Book(node.name, self._journal.records)
            self._rewrite()
        except BaseException:
            self._journal.close()
            raise
        self._pending = {sequence: self._batch(record) for sequence, record in self._book.pending.items()}

    def release(self, measures: Sequence[Measure], authorizations: Sequence[Authorization]) -> Batch:
        """Release the finest windows that just closed, and the coarser ones that they complete.

        ``measures``: for each window of each sensor every cell of the mandate, once. ``authorizations``: one for each
        sensor, of one mandate, each covering the windows. Raises GateError, BudgetError, JournalError, MechanismError;
        then nothing was released.
        """
        with self._lock:
            return self._release(measures, {a.sensor: a for a in authorizations})

    def pending(self) -> list[Batch]:
        """Batches that are journalled and not yet known to be published, in order."""
        with self._lock:
            return [self._pending[sequence] for sequence in sorted(self._pending)]

    def acknowledge(self, sequences: Iterable[int]) -> None:
        """These batches are in the log and in the store. Durable."""
        with self._lock:
            done = [sequence for sequence in sequences if sequence in self._pending]
            if not done:
                return
            self._write({"done": done})
            for sequence in done:
                del self._pending[sequence]
            if self._journal.size > 2 * self._kept + _SLACK:
                self._rewrite()

    def learn(self, leaf: Mapping[str, Any]) -> None:
        """Take a leaf of the open log: what other nodes charged, and whether this journal is older than the log or
        lives on another machine too."""
        with self._lock:
            match leaf:
                case {
                    "type": "budget-day",
                    "day": str(day),
                    "mandate": str(mandate),
                    "node": str(node),
                    "sensors": dict(),
                }:
                    if node != self._node.name:
                        for sensor, epsilon in read_budget(leaf).items():
                            self._book.accountant.debit_elsewhere(node, mandate, sensor, day, epsilon)
                case {"type": "manifest", "node": self._node.name, "sequence": int(sequence)}:
                    strange = self._roots.get(sequence, leaf.get("root")) != leaf.get("root")
                    if (strange or sequence >= self._book.sequence) and signed_by(leaf, self._node.verifier):
                        self._copied |= strange
                        self._ahead = max(self._ahead, sequence)

    def charged(self, sensor: str, day: str) -> Fraction:
        """ε charged to a sensor's civil day so far, by this node and, as the log says, by others."""
        return self._book.accountant.charged(sensor, day)

    def released_until(self, mandate: str, sensor: str, seconds: int) -> str:
        """RFC 3339 end of the last window of ``seconds`` that was released; empty where none was."""
        return self._book.marks.get((mandate, sensor, seconds), "")

    def close(self) -> None:
        """Release the journal's file."""
        self._journal.close()

    def _release(self, measures: Sequence[Measure], authorizations: Mapping[str, Authorization]) -> Batch:
        self._check_not_behind()
        mandate = self._check(measures, authorizations)
        ordered = sorted(measures, key=lambda m: (m.window, m.cell))
        totals, by_resolution = self._by_resolution(ordered, mandate)
        for resolution, values in by_resolution:
            self._check_fresh(values, resolution, mandate)
        self._open_days(ordered, mandate)
        lines: list[str] = []
        for resolution, values in by_resolution:
            lines += [one.line() for one in release(values, resolution, mandate)]
        record = {
            "batch": self._book.sequence,
            "mandate": mandate.hash,
            "lines": lines,
            "days": debit_record(mandate.hash, self._book.unlogged[mandate.hash], logged=False)["debits"],
            "released": _marks(by_resolution),
        }
        self._write(record)
        self._totals.update(totals)
        batch = self._pending[self._book.sequence - 1] = self._batch(record)
        return batch

    def _check_not_behind(self) -> None:
        if self._copied:
            raise GateError(
                "journal lives on two machines",
                expected=f"one batch of each number by {self._node.name}",
                came="another one in the log, signed by the same key",
                remedy="Find the copy. Its batches and this node's are in the log for everybody to compare.",
            )
        if self._ahead >= self._book.sequence:
            raise GateError(
                "journal is older than the log",
                expected=f"a journal that knows batch {self._ahead} of {self._node.name}",
                came=f"one that ends before batch {self._book.sequence}",
                remedy="Restore the journal that was in use last. Without it this node must never release again.",
            )

    def _check(self, measures: Sequence[Measure], authorizations: Mapping[str, Authorization]) -> Mandate:
        mandates = {a.mandate.hash: a.mandate for a in authorizations.values()}
        if len(mandates) != 1 or not measures:
            raise GateError(
                "nothing to release", expected="measures under one mandate", came=f"{len(mandates)} mandates"
            )
        mandate = next(iter(mandates.values()))
        self._check_asked(authorizations.values())
        cells = set(mandate.cells)
        finest = min(r.seconds for r in mandate.resolutions)
        given: dict[tuple[str, Window], list[Cell]] = defaultdict(list)
        for measure in measures:
            authorization = authorizations.get(measure.cell.sensor)
            covered = authorization is not None and authorization.covers(measure.window.start)
            end = (
                mandate.archive.end if mandate.archive and measure.window.start in mandate.archive else mandate.expires
            )
            if measure.cell not in cells or not covered or measure.window.end > end:
                raise GateError(
                    f"{measure.cell} is not mandated in {measure.window}",
                    expected="a cell of the mandate, and a window that its authorization and the mandate cover whole",
                    remedy="Ask the log view for an authorization of this window.",
                )
            given[measure.cell.sensor, measure.window].append(measure.cell)
        for (sensor, window), found in given.items():
            grid = window_at(window.start, mandate.zone, finest)
            if window != grid:
                raise GateError(f"{window} is not on the grid", expected=f"{grid}, of {finest} s")
            if sorted(found) != sorted(mandate.cells_of(sensor)):
                raise GateError(
                    f"{sensor} is not complete in {window}",
                    expected="every cell of the mandate once, zeros and outages included",
                    came=f"{len(found)} of {len(mandate.cells_of(sensor))} cells",
                )
        return mandate

    def _check_asked(self, authorizations: Iterable[Authorization]) -> None:
        now = self._clock()
        for authorization in authorizations:
            if abs(now - authorization.asked_at) > timedelta(seconds=VALID_SECONDS):
                raise GateError(
                    f"proof of mandate {authorization.mandate.id} is not fresh",
                    expected=f"one asked for within {VALID_SECONDS} s",
                    came=f"one of {utc_text(authorization.asked_at)}, now {utc_text(now)}",
                    remedy="Ask the log view again: the mandate may have been suspended.",
                )

    def _by_resolution(
        self, measures: Sequence[Measure], mandate: Mandate
    ) -> tuple[dict[tuple[str, str, int], Totals], list[tuple[Resolution, list[Exact]]]]:
        finest, *coarser = mandate.resolutions
        values = [(finest, [Exact(m.cell, m.window, m.value, m.coverage, m.outage) for m in measures])]
        sensors: dict[str, list[Measure]] = defaultdict(list)
        for measure in measures:
            sensors[measure.cell.sensor].append(measure)
        totals = {}
        for resolution in coarser:
            closed: list[Exact] = []
            for sensor, mine in sensors.items():
                key = (mandate.hash, sensor, resolution.seconds)
                before = self._totals.get(key) or Totals(mandate, resolution.seconds)
                totals[key], more = before.plus(mine)
                closed += more
            if closed:
                values.append((resolution, sorted(closed, key=lambda exact: (exact.window, exact.cell))))
        return totals, values

    def _check_fresh(self, values: Sequence[Exact], resolution: Resolution, mandate: Mandate) -> None:
        for exact in values:
            mark = self._book.marks.get((mandate.hash, exact.cell.sensor, resolution.seconds), "")
            if utc_text(exact.window.start) < mark:
                raise GateError(
                    f"{exact.cell} was released for {exact.window} already",
                    expected=f"windows from {mark} on, each once",
                    came=str(exact.window),
                    remedy="A number is drawn once. Read it from the store.",
                )

    def _open_days(self, measures: Sequence[Measure], mandate: Mandate) -> None:
        """Debit the days of these windows that are not open yet, durably, before anything is drawn."""
        accountant = self._book.accountant
        opening: list[Debit] = []
        for day, sensor in sorted({(_day(m.window.start, mandate), m.cell.sensor) for m in measures}):
            accountant.refuse_double(sensor, day, mandate.hash)
            if not accountant.is_open(sensor, day, mandate.hash):
                opening.append(accountant.check(sensor, day, mandate))
        if opening:
            self._write(debit_record(mandate.hash, opening, logged=False))

    def _write(self, record: Record) -> None:
        self._journal.append(record)
        self._book.apply(record)

    def _rewrite(self) -> None:
        self._journal.rewrite(self._book.snapshot())
        self._kept = self._journal.size

    def _batch(self, record: Record) -> Batch:
        mandate, sequence, lines = record["mandate"], record["batch"], tuple(record["lines"])
        root = batch_root(lines)
        debits = [
            Debit(day, sensor, mandate, Fraction(e), Fraction(cap), k) for day, sensor, e, cap, k in record["days"]
        ]
        leaves = budget_leaves(self._node.name, mandate, debits)
        manifest = manifest_leaf(self._node, sequence, mandate, len(lines), root)
        self._roots[sequence] = root
        self._roots.pop(sequence - _ROOTS, None)
        return Batch(mandate, self._node.name, sequence, lines, root, (*leaves, manifest))


def _marks(by_resolution: Sequence[tuple[Resolution, list[Exact]]]) -> list[tuple[str, int, str]]:
    marks: dict[tuple[str, int], str] = {}
    for resolution, values in by_resolution:
        for exact in values:
            key = (exact.cell.sensor, resolution.seconds)
            marks[key] = max(marks.get(key, ""), utc_text(exact.window.end))
    return [(sensor, seconds, end) for (sensor, seconds), end in sorted(marks.items())]


def _day(instant: datetime, mandate: Mandate) -> str:
    return civil_day(instant, mandate.zone).isoformat()
