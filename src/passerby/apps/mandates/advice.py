"""What is unusual about a mandate, by itself and beside the others of the log."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from passerby.apps.mandates.worth import PLACES, day_epsilon, length_text, worth_of
from passerby.datatypes.mandate import Mandate

LEAST_NOTICE = 5 * 86400
"""Amsterdam's register of sensors asks for five days before a sensor is placed."""

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class _Trait:
    """A number that tells how far a mandate goes. ``more``: whether a larger one goes further."""

    name: str
    of: Callable[[Mandate], float]
    more: bool
    show: Callable[[float], str]


def _plain(value: float) -> str:
    return f"{value:g}"


def _length(value: float) -> str:
    return length_text(int(value))


_TRAITS = (
    _Trait("notice", lambda m: m.notice_seconds, False, _length),
    _Trait("days of life", lambda m: (m.expires - m.starts).total_seconds() / 86400, True, _plain),
    _Trait("hours a day", lambda m: m.hours[1] - m.hours[0], True, _plain),
    _Trait("tracks that the noise hides (K)", lambda m: m.tracks, False, _plain),
    _Trait("ε for a sensor and day", day_epsilon, True, _plain),
    _Trait("cap of a sensor's ε", lambda m: float(m.sensor_cap), True, _plain),
    _Trait("finest window", lambda m: m.resolutions[0].seconds, False, _length),
    _Trait("seconds of a track (ρ)", lambda m: m.track_seconds, False, _plain),
)


def unusual(mandate: Mandate, others: Sequence[Mandate] = ()) -> Iterator[str]:
    """Sentences for those who sign; none of them is a fault."""
    if mandate.notice_seconds < LEAST_NOTICE:
        yield f"The notice is {length_text(mandate.notice_seconds)}; people need days to read and to object."
    if (mandate.expires - mandate.starts).days > LONGEST_DAYS:
        yield f"It lives {(mandate.expires - mandate.starts).days} days; a year at most makes a city decide again."
    if mandate.tracks == 1:
        yield "K = 1 hides a single track: somebody who comes back on the same day is protected half as well."
    for worth in worth_of(mandate):
        if all(worth.verdict(an_hour) == "useless" for _, an_hour in PLACES):
            number = f"±{worth.half_width} {worth.family.unit} per {length_text(worth.seconds)}"
            yield f"{number} is of use nowhere: leave it out."
    rivals = [other for other in others if other.hash != mandate.hash]
    for trait in _TRAITS if rivals else ():
        mine, theirs = trait.of(mandate), [trait.of(other) for other in rivals]
        bound = max(theirs) if trait.more else min(theirs)
        if (mine > bound) if trait.more else (mine < bound):
            which = "more" if trait.more else "less"
            yield (
                f"{trait.name}: {trait.show(mine)}, {which} than in any of the {len(rivals)} other mandates of the log "
                f"({trait.show(bound)})."
            )
    for other in rivals:
        shared = sorted(set(other.sensors) & set(mandate.sensors))
        if shared and other.expires > mandate.starts and other.starts < mandate.expires:
            spent = day_epsilon(other) / other.tracks + day_epsilon(mandate) / mandate.tracks
            cap = float(min(other.sensor_cap / other.tracks, mandate.sensor_cap / mandate.tracks))
            fits = "fit under their cap together" if spent <= cap else "do not fit under their cap: one will be refused"
            yield f"Mandate {other.id} covers {', '.join(shared)} at the same time; the budgets {fits}."
