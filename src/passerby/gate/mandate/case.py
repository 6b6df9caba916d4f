"""One mandate's life, changed by what the log says about it and by nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing, State
from passerby.gate.mandate.leaf import LeafRefusedError, decision_text
from passerby.gate.mandate.roles import Roles
from passerby.tlog.errors import TlogError

VERBS = {"approval": "approve", "suspension": "suspend", "revocation": "revoke"}


@dataclass(slots=True, eq=False)
class Case:
    """A logged mandate. ``index``: of its leaf. ``public_since``: when the quorum of witnesses had seen it."""

    mandate: Mandate
    index: int
    approved_by: set[str] = field(default_factory=set)
    public_since: datetime | None = None
    suspended: bool = False
    revoked: bool = False

    def decide(self, kind: str, leaf: Mapping[str, Any], roles: Roles) -> None:
        """Take an approval, suspension or revocation. Raises LeafRefusedError and changes nothing where it is none."""
        signers = self.check(kind, leaf, roles)
        if kind == "approval":
            self.approved_by |= signers
        elif kind == "suspension":
            self.suspended = True
        else:
            self.revoked = True

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
        return Standing(mandate, state, now, self.index, tuple(sorted(self.approved_by)), self.public_since, force)

    def _state(self, now: datetime, noticed: datetime | None, approved: bool) -> State:
        if self.revoked:
            return State.REVOKED
        if now >= self.mandate.expires:
            return State.EXPIRED
        if self.suspended:
            return State.SUSPENDED
        if noticed is None:
            return State.LOGGED
        if now < noticed:
            return State.NOTICE
        if not approved:
            return State.LOGGED
        return State.IN_FORCE if now >= self.mandate.starts else State.APPROVED
