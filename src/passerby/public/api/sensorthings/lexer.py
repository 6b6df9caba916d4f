"""Words of the OData query language that SensorThings 1.1 uses (OData 4.0 URL conventions, section 5.1)."""

import re
from dataclasses import dataclass

from passerby.public.api.problem import BadQueryError

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<time>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?:/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^']|'')*')
    | (?P<word>@?[A-Za-z_][A-Za-z0-9_@.]*(?:/@?[A-Za-z_][A-Za-z0-9_@.]*)*)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: time, number, text, word, mark or end."""

    kind: str
    text: str


def tokens(source: str) -> list[Token]:
    """Raises BadQueryError at the first sign that is none of the language."""
    found: list[Token] = []
    position = 0
    source = source.rstrip()
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None or match.lastgroup is None:
            raise BadQueryError("filter cannot be read", expected="OData", came=f"{source[position : position + 20]!r}")
        found.append(Token(match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return [*found, Token("end", "")]
