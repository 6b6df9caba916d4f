"""A mandate in plain words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from passerby.apps.mandates.worth import day_epsilon, length_text, worth_of
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import EndKind, Standing, State

FAMILY_WORDS = {
    Family.AREA_ENTRIES: "how many enter the area",
    Family.LINE_CROSSINGS: "how many cross the line, in each direction",
    Family.PERSON_SECONDS: "how long people stay in the area, added up (mean density)",
    Family.CLOSE_PAIR_SECONDS: "how long two people are closer than a distance, added up",
    Family.SPEED: "how many move at which speed",
    Family.COUNTER_PASSAGES: "how many pass the counter",
}

STATE_WORDS = {
    State.LOGGED: "in the log, and not approved by enough roles or not yet public",
    State.NOTICE: "public, and its notice period runs",
    State.APPROVED: "approved, and its first day has not come",
    State.IN_FORCE: "in force",
    State.EXPIRED: "expired; nothing is decoded or released under it any more",
    State.SUSPENDED: "suspended by oversight",
    State.REVOKED: "revoked",
}

_END_WORDS = {EndKind.SUSPENSION: "Suspended", EndKind.REVOCATION: "Revoked"}


def plain_words(mandate: Mandate) -> Iterator[str]:
    """Lines that somebody who decides can read in a minute."""
    d: Any = mandate.document
    first, last = mandate.hours
    yield mandate.title
    yield f"  {d['purpose']['question']}"
    yield f"  Decision it informs: {d['purpose']['decision']}"
    yield f"  Responsible: {d['accountable']['controller']} ({d['accountable']['contact']})"
    yield ""
    yield "Measured, and nothing else:"
    for measure in d["measure"]:
        what = FAMILY_WORDS[Family(measure["family"])]
        yield f"  {measure['sensor']}, {measure['subject']}: {what} ({', '.join(measure['categories'])})"
    yield ""
    hours = "all day" if (first, last) == (0, 24) else f"from {first}:00 to {last}:00"
    starts, expires = _local(mandate.starts, mandate), _local(mandate.expires, mandate)
    yield f"From {starts} until {expires} ({mandate.zone.key}), {hours}."
    if mandate.archive is not None:
        yield (
            f"Records that exist already: {_local(mandate.archive.start, mandate)} to "
            f"{_local(mandate.archive.end, mandate)}."
        )
    yield f"Notice before it begins: {length_text(mandate.notice_seconds)}."
    plate = "is shown once it is proven empty" if mandate.background_plate else "is never shown"
    yield f"Pictures: none are kept. The empty background {plate}."
    yield f"Never, by anyone: {'; '.join(d['purpose']['prohibited_uses'])}."
    yield ""
    yield (
        f"Privacy: whoever leaves at most {mandate.tracks} tracks of {mandate.track_seconds} s on a day is hidden in "
        f"the noise of that day (ε {day_epsilon(mandate):g} for each sensor, of at most {d['privacy']['sensor_cap']})."
    )
    yield "The numbers will be good for:"
    for worth in worth_of(mandate):
        yield f"  {worth.sentence()}"


def standing_words(standing: Standing, threshold: int) -> Iterator[str]:
    """Where it stands, by the log."""
    mandate = standing.mandate
    yield f"State: {standing.state.value} ({STATE_WORDS[standing.state]})"
    signed = ", ".join(standing.signed_by) or "nobody"
    yield f"Approved by: {signed} ({len(standing.signed_by)} of {threshold} needed)"
    since = "not yet" if standing.public_since is None else _local(standing.public_since, mandate)
    force = "not known yet" if standing.in_force_from is None else _local(standing.in_force_from, mandate)
    yield f"Public since: {since}. In force from: {force}. Expires: {_local(mandate.expires, mandate)}."
    for end in standing.ends:
        public = (
            "not witnessed yet" if end.public_since is None else f"public since {_local(end.public_since, mandate)}"
        )
        yield f"{_END_WORDS[end.kind]} by {', '.join(end.signed_by)}, {public}, leaf {end.log_index}: {end.reason}"
    yield f"Leaf {standing.log_index} of the log, hash {mandate.hash}"


def _local(instant: datetime, mandate: Mandate) -> str:
    return instant.astimezone(mandate.zone).strftime("%Y-%m-%d %H:%M")
