"""Resource paths: ``Things('plaza')/Datastreams('…')/Observations/$ref`` in steps."""

import re
from dataclasses import dataclass

from passerby.public.api.problem import NotFoundError

_STEP = re.compile(r"([A-Za-z]+)(?:\((?:'((?:[^']|'')*)'|([0-9]{1,18}))\))?|(\$value|\$ref)")


@dataclass(frozen=True, slots=True)
class Step:
    """A name, perhaps with the id of one entity; or ``$value`` or ``$ref``."""

    name: str
    id: str | int | None = None


def parse_address(path: str) -> list[Step]:
    """Raises NotFoundError for what names nothing."""
    steps = []
    for part in _split(path.strip("/")):
        match = _STEP.fullmatch(part)
        if match is None:
            raise NotFoundError("path names nothing", expected="such as Things('id')/Datastreams", came=repr(part))
        name, text, number, special = match.groups()
        if special:
            steps.append(Step(special))
        else:
            found = int(number) if number is not None else None if text is None else text.replace("''", "'")
            steps.append(Step(name, found))
    return steps


def _split(path: str) -> list[str]:
    parts, quoted, begin = [], False, 0
    for place, sign in enumerate(path):
        quoted ^= sign == "'"
        if sign == "/" and not quoted:
            parts.append(path[begin:place])
            begin = place + 1
    return [*parts, path[begin:]]
