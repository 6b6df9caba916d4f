"""Whatever happens to a node, in whatever order: every number has one value, and no day costs more than its cap."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from passerby.apps.attack.faults import FaultyDisk, Killed
from passerby.apps.attack.target import NOW, Target
from passerby.apps.mandates.files import read_mandate
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.window import Window, window_at
from passerby.gate.gate import Batch, Gate
from passerby.tlog.key import KeyType, SigningKey

MANDATE = read_mandate(Path(__file__).parents[2] / "spec/examples/square.toml")
TARGET = Target.of(MANDATE)
HALF = {f: replace(b, epsilon=b.epsilon / 4) for f, b in MANDATE.budgets.items()}
MANDATES = (TARGET.mandate, replace(TARGET.mandate, hash="1" * 64, budgets=HALF), TARGET.again(2))
START = datetime(2001, 3, 24, 18, tzinfo=UTC)
KEY = SigningKey("node.city.example", KeyType.ED25519, bytes(32))


class Node(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="passerby-states-"))
        self.values: dict[tuple[str, ...], str] = {}
        self.roots: dict[int, str] = {}
        self.charged: dict[str, Fraction] = {}
        self.disk = FaultyDisk()
        self.gate = self.open()

    def open(self) -> Gate:
        return Gate(KEY, self.folder / "journal", disk=self.disk, clock=lambda: NOW)

    def see(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            assert self.roots.setdefault(batch.sequence, batch.root) == batch.root
            for line in batch.lines:
                *cell, start, end, value = line.split(",")[:7]
                mandate = line.rpartition(",")[2]
                assert self.values.setdefault((mandate, *cell, start, end), value) == value
            for leaf in batch.leaves:
                self.gate.learn(json.loads(leaf))

    def ask(self, window: Window, mandate: Mandate, people: int) -> None:
        measures = TARGET.measures(window, dict.fromkeys(TARGET.cells, people))
        self.see([self.gate.release(measures, [TARGET.authorization(mandate)])])

    @rule(quarter=st.integers(0, 130), which=st.integers(0, 2), people=st.integers(0, 10**6))
    def release(self, quarter: int, which: int, people: int) -> None:
        """Any window around midnight and a day of 23 hours, as a clock that jumps would ask for it."""
        instant = START + timedelta(minutes=15 * quarter)
        try:
            self.ask(window_at(instant, MANDATE.zone, 900), MANDATES[which], people)
        except PasserbyError:
            return

    @rule()
    def restart(self) -> None:
        self.gate.close()
        self.gate = self.open()
        self.see(self.gate.pending())

    @rule()
    def publish(self) -> None:
        self.gate.acknowledge(list(self.roots))

    @rule(at=st.integers(0, 6), quarter=st.integers(0, 130), cut=st.booleans())
    def crash(self, at: int, quarter: int, cut: bool) -> None:
        """A process that dies at some step on the disk; without power, what it had not synced is gone."""
        self.gate.close()
        self.disk.revive(self.disk.count + at)
        try:
            self.gate = self.open()
            self.release(quarter, 0, 7)
        except Killed:
            pass
        self.gate.close()
        self.disk.revive()
        if cut:
            self.disk.cut_power(self.folder, "vanish", "old")
        self.gate = self.open()
        self.see(self.gate.pending())

    @invariant()
    def budgets_only_grow_and_never_beyond_the_cap(self) -> None:
        for day in ("2001-03-24", "2001-03-25", "2001-03-26"):
            charged = self.gate.charged(TARGET.sensor, day)
            assert self.charged.get(day, Fraction(0)) <= charged <= MANDATE.sensor_cap
            self.charged[day] = charged

    def teardown(self) -> None:
        self.gate.close()
        shutil.rmtree(self.folder)


Node.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestNode: Any = Node.TestCase
