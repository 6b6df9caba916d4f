"""Where a mandate stands, as the open log proves it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passerby.datatypes.mandate import Mandate


class State(StrEnum):
    """Life of a mandate; every state is derived from the log."""

    LOGGED = "logged"
    NOTICE = "notice"
    APPROVED = "approved"
    IN_FORCE = "in-force"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class EndKind(StrEnum):
    """How a mandate was stopped before its last day."""

    SUSPENSION = "suspension"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True)
class End:
    """A logged decision that stopped a mandate.

    ``signed_by``: roles that signed, sorted; ``keys``: theirs, as vkey lines in that order. ``log_index``: its leaf.
    ``public_since``: when witnesses had seen it (UTC), None until the log holds their times.
    """

    kind: EndKind
    reason: str
    signed_by: tuple[str, ...]
    keys: tuple[str, ...]
    log_index: int
    public_since: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A mandate with its state at ``at`` (UTC).

    ``log_index``: leaf of the mandate. ``signed_by``: roles whose signature is logged and valid.
    ``public_since``: when witnesses had seen it. ``in_force_from``: end of the notice period or the mandate's start.
    ``ends``: the first suspension and the first revocation, in the order of the log.
    """

    mandate: Mandate
    state: State
    at: datetime
    log_index: int
    signed_by: tuple[str, ...]
    public_since: datetime | None
    in_force_from: datetime | None
    ends: tuple[End, ...] = ()
