"""The gate as its users have it: measures go in, public lines come out, processes end and begin again."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from passerby.apps.attack.target import NOW, Target
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.gate.gate import Batch, Gate
from passerby.gate.privacy.journal import Disk
from passerby.tlog.key import KeyType, SigningKey


class HastyDisk(Disk):
    """Does not wait for the disk: for attacks that ask nothing of durability."""

    def sync(self, descriptor: int) -> None:
        """Return at once."""

    def sync_directory(self, path: Path) -> None:
        """Return at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """A released line as an attacker reads it. ``value`` is None for an outage; ``seconds`` is the window's length."""

    cell: str
    family: str
    start: str
    seconds: int
    value: float | None
    coverage: str
    outage: str
    text: str

    @classmethod
    def read(cls, text: str) -> "Line":
        """Split one line of ``spec/release.md``."""
        sensor, family, subject, category, start, end, value, _, _, coverage, outage, _ = text.split(",")
        seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
        number = float(value) if value else None
        return cls(
            f"{sensor}/{family}/{subject}/{category}", family, start, round(seconds), number, coverage, outage, text
        )


class Door:
    """One process of a node with its journal in ``folder``. ``log``: what it published, for every process to read."""

    def __init__(
        self,
        target: Target,
        folder: Path,
        *,
        log: list[dict[str, Any]] | None = None,
        disk: Disk | None = None,
        node: str = "node.attack.example",
    ) -> None:
        self.target = target
        self.folder = folder
        self.log = [] if log is None else log
        self.disk = disk or HastyDisk()
        self.node = node
        self.gate = self._open()

    @property
    def measured_under(self) -> Mandate:
        """By which mandate the edge caps what each track adds."""
        return self.target.mandate

    def release(self, measures: Sequence[Measure], mandate: Mandate | None = None) -> list[Line]:
        """Release and publish; what everybody sees. Raises what the gate raises."""
        batch = self.gate.release(measures, [self.target.authorization(mandate)])
        return self.publish(batch)

    def publish(self, batch: Batch) -> list[Line]:
        """Bring a batch to log and store."""
        self.log += [json.loads(leaf) for leaf in batch.leaves]
        self.gate.acknowledge([batch.sequence])
        return [Line.read(text) for text in batch.lines]

    def reopen(self, disk: Disk | None = None) -> list[Line]:
        """Another process, with a sound disk; what it publishes of its own accord."""
        self.disk = disk or HastyDisk()
        self.gate = self._open()
        return [line for batch in self.gate.pending() for line in self.publish(batch)]

    def hear(self) -> None:
        """Look at the log, as a node does before each window."""
        for leaf in self.log:
            self.gate.learn(leaf)

    def beside(self, folder: Path, node: str) -> "Door":
        """A second process: on a copy of this one's state where it has the same name, else a new node."""
        if node == self.node:
            shutil.copytree(self.folder, folder)
        return type(self)(self.target, folder, log=self.log, node=node)

    def close(self) -> None:
        """End the process."""
        self.gate.close()

    def _open(self) -> Gate:
        key = SigningKey(self.node, KeyType.ED25519, bytes(32))
        gate = Gate(key, self.folder / "journal", disk=self.disk, clock=lambda: NOW)
        for leaf in self.log:
            gate.learn(leaf)
        return gate
