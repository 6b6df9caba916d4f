"""A filter applied to one entity in memory. A comparison with something that is not there is false."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from passerby.public.api.problem import BadQueryError
from passerby.public.api.sensorthings.expression import COMPARISONS, Call, Literal, Node, Path

Reader = Callable[[tuple[str, ...]], list[Any]]

_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "substringof": lambda part, whole: part in whole,
    "contains": lambda whole, part: part in whole,
    "startswith": lambda whole, part: whole.startswith(part),
    "endswith": lambda whole, part: whole.endswith(part),
    "length": len,
    "indexof": lambda whole, part: whole.index(part) if part in whole else -1,
    "tolower": lambda text: text.lower(),
    "toupper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "concat": lambda first, second: first + second,
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
    "round": lambda number: math.floor(number + 0.5),
    "floor": math.floor,
    "ceiling": math.ceil,
    "now": lambda: datetime.now(UTC),
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "mod": lambda a, b: math.fmod(a, b),
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


def holds(node: Node, read: Reader) -> bool:
    """Whether a filter holds; ``read`` gives every value of a path, several where a relation has several ends."""
    if isinstance(node, Call) and node.name in ("and", "or", "not"):
        if node.name == "not":
            return not holds(node.arguments[0], read)
        first, second = node.arguments
        if node.name == "and":
            return holds(first, read) and holds(second, read)
        return holds(first, read) or holds(second, read)
    return any(value is True for value in _values(node, read))


def constant(node: Node) -> Any:
    """The value of a tree without paths. Raises BadQueryError where there is none."""
    values = _values(node, lambda _: [])
    if len(values) != 1:
        raise BadQueryError("filter compares with no constant", expected="a number, text or instant")
    return values[0]


def _values(node: Node, read: Reader) -> list[Any]:
    if isinstance(node, Literal):
        return [node.value]
    if isinstance(node, Path):
        return read(node.steps)
    if node.name in ("and", "or", "not"):
        return [holds(node, read)]
    results = []
    combinations: list[list[Any]] = [[]]
    for argument in node.arguments:
        combinations = [[*sofar, value] for sofar in combinations for value in _values(argument, read)]
    for values in combinations:
        try:
            results.append(_FUNCTIONS[node.name](*values))
        except (TypeError, AttributeError, ValueError, ZeroDivisionError, OverflowError):
            if node.name in COMPARISONS:
                results.append(False)
    return results
