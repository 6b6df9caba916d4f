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


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A mandate with its state at ``at`` (UTC).

    ``log_index``: leaf of the mandate. ``signed_by``: roles whose signature is logged and valid.
    ``public_since``: when witnesses had seen it. ``in_force_from``: end of the notice period or the mandate's start.
    """

    mandate: Mandate
    state: State
    at: datetime
    log_index: int
    signed_by: tuple[str, ...]
    public_since: datetime | None
    in_force_from: datetime | None
