"""``$filter`` as a tree, by precedence: or < and < not < comparison < sum < product."""

from dataclasses import dataclass
from datetime import UTC, datetime

from passerby.public.api.problem import BadQueryError, UnsupportedQueryError
from passerby.public.api.sensorthings.lexer import Token, tokens

COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
SUMS, PRODUCTS = ("add", "sub"), ("mul", "div", "mod")
FUNCTIONS = {
    "substringof": 2,
    "contains": 2,
    "startswith": 2,
    "endswith": 2,
    "length": 1,
    "indexof": 2,
    "tolower": 1,
    "toupper": 1,
    "trim": 1,
    "concat": 2,
    "year": 1,
    "month": 1,
    "day": 1,
    "hour": 1,
    "minute": 1,
    "second": 1,
    "round": 1,
    "floor": 1,
    "ceiling": 1,
    "now": 0,
}
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: text, number, truth value, instant (UTC) or null."""

    value: str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Path:
    """A property, perhaps of a related entity: ``("Datastream", "id")``."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function with its arguments; operators go by their OData word."""

    name: str
    arguments: "tuple[Node, ...]"


Node = Literal | Path | Call


def parse_filter(source: str) -> Node:
    """Raises BadQueryError, or UnsupportedQueryError for functions that this server does not know."""
    parser = _Parser(tokens(source))
    node = parser.either()
    parser.expect("end", "")
    return node


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _take_word(self, words: tuple[str, ...]) -> str | None:
        token = self._peek()
        if token.kind == "word" and token.text in words:
            self._at += 1
            return token.text
        return None

    def expect(self, kind: str, text: str) -> None:
        token = self._peek()
        if (token.kind, token.text) != (kind, text):
            raise BadQueryError("filter cannot be read", expected=text or "its end", came=token.text or "its end")
        self._at += 1

    def either(self) -> Node:
        node = self._both()
        while self._take_word(("or",)):
            node = Call("or", (node, self._both()))
        return node

    def _both(self) -> Node:
        node = self._negated()
        while self._take_word(("and",)):
            node = Call("and", (node, self._negated()))
        return node

    def _negated(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise BadQueryError("filter is too deep", expected=f"at most {_MAX_DEPTH} levels", came="more")
        node = Call("not", (self._negated(),)) if self._take_word(("not",)) else self._comparison()
        self._depth -= 1
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        if word := self._take_word(COMPARISONS):
            return Call(word, (node, self._sum()))
        return node

    def _sum(self) -> Node:
        node = self._product()
        while word := self._take_word(SUMS):
            node = Call(word, (node, self._product()))
        return node

    def _product(self) -> Node:
        node = self._term()
        while word := self._take_word(PRODUCTS):
            node = Call(word, (node, self._term()))
        return node

    def _term(self) -> Node:
        token = self._peek()
        self._at += 1
        if (token.kind, token.text) == ("mark", "("):
            node = self.either()
            self.expect("mark", ")")
            return node
        if token.kind == "word" and (self._peek().kind, self._peek().text) == ("mark", "("):
            return self._call(token.text)
        if token.kind == "word":
            constants = {"true": True, "false": False, "null": None}
            return Literal(constants[token.text]) if token.text in constants else Path(tuple(token.text.split("/")))
        if token.kind == "text":
            return Literal(token.text[1:-1].replace("''", "'"))
        if token.kind == "number":
            return Literal(float(token.text) if any(c in token.text for c in ".eE") else int(token.text))
        if token.kind == "time":
            return Literal(read_instant(token.text))
        raise BadQueryError("filter cannot be read", expected="a value", came=token.text or "its end")

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise UnsupportedQueryError(f"function {name} is not offered", expected=", ".join(FUNCTIONS), came=name)
        self.expect("mark", "(")
        arguments: list[Node] = []
        while (self._peek().kind, self._peek().text) != ("mark", ")"):
            if arguments:
                self.expect("mark", ",")
            arguments.append(self.either())
        self.expect("mark", ")")
        if len(arguments) != FUNCTIONS[name]:
            raise BadQueryError(f"{name} takes {FUNCTIONS[name]} arguments", came=str(len(arguments)))
        return Call(name, tuple(arguments))


def read_instant(text: str) -> datetime:
    """An instant of ISO 8601; without a zone it is UTC. Raises BadQueryError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQueryError(
            "instant cannot be read", expected="such as 2026-11-23T09:00:00Z", came=repr(text)
        ) from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
