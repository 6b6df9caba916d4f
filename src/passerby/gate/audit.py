"""Whether everything that was released was mandated: for people who believe the log and not the machine.

Whoever runs a node may have changed its software. What it publishes is public, though: each number can be held against
the mandate that it names and against the budgets of its day, by anybody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import State
from passerby.datatypes.window import civil_day, window_at
from passerby.gate.mandate import LogView, NotAuthorizedError, Roles
from passerby.gate.manifest import batch_root, read_budget
from passerby.gate.privacy.accountant import day_cost
from passerby.gate.privacy.mechanism import half_width, scale_of
from passerby.tlog.client import Client

ReadBatch = Callable[[str], Iterable[str]]
"""Batch root (hex) → its released lines, without newlines."""

MOST_FINDINGS = 100
_COLUMNS = 12


class AuditError(PasserbyError):
    """Something was released that was not mandated, or not as it was."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something released that was not mandated, or not as mandated. ``leaf``: index in the log."""

    leaf: int
    text: str

    def __str__(self) -> str:
        return f"leaf {self.leaf}: {self.text}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """``lines``, ``batches``: how many were held against their mandates. ``findings``: the first 100, in order."""

    batches: int
    lines: int
    findings: tuple[Finding, ...]

    def require(self) -> None:
        """Raise AuditError with the first finding, if there is one."""
        if self.findings:
            raise AuditError(
                "released numbers are not as mandated",
                expected="every number as its mandate and the budget of its day say",
                came=str(self.findings[0]),
                remedy="Show leaf and line to the oversight board: they prove it.",
            )


class Audit:
    """Reads a log once and holds every batch against the mandate it names, as the log stood at that leaf."""

    def __init__(self, client: Client, roles: Roles, read_batch: ReadBatch) -> None:
        self._view = LogView(client, roles, listen=self._take)
        self._read_batch = read_batch
        self._leaf = -1
        self._batches = 0
        self._lines = 0
        self._findings: list[Finding] = []
        self._sequences: dict[str, set[int]] = defaultdict(set)
        self._charged: dict[tuple[str, str], dict[tuple[str, str], Fraction]] = defaultdict(dict)
        self._drawn: set[int] = set()
        self._laws: dict[str, _Law] = {}

    def run(self) -> AuditReport:
        """Read the whole log. Raises what the client raises, and LogViewError."""
        self._view.refresh()
        for node, logged in self._sequences.items():
            if len(logged) <= max(logged):
                first = next(number for number in range(max(logged)) if number not in logged)
                self._find(f"batch {first} of {node} is not in the log, and later ones are")
        return AuditReport(self._batches, self._lines, tuple(self._findings))

    def _take(self, leaf: Mapping[str, Any]) -> None:
        self._leaf += 1
        match leaf:
            case {"type": "budget-day", "day": str(day), "mandate": str(mandate), "node": str(node), "sensors": dict()}:
                for sensor, epsilon in read_budget(leaf).items():
                    its = self._charged[sensor, day]
                    its[node, mandate] = max(epsilon, its.get((node, mandate), epsilon))
                    self._check_cap(sensor, day)
            case {"type": "manifest", "node": str(node), "sequence": int(sequence), "mandate": str(mandate)}:
                self._batches += 1
                if sequence in self._sequences[node]:
                    self._find(f"batch {sequence} of {node} was logged before")
                self._sequences[node].add(sequence)
                self._check_batch(node, mandate, str(leaf.get("root")))

    def _find(self, text: str) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(Finding(self._leaf, text))

    def _law(self, mandate: str) -> "_Law | None":
        if mandate not in self._laws:
            try:
                self._laws[mandate] = _Law(self._view.mandate(mandate))
            except NotAuthorizedError:
                return None
        return self._laws[mandate]

    def _check_cap(self, sensor: str, day: str) -> None:
        charges = [(epsilon, self._law(name)) for (_, name), epsilon in self._charged[sensor, day].items()]
        known = [(epsilon, law.mandate) for epsilon, law in charges if law is not None]
        spent = sum((epsilon / mandate.tracks for epsilon, mandate in known), Fraction(0))
        limit = min((mandate.sensor_cap / mandate.tracks for _, mandate in known), default=spent)
        if spent > limit:
            self._find(f"{sensor} on {day} was charged ε/K {float(spent):g}; its cap is {float(limit):g}")

    def _check_batch(self, node: str, name: str, root: str) -> None:
        law = self._law(name)
        if law is None:
            self._find(f"released under {name[:12]}, which is no mandate of this log")
            return
        lines = tuple(self._read_batch(root))
        if batch_root(lines) != root:
            self._find(f"published lines are not those of root {root[:12]}")
        covered: dict[tuple[str, str], str] = {}
        for line in lines:
            self._lines += 1
            fault = law.fault(line) or self._fault(line, node, law, covered)
            if fault:
                self._find(f"{','.join(line.split(',')[:6])} {fault}")

    def _fault(self, line: str, node: str, law: "_Law", covered: dict[tuple[str, str], str]) -> str:
        sensor, family, subject, category, start, end, _, scale = line.split(",")[:8]
        # Where two resolutions share a window, at the end of an odd day, each has its own noise.
        once = hash((sensor, family, subject, category, start, end, scale, law.mandate.hash))
        if once in self._drawn:
            return "was released before"
        self._drawn.add(once)
        if (start, end) not in covered:
            covered[start, end] = self._window_fault(law.mandate, start)
        if covered[start, end]:
            return covered[start, end]
        day = civil_day(datetime.fromisoformat(start), law.mandate.zone).isoformat()
        charge = self._charged[sensor, day].get((node, law.mandate.hash), Fraction(0))
        return "" if charge >= law.costs[sensor] else f"is of {day}, whose budget was not charged"

    def _window_fault(self, mandate: Mandate, start: str) -> str:
        instant = datetime.fromisoformat(start)
        standing = self._view.standing(mandate.hash, instant)
        if mandate.archive is not None and instant in mandate.archive and standing.in_force_from is not None:
            standing = self._view.standing(mandate.hash, standing.in_force_from)
        state = standing.state
        return "" if state is State.IN_FORCE else f"is of a time when the mandate was {state.value}"


class _Law:
    """What one mandate demands of a line, precomputed."""

    def __init__(self, mandate: Mandate) -> None:
        self.mandate = mandate
        self.costs = {sensor: day_cost(mandate, sensor) for sensor in mandate.sensors}
        self._cells = {str(cell).replace("/", ",") for cell in mandate.cells}
        self._noise = {}
        for resolution in mandate.resolutions:
            for family, budget in mandate.budgets.items():
                scale = scale_of(mandate.sensitivity(family), budget.epsilon * resolution.share)
                self._noise[family.value, resolution.seconds] = f"{scale:.6f},{half_width(scale)}"
        self._windows: dict[tuple[str, str], tuple[int, ...]] = {}

    def fault(self, line: str) -> str:
        """What is wrong with a line by itself; empty where nothing is."""
        columns = line.split(",")
        if len(columns) != _COLUMNS or columns[-1] != self.mandate.hash:
            return "is no line of this mandate"
        if ",".join(columns[:4]) not in self._cells:
            return "is no number of the mandate"
        resolutions = self._resolutions(columns[4], columns[5])
        if not resolutions:
            return "is no window of the mandate"
        declared = [self._noise[columns[1], seconds] for seconds in resolutions]
        if ",".join(columns[7:9]) not in declared:
            return f"has noise of scale {columns[7]}, not {declared[0].split(',')[0]}"
        return ""

    def _resolutions(self, start: str, end: str) -> tuple[int, ...]:
        """Those of the mandate that have this window; none where the mandate ends in it."""
        if (start, end) not in self._windows:
            self._windows[start, end] = self._find(datetime.fromisoformat(start), datetime.fromisoformat(end))
        return self._windows[start, end]

    def _find(self, start: datetime, end: datetime) -> tuple[int, ...]:
        m = self.mandate
        last = m.archive.end if m.archive is not None and start in m.archive else m.expires
        if end > last:
            return ()
        grids = [(window_at(start, m.zone, r.seconds), r.seconds) for r in m.resolutions]
        return tuple(seconds for grid, seconds in grids if (grid.start, grid.end) == (start, end))
