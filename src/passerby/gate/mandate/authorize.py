"""The one place where an Authorization is made."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing, State
from passerby.datatypes.window import utc_text

VALID_SECONDS = 5
"""How long a proof stands before the log is asked again."""

LARGEST_AHEAD = timedelta(seconds=120)
"""How far the witnesses' time, or a camera's, may be ahead of the node's clock."""


class NotAuthorizedError(PasserbyError):
    """No mandate covers this; nothing is decoded and nothing is released."""


def authorize(
    standing: Standing, sensor: str, instant: datetime, now: datetime, *, tree_size: int, log_as_of: datetime | None
) -> Authorization:
    """Proof that the mandate covers the sensor at ``instant``. Raises NotAuthorizedError with the reason.

    ``log_as_of``: when witnesses last saw the log; older than the mandate's limit, or in the future, nothing stands.
    """
    mandate = standing.mandate
    _check_fresh(mandate, now, log_as_of)
    if standing.state is not State.IN_FORCE:
        raise NotAuthorizedError(
            f"mandate {mandate.id} is not in force",
            expected="a mandate that was approved, gave its notice and has not ended",
            came=f"state {standing.state.value}",
            remedy="See what is missing: passerby mandate show.",
        )
    if sensor not in mandate.sensors:
        raise NotAuthorizedError(f"mandate {mandate.id} does not cover {sensor}", expected=", ".join(mandate.sensors))
    if mandate.archive is not None and instant in mandate.archive:
        return Authorization(mandate, sensor, mandate.archive.start, mandate.archive.end, tree_size, now)
    if instant - now > LARGEST_AHEAD:
        raise NotAuthorizedError(
            f"mandate {mandate.id} is asked about the future",
            expected=f"an instant before {utc_text(now + LARGEST_AHEAD)}",
            came=utc_text(instant),
            remedy="Check the clocks of the camera and of this machine.",
        )
    assert standing.in_force_from is not None
    first, last = _hours(mandate, instant)
    if not (standing.in_force_from <= instant < mandate.expires and first <= instant < last):
        raise NotAuthorizedError(
            f"mandate {mandate.id} does not cover this hour",
            expected=f"{utc_text(standing.in_force_from)} to {utc_text(mandate.expires)}, local hours {mandate.hours}",
            came=utc_text(instant),
        )
    until = min(mandate.expires, last, instant + timedelta(seconds=VALID_SECONDS))
    return Authorization(mandate, sensor, max(standing.in_force_from, first), until, tree_size, now)


def to_terms(proof: Authorization) -> dict[str, str | int]:
    """What a proof says beside its mandate and sensor, for the pipe to a worker; JSON values."""
    return {
        "valid_from": proof.valid_from.isoformat(),
        "valid_until": proof.valid_until.isoformat(),
        "tree_size": proof.tree_size,
        "asked_at": proof.asked_at.isoformat(),
    }


def from_terms(mandate: Mandate, sensor: str, terms: Mapping[str, str | int]) -> Authorization:
    """The proof as its worker holds it, to decode by. The gate releases by its own alone."""
    times = {name: datetime.fromisoformat(str(terms[name])) for name in ("valid_from", "valid_until", "asked_at")}
    return Authorization(mandate, sensor, tree_size=int(terms["tree_size"]), **times)


def _check_fresh(mandate: Mandate, now: datetime, log_as_of: datetime | None) -> None:
    limit = timedelta(seconds=int(_oversight(mandate)["log_freshness_seconds"]))
    if log_as_of is None or not -LARGEST_AHEAD <= now - log_as_of <= limit:
        raise NotAuthorizedError(
            f"log is not fresh enough for mandate {mandate.id}",
            expected=f"witnesses that saw it within {limit.total_seconds():.0f} s before now",
            came="no witness" if log_as_of is None else f"{utc_text(log_as_of)}, now {utc_text(now)}",
            remedy="Check the log, its witnesses and this machine's clock.",
        )


def _oversight(mandate: Mandate) -> dict[str, str]:
    section = mandate.document["oversight"]
    assert isinstance(section, dict)
    return section


def _hours(mandate: Mandate, instant: datetime) -> tuple[datetime, datetime]:
    """The mandated hours of the civil day of ``instant``; days of 23 and 25 hours by the clock on the wall."""
    local = instant.astimezone(mandate.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    first, last = mandate.hours

    def at(hour: int) -> datetime:
        day = midnight + timedelta(days=1) if hour == 24 else midnight.replace(hour=hour)
        return day.astimezone(instant.tzinfo)

    return at(first), at(last)
