"""The only door from exact to public."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.window import Window, civil_day, utc_text
from passerby.gate.canonical import canonical
from passerby.gate.privacy.accountant import Accountant
from passerby.gate.privacy.journal import Disk, Journal
from passerby.gate.privacy.totals import Exact, Totals
from passerby.gate.release import release
from passerby.tlog.key import SigningKey
from passerby.tlog.tree import leaf_hash, tree_root


class GateError(PasserbyError):
    """The gate refuses; nothing was released."""


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one mandate releases at one moment, journalled. ``lines``: canonical, in order.

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
    what is not after that point is refused, whatever the clock says.
    """

    def __init__(self, node: SigningKey, journal: Path, *, disk: Disk | None = None) -> None:
        """Open the journal and take up where it ended. Raises JournalError."""
        self._node = node
        self._journal = Journal(journal, disk)
        self._accountant = Accountant()
        self._released: dict[tuple[str, str, int], str] = {}
        self._totals: dict[tuple[str, str, int], Totals] = {}
        self._unlogged: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._pending: dict[int, Batch] = {}
        self._sequence = 0
        for record in self._journal.records:
            self._replay(record)
        self._journal.records.clear()

    def release(self, measures: Sequence[Measure], authorizations: Sequence[Authorization]) -> Batch:
        """Release the finest windows that just closed, and the coarser ones that they complete.

        ``authorizations``: one for each sensor, of one mandate, each covering the windows.
        Raises GateError, BudgetError, JournalError; then nothing was released.
        """
        mandate = self._check(measures, {a.sensor: a for a in authorizations})
        by_resolution = self._by_resolution(measures, mandate)
        for resolution, values in by_resolution:
            self._check_fresh(values, resolution, mandate)
        self._open_days(measures, mandate)
        lines: list[str] = []
        for resolution, values in by_resolution:
            lines += [one.line() for one in release(values, resolution, mandate)]
        record = {
            "batch": self._sequence,
            "mandate": mandate.hash,
            "lines": lines,
            "days": self._unlogged[mandate.hash],
            "released": self._marks(by_resolution),
        }
        self._journal.append(record)
        self._replay(record)
        return self._pending[self._sequence - 1]

    def pending(self) -> list[Batch]:
        """Batches that are journalled and not yet known to be published, in order."""
        return [self._pending[sequence] for sequence in sorted(self._pending)]

    def acknowledge(self, sequences: Iterable[int]) -> None:
        """These batches are in the log and in the store. Durable."""
        record = {"done": [sequence for sequence in sequences if sequence in self._pending]}
        if record["done"]:
            self._journal.append(record)
            self._replay(record)

    def charged(self, sensor: str, day: str) -> Fraction:
        """ε charged to a sensor's civil day so far."""
        return self._accountant.charged(sensor, day)

    def released_until(self, mandate: str, sensor: str, seconds: int) -> str:
        """RFC 3339 end of the last window of ``seconds`` that was released; empty where none was."""
        return self._released.get((mandate, sensor, seconds), "")

    def close(self) -> None:
        """Release the journal's file."""
        self._journal.close()

    def _check(self, measures: Sequence[Measure], authorizations: dict[str, Authorization]) -> Mandate:
        mandates = {a.mandate.hash: a.mandate for a in authorizations.values()}
        if len(mandates) != 1 or not measures:
            raise GateError(
                "nothing to release", expected="measures under one mandate", came=f"{len(mandates)} mandates"
            )
        mandate = next(iter(mandates.values()))
        cells = set(mandate.cells)
        finest = min(r.seconds for r in mandate.resolutions)
        for measure in measures:
            authorization = authorizations.get(measure.cell.sensor)
            covered = authorization is not None and authorization.covers(measure.window.start)
            if measure.cell not in cells or not covered:
                raise GateError(
                    f"{measure.cell} is not mandated in {measure.window}",
                    expected="a cell of the mandate and an authorization that covers its window",
                    remedy="Ask the log view for an authorization of this window.",
                )
            if not _fits(measure.window, finest):
                raise GateError(f"{measure.window} is not on the grid", expected=f"windows of {finest} s")
        return mandate

    def _by_resolution(self, measures: Sequence[Measure], mandate: Mandate) -> list[tuple[Resolution, list[Exact]]]:
        finest, *coarser = mandate.resolutions
        values = [(finest, [Exact(m.cell, m.window, m.value, m.coverage, m.outage) for m in measures])]
        sensors: dict[str, list[Measure]] = defaultdict(list)
        for measure in measures:
            sensors[measure.cell.sensor].append(measure)
        for resolution in coarser:
            closed: list[Exact] = []
            for sensor, mine in sensors.items():
                key = (mandate.hash, sensor, resolution.seconds)
                totals = self._totals.setdefault(key, Totals(mandate.zone, resolution.seconds))
                closed += totals.add(mine)
            if closed:
                values.append((resolution, closed))
        return values

    def _check_fresh(self, values: Sequence[Exact], resolution: Resolution, mandate: Mandate) -> None:
        drawn = set()
        for exact in values:
            mark = self._released.get((mandate.hash, exact.cell.sensor, resolution.seconds), "")
            if utc_text(exact.window.start) < mark or (exact.cell, exact.window) in drawn:
                raise GateError(
                    f"{exact.cell} was released for {exact.window} already",
                    expected=f"windows from {mark} on, each once",
                    came=str(exact.window),
                    remedy="A number is drawn once. Read it from the store.",
                )
            drawn.add((exact.cell, exact.window))

    def _open_days(self, measures: Sequence[Measure], mandate: Mandate) -> None:
        """Debit the days of these windows that are not open yet, durably, before anything is drawn."""
        opening = []
        for day, sensor in sorted({(_day(m.window.start, mandate), m.cell.sensor) for m in measures}):
            if not self._accountant.is_open(sensor, day, mandate.hash):
                opening.append((day, sensor, str(self._accountant.check(sensor, day, mandate))))
        if opening:
            record = {"days": opening, "mandate": mandate.hash}
            self._journal.append(record)
            self._replay(record)

    def _marks(self, by_resolution: Sequence[tuple[Resolution, list[Exact]]]) -> list[tuple[str, int, str]]:
        marks: dict[tuple[str, int], str] = {}
        for resolution, values in by_resolution:
            for exact in values:
                key = (exact.cell.sensor, resolution.seconds)
                marks[key] = max(marks.get(key, ""), utc_text(exact.window.end))
        return [(sensor, seconds, end) for (sensor, seconds), end in sorted(marks.items())]

    def _replay(self, record: Mapping[str, object]) -> None:
        match record:
            case {
                "batch": int(sequence),
                "mandate": str(mandate),
                "lines": list(lines),
                "days": list(days),
                "released": list(marks),
            }:
                self._unlogged[mandate] = []
                for sensor, seconds, end in marks:
                    self._released[mandate, sensor, seconds] = end
                self._sequence = sequence + 1
                self._pending[sequence] = self._batch(sequence, mandate, lines, days)
            case {"days": list(days), "mandate": str(mandate)}:
                self._unlogged[mandate] += days
                for day, sensor, cost in days:
                    self._accountant.debit(sensor, day, mandate, Fraction(cost))
            case {"done": list(sequences)}:
                for sequence in sequences:
                    self._pending.pop(sequence, None)

    def _batch(self, sequence: int, mandate: str, lines: list[str], days: list[tuple[str, str, str]]) -> Batch:
        root = tree_root(leaf_hash(line.encode("utf-8")) for line in lines).hex()
        name = self._node.name
        text = f"passerby-manifest/v1\n{name}\n{sequence}\n{mandate}\n{len(lines)}\n{root}\n"
        manifest = {
            "type": "manifest",
            "node": name,
            "sequence": sequence,
            "mandate": mandate,
            "count": len(lines),
            "root": root,
            "signature": self._node.sign(text).line.removesuffix("\n"),
        }
        by_day: dict[str, dict[str, str]] = defaultdict(dict)
        for day, sensor, cost in days:
            by_day[day][sensor] = _decimal(Fraction(cost))
        leaves = [
            canonical({"type": "budget-day", "day": day, "mandate": mandate, "node": name, "sensors": sensors})
            for day, sensors in sorted(by_day.items())
        ]
        return Batch(mandate, name, sequence, tuple(lines), root, (*leaves, canonical(manifest)))


def _fits(window: Window, finest: int) -> bool:
    return window.seconds <= finest or finest >= 86400


def _day(instant: datetime, mandate: Mandate) -> str:
    return civil_day(instant, mandate.zone).isoformat()


def _decimal(value: Fraction) -> str:
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
