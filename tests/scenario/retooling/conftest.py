"""A town with three roles, two witnesses, a log, a clock of its own, and one camera on the square."""

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from passerby.apps.node.roles_file import write_roles
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.window import window_at
from passerby.gate.gate import Batch, Gate
from passerby.gate.mandate import (
    Limits,
    LogView,
    Roles,
    approval_leaf,
    mandate_leaf,
    notice_leaf,
    parse_document,
    parse_toml,
    sign_decision,
)
from passerby.gate.mandate.leaf import roles_leaf
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, SigningKey
from passerby.tlog.policy import Policy

ROOT = Path(__file__).parents[3]
BEGIN = datetime(2026, 5, 1, 9, tzinfo=UTC)
APPROVERS = ("council", "oversight")
Change = Callable[[dict[str, Any]], Any]


def _key(name: str, seed: int, kind: KeyType = KeyType.ED25519) -> SigningKey:
    return SigningKey(name, kind, bytes([seed] * 32))


@cache
def _example() -> Mandate:
    return parse_toml((ROOT / "spec/examples/square.toml").read_text("utf-8"))


class Town:
    """``now``: what every clock shows. ``folder``: everything that lies on the town's disk."""

    log_key = _key("log.town.example", 1)
    node_key = _key("node.town.example", 2)
    witness_keys = tuple(_key(f"w{n}.example", 10 + n, KeyType.COSIGNATURE) for n in (1, 2))
    role_keys = {name: _key(name, 20 + n) for n, name in enumerate(("council", "mobility", "oversight"))}  # noqa: RUF012
    policy = Policy.of(log_key.verifier, [key.verifier for key in witness_keys], 2)
    roles = Roles(
        {name: key.verifier for name, key in role_keys.items()},
        2,
        ("oversight",),
        Limits(least_notice_seconds=5 * 86400, longest_days=366, least_tracks=2, most_epsilon=Fraction(2)),
    )

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.now = BEGIN
        self._stack = stack
        self._witnesses: list[LocalWitness] = []
        self._gates: list[Gate] = []
        stack.callback(self.stop_nodes)
        self.ledger = self.open_ledger()
        self.log(roles_leaf(self.roles, self.policy))

    @property
    def directory(self) -> Path:
        return self.folder / "log"

    def open_ledger(self, name: str = "log") -> Ledger:
        """A log of this name with witnesses that have seen no other."""
        witnesses = []
        for key in self.witness_keys:
            memory = self.folder / f"{name}-{key.name}"
            one = LocalWitness(memory, key, [self.log_key.verifier], clock=lambda: self.now.timestamp())
            self._stack.callback(one.close)
            witnesses.append(one)
        self._witnesses += witnesses
        ledger = Ledger.open(self.folder / name, self.log_key, self.policy, witnesses)
        self._stack.callback(ledger.close)
        return ledger

    def reopen_ledger(self) -> Ledger:
        """The log as its files are now, with the same witnesses."""
        memories = [self.folder / f"log-{key.name}" for key in self.witness_keys]
        for one in self._witnesses:
            one.close()
        logs = [self.log_key.verifier]
        witnesses = [LocalWitness(memory, key, logs) for memory, key in zip(memories, self.witness_keys, strict=True)]
        ledger = Ledger.open(self.directory, self.log_key, self.policy, witnesses)
        for witness in witnesses:
            self._stack.callback(witness.close)
        self._stack.callback(ledger.close)
        return ledger

    def write_settings(self) -> None:
        """The files that another process reads."""
        write_roles(self.folder / "roles.toml", self.roles)
        (self.folder / "policy").write_text(self.policy.text, "utf-8")

    @staticmethod
    def as_error(kind: type[PasserbyError], message: str) -> PasserbyError:
        """What another process said, as the error that it was."""
        error = kind("")
        error.args = (message,)
        return error

    def draft(self, change: Change | None = None) -> Mandate:
        """The mandate of the square, changed."""
        document: Any = copy.deepcopy(dict(_example().document))
        document["mandate"]["log"] = self.log_key.name
        if change is not None:
            change(document)
        return parse_document(document)

    def log(self, *leaves: bytes) -> Checkpoint:
        self.ledger.append(leaves)
        return self.ledger.publish()

    def approval(self, mandate: Mandate, *roles: str) -> bytes:
        keys = [self.role_keys[role] for role in roles or APPROVERS]
        return approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, keys))

    def give_notice(self, mandate: Mandate) -> None:
        """Log the mandate and the witnesses' times, and let the notice period pass."""
        seen = self.log(mandate_leaf(mandate))
        self.log(notice_leaf(mandate.hash, seen.note.encode()))
        self.advance(seconds=mandate.notice_seconds)

    def enact(self, change: Change | None = None) -> Mandate:
        """A mandate in force."""
        mandate = self.draft(change)
        self.give_notice(mandate)
        self.log(self.approval(mandate))
        return mandate

    def advance(self, **by: float) -> None:
        """Time passes, and the log is cosigned anew."""
        self.now += timedelta(**by)
        self.ledger.publish()

    def view(self, gate: Gate | None = None, seen: Checkpoint | None = None, log: str = "log") -> LogView:
        client = Client(directory_fetch(self.folder / log), self.policy, seen)
        view = LogView(client, self.roles, listen=gate.learn if gate else None)
        view.refresh()
        return view

    def authorize(
        self, mandate: Mandate, sensor: str = "square", instant: datetime | None = None, now: datetime | None = None
    ) -> Authorization:
        """What the node asks before it decodes."""
        return self.view().authorize(mandate.hash, sensor, instant or now or self.now, now or self.now)

    def gate(self, key: SigningKey | None = None, journal: str = "journal") -> Gate:
        gate = Gate(key or self.node_key, self.folder / journal, clock=lambda: self.now)
        self._gates.append(gate)
        return gate

    def stop_nodes(self) -> None:
        """End every node."""
        while self._gates:
            self._gates.pop().close()

    def measures(self, mandate: Mandate, instant: datetime | None = None) -> list[Measure]:
        """Every cell of the window of the instant."""
        window = window_at(instant or self.now, mandate.zone, mandate.resolutions[0].seconds)
        return [Measure(cell, window, 5, 1.0) for cell in mandate.cells]

    def release(self, gate: Gate, mandate: Mandate, instant: datetime | None = None) -> Batch:
        """Measure and release the window of the instant, or of now, and bring it to the log."""
        measures = self.measures(mandate, instant)
        asked = self.view(gate).authorize(mandate.hash, "square", measures[0].window.start, self.now)
        batch = gate.release(measures, [asked])
        self.log(*batch.leaves)
        gate.acknowledge([batch.sequence])
        return batch


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(tmp_path, stack)


@pytest.fixture
def refuses() -> Callable[[type[PasserbyError], str], AbstractContextManager[None]]:
    """``refuses(error, message)``: the block raises it, with this message; … stands for what differs each time."""

    @contextmanager
    def refusing(error: type[PasserbyError], message: str) -> Iterator[None]:
        with pytest.raises(error) as caught:
            yield
        pattern = ".*".join(re.escape(part) for part in message.split("…"))
        assert re.fullmatch(pattern, str(caught.value), flags=re.DOTALL), str(caught.value)

    return refusing
