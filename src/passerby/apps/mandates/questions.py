"""Questions in plain words, whose answers make a mandate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from passerby.apps.assets.entries import find
from passerby.apps.city import CameraSection, City, CityFileError
from passerby.apps.node.geometry import installation
from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import PROHIBITED_USES

T = TypeVar("T")
Ask = Callable[[str, str, str | None], str]
"""Shows an explanation, then a question with its usual answer (None: there is none); returns what was answered."""


@dataclass(frozen=True, slots=True)
class _Question:
    section: str
    field: str
    question: str
    why: str
    usual: str | None = None


_TEXTS = (
    _Question("mandate", "id", "Short name", "Lower-case letters, digits, hyphens. It names the mandate everywhere."),
    _Question("mandate", "title", "Title", "One line for residents: what is measured where."),
    _Question("mandate", "language", "Language of the text", "A code such as en or et.", "en"),
    _Question("accountable", "controller", "Who answers for it?", "The office of the city that decides and is liable."),
    _Question("accountable", "contact", "Where can people reach them?", "A mail address or a page that is read."),
    _Question("accountable", "vendor", "Who else is paid or has access?", "Makers, operators, hosts.", "None"),
    _Question("purpose", "question", "What should the numbers answer?", "A question that has an answer and an end."),
    _Question(
        "purpose", "decision", "What will be decided by it?", "Who never decides anything by it needs no number."
    ),
    _Question("legal", "basis", "Legal basis", "The law or by-law that allows it."),
    _Question("legal", "necessity", "Why is it necessary?", "What would be worse without it."),
    _Question("legal", "alternatives", "What else was looked at?", "Counting by hand, a counter without a camera …"),
    _Question("affected", "people", "Who is affected?", "Who passes there, and who cannot avoid it."),
    _Question("affected", "impact", "How?", "What changes for them, good and bad.", "Nobody is recognised."),
    _Question("risk", "category", "Risk category", "By your own rules, or the EU AI Act's.", "limited"),
    _Question("risk", "risks", "What could go wrong?", "Said honestly; people find it anyway."),
    _Question("risk", "dpia", "Data protection impact assessment", "Where it can be read, or why there is none."),
    _Question("oversight", "body", "Who oversees it?", "Holds a key that suspends the mandate alone and at once."),
    _Question("oversight", "audit", "Who audits it, and when?", "The log can be verified by everybody."),
    _Question("oversight", "complaint", "Where do complaints go?", "An address that is not the controller's."),
    _Question("cost", "amount", "What does it cost?", "Bought, built, run."),
    _Question("cost", "public_comment", "How could people comment?", "Where and how long the draft was public."),
)

FAMILIES: dict[Family, tuple[str, str, str]] = {
    Family.AREA_ENTRIES: ("how many enter an area", "1", "2"),
    Family.LINE_CROSSINGS: ("how many cross a line, in each direction", "0.6", "2"),
    Family.PERSON_SECONDS: ("how long people stay in an area (density)", "0.2", "120"),
    Family.CLOSE_PAIR_SECONDS: ("how long people are closer than 1 m and 1.5 m", "0.2", "120"),
    Family.SPEED: ("how fast people move", "0.2", "1"),
}
"""What each family tells, the usual ε, and the usual cap."""

_FIXED = {
    Family.CLOSE_PAIR_SECONDS: ["1.0m", "1.5m"],
    Family.SPEED: ["0.0-0.5", "0.5-1.0", "1.0-1.5", "1.5-2.0", "2.0-up"],
}


def ask_mandate(city: City, ask: Ask, now: datetime) -> dict[str, Any]:
    """The JSON values of a mandate for cameras of the city, from the answers."""
    document: dict[str, Any] = {"mandate": {"version": 1, "log": city.log.origin}}
    for one in _TEXTS[:8]:
        document.setdefault(one.section, {})[one.field] = _text(ask, one)
    uses = ask("What may the numbers be used for, and nothing else?", "Permitted uses, separated by ;", None)
    document["purpose"] |= {"permitted_uses": _split(uses, ";"), "prohibited_uses": list(PROHIBITED_USES)}
    for one in _TEXTS[8:]:
        document.setdefault(one.section, {})[one.field] = _text(ask, one)
    sections = _cameras(city, ask)
    document["schedule"] = _schedule(sections[0].zone, ask, now)
    document["camera"] = [installation(section) for section in sections]
    document["measure"] = [measure for section in sections for measure in _measures(section, ask)]
    document["privacy"] = _privacy({Family(measure["family"]) for measure in document["measure"]}, ask)
    entry = find(sections[0].detector)
    document["detector"] = {"name": entry.name, **entry.identity}
    plate = ask(
        "Once the background is proven empty of people it can be shown behind the public map.", "Show it?", "yes"
    )
    document["data"] = {
        "retention": "Released numbers: for ever. Pictures: none, they die in memory.",
        "access": "Everybody",
        "sharing": "Open data",
        "background_plate": plate.strip().lower().startswith("y"),
    }
    document["oversight"] |= {
        "revocation": "Any oversight key alone suspends the mandate at once; as many roles as approve it revoke it.",
        "log_freshness_seconds": 3600,
    }
    return document


def _convert(ask: Ask, why: str, question: str, usual: str | None, convert: Callable[[str], T]) -> T:
    """Ask until the answer can be understood."""
    while True:
        try:
            return convert(ask(why, question, usual).strip())
        except (ValueError, IndexError, KeyError):
            why = f"That was not understood. {why}"


def _text(ask: Ask, one: _Question) -> str:
    return ask(one.why, one.question, one.usual).strip()


def _cameras(city: City, ask: Ask) -> list[CameraSection]:
    known = {section.id: section for section in city.camera}
    if not known:
        raise CityFileError(f"{city.name} has no camera", expected="a [[camera]] in city.toml")
    why = f"Only these cameras will be decoded. The city has {', '.join(known)}."
    question = "Cameras, separated by spaces"
    return _convert(ask, why, question, next(iter(known)), lambda text: [known[name] for name in text.split()])


def _schedule(zone: str, ask: Ask, now: datetime) -> dict[str, Any]:
    notice = _convert(
        ask, "People need time to read it and to object. Nothing is decoded before.", "Days of notice", "14", float
    )
    days = _convert(ask, "It ends by itself; going on needs a new decision.", "Days of life after that", "180", float)
    first, last = _convert(
        ask, "Outside these hours no picture is decoded, by the clock of the city.", "Hours, from-to", "6-24", _hours
    )
    starts = (now.astimezone(UTC) + timedelta(days=notice)).replace(minute=0, second=0, microsecond=0)
    return {
        "starts": utc_text(starts),
        "expires": utc_text(starts + timedelta(days=days)),
        "zone": zone,
        "notice_seconds": round(notice * 86400),
        "hours": [first, last],
    }


def _measures(section: CameraSection, ask: Ask) -> list[dict[str, Any]]:
    listed = "\n".join(f"  {number} {FAMILIES[family][0]}" for number, family in enumerate(FAMILIES, 1))
    wanted = _convert(
        ask,
        f"The menu is closed: nothing else can be measured.\n{listed}",
        f"Numbers for {section.id}",
        "1 2",
        lambda text: [list(FAMILIES)[int(number) - 1] for number in text.split()],
    )
    kinds = ask(
        f"Road users are told apart by kind, never by person: {', '.join(kind.label for kind in Kind)}.",
        "Kinds, separated by spaces",
        "person",
    ).split()
    measures = []
    area: dict[str, Any] | None = None
    for family in wanted:
        measure: dict[str, Any] = {"sensor": section.id, "family": family.value}
        if family in (Family.AREA_ENTRIES, Family.PERSON_SECONDS):
            area = area or _shape(ask, "area", "polygon", section)
            measure |= area | {"categories": kinds}
        elif family is Family.LINE_CROSSINGS:
            both = [f"{kind}.{way}" for kind in kinds for way in ("forward", "backward")]
            measure |= _shape(ask, "line", "line", section) | {"categories": both}
        else:
            measure |= {"subject": section.id, "categories": _FIXED[family]}
        measures.append(measure)
    return measures


def _shape(ask: Ask, what: str, field: str, section: CameraSection) -> dict[str, Any]:
    width, height = section.picture
    name = ask(f"The {what} has a name in every number.", f"Name of the {what}", None)
    points = _convert(
        ask,
        f"In px of the reference picture ({width} × {height}), such as 120,200 600,200 700,500.",
        f"Points of the {what}",
        None,
        _points,
    )
    return {"subject": name.strip(), field: points}


def _privacy(families: set[Family], ask: Ask) -> dict[str, Any]:
    hidden = "Whoever leaves at most K tracks a day is hidden in the noise. More K, more noise."
    tracks = _convert(ask, hidden, "Tracks a day (K)", "2", int)
    cut = "A track is cut after so many seconds, so that nobody is followed."
    seconds = _convert(ask, cut, "Seconds of a track (ρ)", "120", int)
    window = _convert(ask, "Shorter windows have noisier numbers.", "Minutes of a window", "15", float)
    part = "Privacy budget of the day, as a part of what is usual. Half of it doubles the noise."
    share = _convert(ask, part, "Part of the budget", "1", float)
    budgets = [
        {
            "name": family.value,
            "epsilon": f"{float(epsilon) * share:.6f}".rstrip("0").rstrip("."),
            "cap": int(cap),
        }
        for family, (_, epsilon, cap) in FAMILIES.items()
        if family in families
    ]
    total = sum(float(one["epsilon"]) for one in budgets)
    return {
        "tracks": tracks,
        "track_seconds": seconds,
        "sensor_cap": f"{max(2.0, total):g}",
        "family": budgets,
        "resolution": [
            {"seconds": round(window * 60), "share": "0.6"},
            {"seconds": 3600, "share": "0.2"},
            {"seconds": 86400, "share": "0.2"},
        ],
    }


def _hours(text: str) -> tuple[int, int]:
    first, last = text.split("-")
    return int(first), int(last)


def _points(text: str) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in (point.split(",") for point in text.split())]


def _split(text: str, by: str) -> list[str]:
    return [part.strip() for part in text.split(by) if part.strip()]
