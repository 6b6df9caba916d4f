"""One mandate's life, changed by what the log says about it and by nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import End, EndKind, Standing, State
from passerby.gate.mandate.leaf import LeafRefusedError, decision_text
from passerby.gate.mandate.roles import Roles
from passerby.tlog.errors import TlogError

VERBS = {"approval": "approve", "suspension": "suspend", "revocation": "revoke"}


@dataclass(slots=True, eq=False)
class Case:
    """A logged mandate. ``index``: of its leaf. ``public_since``: when the quorum of witnesses had seen it.

    ``ends``: the first valid suspension and revocation.
    """

    mandate: Mandate
    index: int
    approved_by: set[str] = field(default_factory=set)
    public_since: datetime | None = None
    ends: dict[EndKind, End] = field(default_factory=dict)

    @property
    def revoked(self) -> bool:
        """Whether a valid revocation is logged."""
        return EndKind.REVOCATION in self.ends

    def decide(self, index: int, kind: str, leaf: Mapping[str, Any], roles: Roles) -> None:
        """Take the approval, suspension or revocation of a leaf.

        Raises LeafRefusedError and changes nothing where it is none.
        """
        signers = self.check(kind, leaf, roles)
        if kind == "approval":
            self.approved_by |= signers
            return
        names = tuple(sorted(signers))
        keys = tuple(roles.keys[name].text for name in names)
        self.ends.setdefault(EndKind(kind), End(EndKind(kind), leaf["reason"], names, keys, index))

    def unproven(self, size: int) -> bool:
        """Whether a checkpoint of a size would be the first to say when the mandate, or its end, became public."""
        waiting = [end.log_index for end in self.ends.values() if end.public_since is None]
        return any(index < size for index in (*waiting, *([] if self.public_since else [self.index])))

    def notice(self, size: int, seen: datetime) -> None:
        """Witnesses had seen the first ``size`` leaves at ``seen``, UTC."""
        if self.public_since is None and self.index < size:
            self.public_since = seen
        for kind, end in self.ends.items():
            if end.public_since is None and end.log_index < size:
                self.ends[kind] = replace(end, public_since=seen)

    def check(self, kind: str, leaf: Mapping[str, Any], roles: Roles) -> set[str]:
        """Roles that signed the decision, where it stands. Raises LeafRefusedError."""
        try:
            text = decision_text(VERBS[kind], self.mandate.hash, leaf.get("reason", ""))
            signers = set(roles.signers(text, leaf["signatures"]))
        except (TlogError, KeyError, TypeError, AttributeError) as error:
            raise LeafRefusedError(
                f"{kind} of mandate {self.mandate.id} is not signed",
                expected="signature lines of the city's roles over this mandate, each key once",
                came=error.problem if isinstance(error, TlogError) else "a leaf of another form",
                remedy="Sign the mandate as it is in the log: passerby mandate sign.",
            ) from error
        if kind == "suspension" and not signers & set(roles.oversight):
            raise LeafRefusedError(
                f"suspension of mandate {self.mandate.id} is not oversight's",
                expected=f"a signature of {' or '.join(roles.oversight) or 'an oversight role'}",
                came=", ".join(sorted(signers)),
            )
        if kind == "revocation" and len(signers) < roles.threshold:
            raise LeafRefusedError(
                f"revocation of mandate {self.mandate.id} has too few signatures",
                expected=f"{roles.threshold} roles",
                came=", ".join(sorted(signers)),
                remedy="One oversight role alone can suspend it: passerby mandate suspend.",
            )
        return signers

    def standing(self, now: datetime, threshold: int) -> Standing:
        """Where the mandate stands at ``now``, UTC."""
        mandate = self.mandate
        noticed = None
        if self.public_since is not None:
            noticed = self.public_since + timedelta(seconds=mandate.notice_seconds)
        force = None if noticed is None else max(mandate.starts, noticed)
        state = self._state(now, noticed, len(self.approved_by) >= threshold)
        ends = tuple(sorted(self.ends.values(), key=lambda end: end.log_index))
        approved = tuple(sorted(self.approved_by))
        return Standing(mandate, state, now, self.index, approved, self.public_since, force, ends)

    def _state(self, now: datetime, noticed: datetime | None, approved: bool) -> State:
        if self.revoked:
            return State.REVOKED
        if now >= self.mandate.expires:
            return State.EXPIRED
        if self.ends:
            return State.SUSPENDED
        if noticed is None:
            return State.LOGGED
        if now < noticed:
            return State.NOTICE
        if not approved:
            return State.LOGGED
        return State.IN_FORCE if now >= self.mandate.starts else State.APPROVED
