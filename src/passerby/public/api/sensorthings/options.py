"""Query options: ``$top $skip $count $orderby $select $expand $filter``."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from passerby.public.api.problem import BadQueryError
from passerby.public.api.sensorthings.expression import Node, parse_filter

DEFAULT_TOP, MAX_TOP, MAX_EXPAND_DEPTH = 100, 1000, 4
_NAMES = ("$top", "$skip", "$count", "$orderby", "$select", "$expand", "$filter", "$resultFormat")


@dataclass(slots=True)
class Options:
    """``orderby``: (path, descending). ``expand``: relation -> options of its entities."""

    top: int = DEFAULT_TOP
    skip: int = 0
    count: bool = False
    orderby: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    select: tuple[str, ...] | None = None
    expand: "dict[str, Options]" = field(default_factory=dict)
    filter: Node | None = None


def parse_options(pairs: Iterable[tuple[str, str]], depth: int = 0) -> Options:
    """Read decoded name-value pairs. Raises BadQueryError."""
    if depth > MAX_EXPAND_DEPTH:
        raise BadQueryError("expand is too deep", expected=f"at most {MAX_EXPAND_DEPTH} levels", came="more")
    options = Options()
    seen: set[str] = set()
    for name, text in pairs:
        if name not in _NAMES or name in seen:
            raise BadQueryError("query option is unknown or given twice", expected=", ".join(_NAMES), came=repr(name))
        seen.add(name)
        match name:
            case "$top":
                options.top = min(_natural(name, text), MAX_TOP)
            case "$skip":
                options.skip = _natural(name, text)
            case "$count":
                options.count = _truth(text)
            case "$orderby":
                options.orderby = [_term(part) for part in split(text, ",")]
            case "$select":
                options.select = tuple(part.strip() for part in split(text, ","))
            case "$expand":
                for part in split(text, ","):
                    _expand(options, part.strip(), depth)
            case "$filter":
                options.filter = parse_filter(text)
            case _:
                raise BadQueryError("result format is not offered", expected="no $resultFormat", came=repr(text))
    return options


def split(text: str, mark: str) -> list[str]:
    """Split at a mark that is in no parentheses and no quotes."""
    parts, depth, quoted, begin = [], 0, False, 0
    for place, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == mark and not quoted and depth == 0:
            parts.append(text[begin:place])
            begin = place + 1
        if depth < 0:
            break
    if depth or quoted:
        raise BadQueryError("query option is not closed", expected="matching parentheses and quotes", came=repr(text))
    return [*parts, text[begin:]]


def _expand(options: Options, text: str, depth: int) -> None:
    head, parenthesis, rest = text.partition("(")
    first, *following = head.split("/")
    pairs = []
    if parenthesis:
        if not rest.endswith(")"):
            raise BadQueryError("expand cannot be read", expected="Relation($option=…;…)", came=repr(text))
        for part in split(rest[:-1], ";"):
            name, equals, value = part.partition("=")
            if not equals:
                raise BadQueryError("expand cannot be read", expected="Relation($option=…;…)", came=repr(text))
            pairs.append((name.strip(), value))
    if following:
        inner = "/".join(following) + (f"({rest}" if parenthesis else "")
        nested = options.expand.setdefault(first, Options())
        if depth + len(following) > MAX_EXPAND_DEPTH:
            raise BadQueryError("expand is too deep", expected=f"at most {MAX_EXPAND_DEPTH} levels", came="more")
        _expand(nested, inner, depth + 1)
    else:
        options.expand[first] = parse_options(pairs, depth + 1)


def _natural(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadQueryError(f"{name} is no number", expected="0 or more", came=repr(text))
    return int(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadQueryError("$count is no truth value", expected="true or false", came=repr(text))
    return text == "true"


def _term(text: str) -> tuple[tuple[str, ...], bool]:
    words = text.split()
    if not 1 <= len(words) <= 2 or (len(words) == 2 and words[1] not in ("asc", "desc")):
        raise BadQueryError("order cannot be read", expected="property asc|desc", came=repr(text))
    return tuple(words[0].split("/")), words[1:] == ["desc"]
