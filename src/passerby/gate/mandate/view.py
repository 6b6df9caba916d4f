"""What the open log proves about mandates. Every state comes from here and from nowhere else."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing
from passerby.gate.mandate.authorize import NotAuthorizedError, authorize
from passerby.gate.mandate.case import VERBS, Case
from passerby.gate.mandate.document import MandateError, parse_document
from passerby.gate.mandate.leaf import LeafRefusedError, read_leaf, roles_leaf
from passerby.gate.mandate.roles import Roles
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.client import Client
from passerby.tlog.errors import TlogError
from passerby.tlog.proof import ConsistencyError, verify_consistency

LARGEST_LEAF = 65_535


class LogViewError(PasserbyError):
    """The log does not belong to this city's roles."""


class LogView:
    """Reads the whole log, leaf by leaf and each once, and keeps what is said about mandates.

    A leaf that is not valid (an approval whose signature fails, a notice that proves nothing, a mandate beyond the
    city's limits) changes nothing. The
    underlying client refuses a log that shrank, forked or lacks its quorum.
    """

    def __init__(
        self, client: Client, roles: Roles, *, listen: Callable[[Mapping[str, Any]], None] | None = None
    ) -> None:
        """``listen``: is told the JSON values of every leaf, in order."""
        self._listen = listen
        self._client = client
        self._roles = roles
        self._roles_seen = False
        self._cases: dict[str, Case] = {}
        self._size = 0
        self._as_of: datetime | None = None

    @property
    def size(self) -> int:
        """Leaves that were read."""
        return self._size

    @property
    def as_of(self) -> datetime | None:
        """When a quorum of witnesses last saw the log as it was read here, UTC."""
        return self._as_of

    @property
    def threshold(self) -> int:
        """How many roles approve a mandate."""
        return self._roles.threshold

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that was believed last. Raises NoCheckpointError."""
        return self._client.latest

    def refresh(self) -> int:
        """Read what is new; returns the size of the tree. Raises what the client raises, and LogViewError."""
        checkpoint = self._client.checkpoint()
        for index, data in enumerate(self._client.entries(self._size), self._size):
            self._take(index, data)
        self._size = checkpoint.size
        self._as_of = None if checkpoint.seen_at is None else datetime.fromtimestamp(checkpoint.seen_at, UTC)
        return self._size

    def standings(self, now: datetime) -> tuple[Standing, ...]:
        """Every mandate with its state, in the order of the log."""
        return tuple(self._standing(case, now) for case in tuple(self._cases.values()))

    def mandate(self, mandate: str) -> Mandate:
        """The mandate of a hash. Raises NotAuthorizedError where the log has none."""
        return self._case(mandate).mandate

    def standing(self, mandate: str, now: datetime) -> Standing:
        """The mandate of a hash with its state. Raises NotAuthorizedError where the log has none."""
        return self._standing(self._case(mandate), now)

    def authorize(self, mandate: str, sensor: str, instant: datetime, now: datetime) -> Authorization:
        """Proof that the mandate covers the sensor at ``instant``, the log being known as of ``now``.

        Raises NotAuthorizedError with the reason.
        """
        standing = self.standing(mandate, now)
        self._check_one_zone(standing, sensor)
        return authorize(standing, sensor, instant, now, tree_size=self._size, log_as_of=self._as_of)

    def admit(self, data: bytes) -> None:
        """Whether this leaf, logged next, would be a valid mandate, approval, suspension or revocation.

        Raises MandateError, NotAuthorizedError or LeafRefusedError with what is wrong.
        """
        leaf = read_leaf(data) if len(data) <= LARGEST_LEAF else {}
        kind = leaf.get("type")
        if kind == "mandate":
            self._read(leaf)
        elif kind in VERBS and isinstance(leaf.get("mandate"), str):
            self._case(leaf["mandate"]).check(kind, leaf, self._roles)
        else:
            raise LeafRefusedError(
                "leaf is no decision about a mandate",
                expected=f"{', '.join(('mandate', *VERBS))}, in its one form",
                came=repr(kind)[:40],
            )

    def _case(self, mandate: str) -> Case:
        if mandate not in self._cases:
            raise NotAuthorizedError(
                f"mandate {mandate[:12]} is not in the log",
                expected=f"a mandate among the {self._size} leaves",
                came="none with this hash",
                remedy="Publish it: passerby mandate publish.",
            )
        return self._cases[mandate]

    def _check_one_zone(self, standing: Standing, sensor: str) -> None:
        """A sensor's civil day is one, or its budget could be spent twice where two days overlap."""
        mine = standing.mandate
        for case in self._cases.values():
            other, approved = case.mandate, len(case.approved_by) >= self._roles.threshold
            counts = case.index < standing.log_index and sensor in other.sensors and approved and not case.revoked
            if counts and other.zone.key != mine.zone.key:
                raise NotAuthorizedError(
                    f"mandate {mine.id} has another time zone for {sensor} than mandate {other.id}",
                    expected=other.zone.key,
                    came=mine.zone.key,
                    remedy="Use one zone for all mandates of a sensor, or revoke the earlier one.",
                )

    def _standing(self, case: Case, now: datetime) -> Standing:
        return case.standing(now, self._roles.threshold)

    def _take(self, index: int, data: bytes) -> None:
        leaf = read_leaf(data)
        if self._listen is not None:
            self._listen(leaf)
        kind = leaf.get("type")
        if kind == "roles":
            self._take_roles(data)
        elif kind == "mandate":
            self._take_mandate(index, leaf)
        elif kind in ("approval", "notice", "suspension", "revocation") and isinstance(leaf.get("mandate"), str):
            case = self._cases.get(leaf["mandate"])
            if case is not None:
                self._change(index, case, kind, leaf)

    def _take_roles(self, data: bytes) -> None:
        if data != roles_leaf(self._roles, self._client.policy):
            raise LogViewError(
                "log names other roles, limits or witnesses than this node was given",
                expected="those of the key ceremony",
                came="a roles leaf that differs",
                remedy="Find out who changed roles.toml, city.toml or the log; until then nothing is measured.",
            )
        self._roles_seen = True

    def _take_mandate(self, index: int, leaf: dict[str, Any]) -> None:
        if not self._roles_seen:
            return
        with suppress(PasserbyError):
            mandate = self._read(leaf)
            self._cases.setdefault(mandate.hash, Case(mandate, index))

    def _read(self, leaf: Mapping[str, Any]) -> Mandate:
        mandate = parse_document(leaf.get("document"))
        self._roles.limits.check(mandate)
        origins = [entry.key.name for entry in self._client.policy.logs]
        if mandate.log is not None and mandate.log not in origins:
            raise MandateError(
                f"mandate {mandate.id} is for another log",
                expected=mandate.log,
                came=", ".join(origins),
                remedy="A new log needs new decisions: what was ended in the old one must not come back.",
            )
        return mandate

    def _change(self, index: int, case: Case, kind: str, leaf: dict[str, Any]) -> None:
        if kind == "notice":
            self._take_notice(index, case, leaf)
            return
        with suppress(LeafRefusedError):
            case.decide(index, kind, leaf, self._roles)

    def _take_notice(self, index: int, case: Case, leaf: dict[str, Any]) -> None:
        """The checkpoint must hold the mandate or its end, and be one of this log: another's proves nothing."""
        try:
            checkpoint = self._client.policy.verify(leaf["checkpoint"].encode("utf-8"))
        except (TlogError, KeyError, AttributeError, UnicodeError):
            return
        if checkpoint.size > index or checkpoint.public_since is None or not case.unproven(checkpoint.size):
            return
        tree = self._client.tree
        with suppress(ConsistencyError):
            proof = tree.consistency(checkpoint.size)
            verify_consistency(checkpoint.size, tree.size, proof, checkpoint.root, tree.root)
            case.notice(checkpoint.size, datetime.fromtimestamp(checkpoint.public_since, UTC))
