"""What the open log proves about mandates. Every state comes from here and from nowhere else."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.standing import Standing
from passerby.gate.mandate.authorize import NotAuthorizedError, authorize
from passerby.gate.mandate.case import VERBS, Case
from passerby.gate.mandate.document import parse_document
from passerby.gate.mandate.leaf import LeafRefusedError, read_leaf, roles_leaf
from passerby.gate.mandate.roles import Roles
from passerby.tlog.client import Client
from passerby.tlog.errors import TlogError


class LogViewError(PasserbyError):
    """The log does not belong to this city's roles."""


class LogView:
    """Reads the whole log, leaf by leaf and each once, and keeps what is said about mandates.

    A leaf that is not valid (an approval whose signature fails, a notice that proves nothing) changes nothing. The
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
        """When witnesses last saw the log as it was read here, UTC."""
        return self._as_of

    def refresh(self) -> int:
        """Read what is new; returns the size of the tree. Raises what the client raises, and LogViewError."""
        checkpoint = self._client.checkpoint()
        for index, data in enumerate(self._client.entries(self._size), self._size):
            self._take(index, data)
        self._size = checkpoint.size
        latest = max((one.time for one in checkpoint.cosigned), default=None)
        self._as_of = None if latest is None else datetime.fromtimestamp(latest, UTC)
        return self._size

    def standings(self, now: datetime) -> tuple[Standing, ...]:
        """Every mandate with its state, in the order of the log."""
        return tuple(self._standing(case, now) for case in self._cases.values())

    def standing(self, mandate: str, now: datetime) -> Standing:
        """The mandate of a hash with its state. Raises NotAuthorizedError where the log has none."""
        return self._standing(self._case(mandate), now)

    def authorize(self, mandate: str, sensor: str, instant: datetime, now: datetime) -> Authorization:
        """Proof that the mandate covers the sensor at ``instant``, the log being known as of ``now``.

        Raises NotAuthorizedError with the reason.
        """
        standing = self.standing(mandate, now)
        return authorize(standing, sensor, instant, now, tree_size=self._size, log_as_of=self._as_of)

    def admit(self, data: bytes) -> None:
        """Whether this leaf, logged next, would be a valid mandate, approval, suspension or revocation.

        Raises MandateError, NotAuthorizedError or LeafRefusedError with what is wrong.
        """
        leaf = read_leaf(data)
        kind = leaf.get("type")
        if kind == "mandate":
            parse_document(leaf.get("document"))
        elif kind in VERBS and isinstance(leaf.get("mandate"), str):
            self._case(leaf["mandate"]).check(kind, leaf, self._roles)
        else:
            raise LeafRefusedError(
                "leaf is no decision about a mandate", expected="mandate, " + ", ".join(VERBS), came=repr(kind)[:40]
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
                self._change(case, kind, leaf)

    def _take_roles(self, data: bytes) -> None:
        if data != roles_leaf(self._roles):
            raise LogViewError(
                "log names other roles than this node was given",
                expected="the roles of the key ceremony",
                came="a roles leaf that differs",
                remedy="Find out who changed the roles; until then nothing is measured.",
            )
        self._roles_seen = True

    def _take_mandate(self, index: int, leaf: dict[str, Any]) -> None:
        if not self._roles_seen:
            return
        try:
            mandate = parse_document(leaf.get("document"))
        except PasserbyError:
            return
        self._cases.setdefault(mandate.hash, Case(mandate, index))

    def _change(self, case: Case, kind: str, leaf: dict[str, Any]) -> None:
        if kind == "notice":
            self._take_notice(case, leaf)
            return
        with suppress(LeafRefusedError):
            case.decide(kind, leaf, self._roles)

    def _take_notice(self, case: Case, leaf: dict[str, Any]) -> None:
        try:
            checkpoint = self._client.policy.verify(leaf["checkpoint"].encode("utf-8"))
        except (TlogError, KeyError, AttributeError):
            return
        if checkpoint.size > case.index and checkpoint.public_since is not None and case.public_since is None:
            case.public_since = datetime.fromtimestamp(checkpoint.public_since, UTC)
