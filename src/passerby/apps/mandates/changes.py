"""What a successor changes, marked as a reader of the law would mark it."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from passerby.apps.mandates.worth import day_epsilon, length_text
from passerby.datatypes.area import signed_area
from passerby.datatypes.mandate import Mandate

Side = Literal["same", "gone", "new"]
_NAMES = {
    "measure": ("sensor", "family", "subject"),
    "family": ("name",),
    "resolution": ("seconds",),
    "camera": ("id",),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field. ``words``: its text, word by word, each the same in both, gone or new."""

    field: str
    words: tuple[tuple[Side, str], ...]

    def marked(self) -> str:
        """~~Struck out~~ and **inserted**, as in a consolidated text."""
        marks = {"same": "{}", "gone": "~~{}~~", "new": "**{}**"}
        return " ".join(marks[side].format(text) for side, text in self.words)


def changes(old: Mandate, new: Mandate) -> Iterator[Change]:
    """Every field that differs, in the order of the text."""
    before, after = dict(_fields("", old.document)), dict(_fields("", new.document))
    for field in [*after, *(field for field in before if field not in after)]:
        if before.get(field) != after.get(field):
            yield Change(field, tuple(_words(before.get(field, ""), after.get(field, ""))))


def effects(old: Mandate, new: Mandate) -> Iterator[str]:
    """What the changes mean, what allows more first."""
    more: list[str] = []
    less: list[str] = []
    for text, difference in _differences(old, new):
        (more if difference > 0 else less).append(text)
    yield from (f"allows more: {text}" for text in more)
    yield from (f"allows less: {text}" for text in less)


def _differences(old: Mandate, new: Mandate) -> Iterator[tuple[str, int]]:
    for cell in sorted(set(new.cells) - set(old.cells)):
        yield f"measures {cell}", 1
    for cell in sorted(set(old.cells) - set(new.cells)):
        yield f"no longer measures {cell}", -1
    for name, size, before in _areas(old, new):
        yield (
            f"area {name} is {abs(size / before - 1):.0%} {'larger' if size > before else 'smaller'} in the picture",
            (1 if size > before else -1),
        )
    numbers: tuple[tuple[str, float, float], ...] = (
        ("life", (old.expires - old.starts).total_seconds(), (new.expires - new.starts).total_seconds()),
        ("notice", -old.notice_seconds, -new.notice_seconds),
        ("hours a day", old.hours[1] - old.hours[0], new.hours[1] - new.hours[0]),
        ("tracks that the noise hides (K)", -old.tracks, -new.tracks),
        ("seconds of a track (ρ)", old.track_seconds, new.track_seconds),
        ("ε for a sensor and day", day_epsilon(old), day_epsilon(new)),
        ("cap of a sensor's ε", float(old.sensor_cap), float(new.sensor_cap)),
        ("finest window", -old.resolutions[0].seconds, -new.resolutions[0].seconds),
        ("background shown", old.background_plate, new.background_plate),
    )
    for text, before, after in numbers:
        if before != after:
            yield f"{text}: {_show(text, before)} → {_show(text, after)}", 1 if after > before else -1


def _areas(old: Mandate, new: Mandate) -> Iterator[tuple[str, float, float]]:
    before, after = _polygons(old), _polygons(new)
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield name, after[name], before[name]


def _polygons(mandate: Mandate) -> dict[str, float]:
    measures: Any = mandate.document["measure"]
    return {
        f"{m['sensor']}/{m['subject']}": abs(signed_area(tuple((float(x), float(y)) for x, y in m["polygon"])))
        for m in measures
        if "polygon" in m
    }


def _show(text: str, value: float) -> str:
    if text == "background shown":
        return "yes" if value else "no"
    return length_text(int(abs(value))) if text in ("life", "notice", "finest window") else f"{abs(value):g}"


def _fields(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _fields(f"{path}.{key}" if path else key, part)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        names = _NAMES[path.rpartition(".")[2]]
        for part in value:
            called = "/".join(str(part[name]) for name in names)
            rest = {key: inner for key, inner in part.items() if key not in names}
            yield from _fields(f"{path}[{called}]", rest)
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(before: str, after: str) -> Iterator[tuple[Side, str]]:
    old, new = re.findall(r"\S+", before), re.findall(r"\S+", after)
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", " ".join(old[i1:i2])
            continue
        if i2 > i1:
            yield "gone", " ".join(old[i1:i2])
        if j2 > j1:
            yield "new", " ".join(new[j1:j2])
