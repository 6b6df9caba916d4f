"""Observations are releases: their properties, and a filter on them as a condition of the store."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from passerby.datatypes.outage import Outage
from passerby.datatypes.window import utc_text
from passerby.public.api.problem import BadQueryError, UnsupportedQueryError
from passerby.public.api.sensorthings.evaluate import constant, holds
from passerby.public.api.sensorthings.expression import COMPARISONS, Call, Literal, Node, Path
from passerby.public.store.rows import Published
from passerby.public.store.schema import OUTAGE_CODE
from passerby.public.store.select import Condition
from passerby.public.store.streams import Stream

COLUMNS = {
    ("id",): "id",
    ("@iot.id",): "id",
    ("result",): "value",
    ("resultTime",): "(start + seconds)",
    ("phenomenonTime",): "start",
    ("parameters", "coverage"): "coverage",
    ("parameters", "halfWidth"): "half_width",
    ("parameters", "scale"): "scale",
    ("parameters", "outage"): "outage",
}
_OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
_NUMERIC = {"round": "round", "floor": "floor", "ceiling": "ceil"}
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_TIMES = (("phenomenonTime",), ("resultTime",))

StreamReader = Callable[[Stream, tuple[str, ...]], list[Any]]


def properties(published: Published) -> dict[str, Any]:
    """What an Observation says. ``result`` is null where there is an outage, never zero."""
    record = published.record
    return {
        "phenomenonTime": f"{utc_text(record.window.start)}/{utc_text(record.window.end)}",
        "resultTime": utc_text(record.window.end),
        "result": record.value,
        "resultQuality": {"halfWidth": record.half_width, "confidence": 0.95, "coverage": record.coverage / 1000},
        "parameters": {
            "halfWidth": record.half_width,
            "scale": record.scale,
            "coverage": record.coverage,
            "outage": None if record.outage is None else record.outage.value,
            "mandate": record.mandate,
            "manifest": published.manifest,
            "batch": published.root,
            "index": published.index,
        },
    }


class Compiler:
    """Turns a filter into a condition. What asks about the Datastream is decided for each stream beforehand."""

    def __init__(self, streams: Iterable[Stream], read: StreamReader) -> None:
        self._streams = list(streams)
        self._read = read

    def condition(self, node: Node) -> Condition:
        """Raises UnsupportedQueryError for what the store cannot be asked."""
        if isinstance(node, Call) and node.name in ("and", "or"):
            first, second = (self.condition(argument) for argument in node.arguments)
            return Condition(f"({first.sql} {node.name.upper()} {second.sql})", first.values + second.values)
        if isinstance(node, Call) and node.name == "not":
            inner = self.condition(node.arguments[0])
            return Condition(f"(NOT coalesce({inner.sql}, FALSE))", inner.values)
        heads = {path[0] for path in _paths(node)}
        if heads and heads <= {"Datastream", "FeatureOfInterest"}:
            numbers = [s.number for s in self._streams if holds(node, lambda steps, s=s: self._read(s, steps))]  # type: ignore[misc]
            return Condition("stream IN (SELECT unnest(?::INTEGER[]))", (numbers,))
        if isinstance(node, Call) and node.name in COMPARISONS:
            return _comparison(node.name, *node.arguments)
        if isinstance(node, Literal) and isinstance(node.value, bool):
            return Condition("TRUE" if node.value else "FALSE")
        raise UnsupportedQueryError("filter asks what is not offered", expected="comparisons of numbers and times")


def order(terms: Sequence[tuple[tuple[str, ...], bool]]) -> str:
    """``$orderby`` as SQL; ties go by id. Raises UnsupportedQueryError."""
    parts = [f"{_column(path)} {'DESC' if descending else 'ASC'} NULLS LAST" for path, descending in terms]
    return ", ".join([*parts, "id"])


def _comparison(name: str, left: Node, right: Node) -> Condition:
    if isinstance(left, Literal):
        mirrored = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}
        return (
            _comparison(mirrored.get(name, name), right, left)
            if not isinstance(right, Literal)
            else _flat(name, left, right)
        )
    value = None if _paths(right) else constant(right)
    if value is None and not _paths(right):
        if name not in ("eq", "ne"):
            return Condition("FALSE")
        missing = (
            f"({_column(left.steps)} {'= 0' if left.steps[-1] == 'outage' else 'IS NULL'})"
            if isinstance(left, Path)
            else "FALSE"
        )
        return Condition(missing if name == "eq" else f"(NOT {missing})")
    if isinstance(value, str):
        return _text(name, left, value)
    if isinstance(left, Path) and left.steps in _TIMES:
        if not isinstance(value, datetime):
            raise BadQueryError(
                "a time is compared with something else", expected="an instant", came=type(value).__name__
            )
        # A window is half-open: it lies before an instant if it ends at it, and after one if it starts there or later.
        column = (
            "start" if left.steps == ("phenomenonTime",) and name in ("gt", "ge", "eq", "ne") else "(start + seconds)"
        )
        operator = "<=" if left.steps == ("phenomenonTime",) and name == "lt" else _OPERATORS[name]
        return Condition(f"({column} {operator} ?)", (value.timestamp(),))
    first, second = _number(left), _number(right)
    return Condition(f"({first.sql} {_OPERATORS[name]} {second.sql})", first.values + second.values)


def _flat(name: str, left: Literal, right: Literal) -> Condition:
    return Condition("TRUE" if holds(Call(name, (left, right)), lambda _: []) else "FALSE")


def _text(name: str, left: Node, value: str) -> Condition:
    if not (isinstance(left, Path) and left.steps == ("parameters", "outage") and name in ("eq", "ne")):
        raise BadQueryError("a number is compared with text", expected="a number or an instant", came=repr(value))
    code = OUTAGE_CODE.get(Outage(value)) if value in set(Outage) else 255
    return Condition(f"(outage {_OPERATORS[name]} ?)", (code,))


def _number(node: Node) -> Condition:
    if isinstance(node, Literal):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise BadQueryError("filter mixes kinds", expected="numbers on both sides", came=repr(node.value))
        return Condition("?::DOUBLE", (float(node.value),))
    if isinstance(node, Path):
        if node.steps in _TIMES:
            raise BadQueryError("a time is used as a number", expected="a comparison with an instant")
        return Condition(f"{_column(node.steps)}::DOUBLE")
    if node.name in _SIGNS:
        first, second = (_number(argument) for argument in node.arguments)
        return Condition(f"({first.sql} {_SIGNS[node.name]} {second.sql})", first.values + second.values)
    if node.name in _NUMERIC:
        inner = _number(node.arguments[0])
        return Condition(f"{_NUMERIC[node.name]}({inner.sql})", inner.values)
    if node.name in _PARTS and isinstance(node.arguments[0], Path) and node.arguments[0].steps in _TIMES:
        column = _column(node.arguments[0].steps)
        return Condition(f"{node.name}(make_timestamp({column} * 1000000))::DOUBLE")
    raise UnsupportedQueryError(
        f"{node.name} is not offered for Observations", expected="arithmetic and parts of times"
    )


def _column(path: tuple[str, ...]) -> str:
    if path not in COLUMNS:
        offered = ", ".join("/".join(steps) for steps in COLUMNS)
        raise UnsupportedQueryError("Observations have no such column", expected=offered, came="/".join(path))
    return COLUMNS[path]


def _paths(node: Node) -> list[tuple[str, ...]]:
    if isinstance(node, Path):
        return [node.steps]
    if isinstance(node, Call):
        return [path for argument in node.arguments for path in _paths(argument)]
    return []
