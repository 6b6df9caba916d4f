"""What the conformance classes that are declared demand of reading, asked of every entity set (OGC 18-088).

The assertions are those that the conformance tests of FROST-Server make of reading; the tests are our own.
"""

import itertools
import operator
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from passerby.public.api.sensorthings.model import NAVIGATION
from passerby.public.api.sensorthings.resource import CONFORMANCE, ROOT

TABLE = Path(__file__).parents[4] / "docs" / "open-data.md"
REQ = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
PROVEN = {
    "datamodel": "test_entities_have_what_the_data_model_demands",
    "resource-path/resource-path-to-entities": "test_paths_reach_everything_within_four_steps",
    "request-data/order": "test_options_apply_in_the_order_of_the_standard",
    "request-data/expand": "test_expand",
    "request-data/select": "test_select",
    "request-data/status-code": "test_status_codes",
    "request-data/query-status-code": "test_status_codes_of_queries",
    "request-data/orderby": "test_orderby",
    "request-data/top": "test_top_skip_and_count",
    "request-data/skip": "test_top_skip_and_count",
    "request-data/count": "test_top_skip_and_count",
    "request-data/filter": "test_filter_by_every_property",
    "request-data/built-in-filter-operations": "test_filter_operations",
    "request-data/pagination": "test_pages",
}
SETS = list(NAVIGATION)
SORTABLE = {
    "Things": ("name", "description"),
    "Locations": ("name", "description", "encodingType"),
    "HistoricalLocations": ("time",),
    "Datastreams": ("name", "description", "observationType", "phenomenonTime"),
    "Sensors": ("name", "description", "encodingType", "metadata"),
    "ObservedProperties": ("name", "description", "definition"),
    "Observations": ("phenomenonTime", "resultTime", "result"),
    "FeaturesOfInterest": ("name", "description", "encodingType"),
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "ge": operator.ge,
    "gt": operator.gt,
}
RELATIONS = [(kind, relation) for kind, relations in NAVIGATION.items() for relation in relations]


class Asker:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def raw(self, path: str, options: dict[str, str] | None = None) -> httpx.Response:
        url = path if path.startswith("http") else f"{ROOT}/{path}"
        return self._client.get(url, params={f"${name}": text for name, text in (options or {}).items()} or None)

    def __call__(self, path: str, **options: str | int) -> Any:
        response = self.raw(path, {name: str(text) for name, text in options.items()})
        assert response.status_code == 200, f"{path} {options}: {response.text}"
        return response.json()

    def first(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self(kind, top=1)["value"][0]
        return found

    def whole(self, path: str, **options: str | int) -> list[Any]:
        found: list[Any] = self(path, top=1000, **options)["value"]
        return found


@pytest.fixture
def ask(client: httpx.Client) -> Asker:
    return Asker(client)


def comparable(entity: dict[str, Any], name: str) -> Any:
    value = entity[name]
    if isinstance(value, str) and name in ("phenomenonTime", "resultTime", "time"):
        return datetime.fromisoformat(value.partition("/")[0])
    return value


def literal(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def test_every_declared_class_has_its_test() -> None:
    assert set(CONFORMANCE) == {REQ + name for name in PROVEN}
    assert {name for name in PROVEN.values() if name not in globals()} == set()
    table = re.findall(r"^\| `([a-z/-]+)` \| `(test_\w+)` \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    assert dict(table) == PROVEN


@pytest.mark.parametrize("kind", SETS)
def test_entities_have_what_the_data_model_demands(ask: Asker, kind: str) -> None:
    for entity in ask(kind, top=5)["value"]:
        assert entity == ask(entity["@iot.selfLink"])
        for relation in NAVIGATION[kind]:
            assert ask.raw(entity[f"{relation}@iot.navigationLink"]).status_code == 200
        for name in SORTABLE[kind]:
            one = ask.raw(f"{entity['@iot.selfLink']}/{name}")
            assert one.status_code == (204 if entity[name] is None else 200)
            if one.status_code == 200:
                assert one.json() == {name: entity[name]}
                value = ask.raw(f"{entity['@iot.selfLink']}/{name}/$value")
                assert (value.headers["content-type"], value.text) == ("text/plain; charset=utf-8", str(entity[name]))


def paths(ask: Asker, kind: str, path: str, depth: int) -> Iterator[str]:
    yield path
    if depth == 1:
        return
    many = path.rsplit("/", 1)[-1] in NAVIGATION
    here = ask(path, top=1)["value"][0] if many else ask(path)
    base = f"{path}({_id(here)})" if many else path
    for relation, (target, _) in NAVIGATION[kind].items():
        yield from paths(ask, target, f"{base}/{relation}", depth - 1)


def _id(entity: dict[str, Any]) -> str:
    return literal(entity["@iot.id"])


@pytest.mark.parametrize("kind", SETS)
def test_paths_reach_everything_within_four_steps(ask: Asker, kind: str) -> None:
    for path in paths(ask, kind, kind, 4):
        found = ask(f"{path}/$ref")
        for link in found["value"][:2] if "value" in found else [found]:
            assert set(link) == {"@iot.selfLink"}
            assert ask(link["@iot.selfLink"])["@iot.selfLink"] == link["@iot.selfLink"]


@pytest.mark.parametrize("kind", SETS)
def test_select(ask: Asker, kind: str) -> None:
    for names in itertools.chain(itertools.combinations(SORTABLE[kind], 1), itertools.combinations(SORTABLE[kind], 2)):
        for entity in ask(kind, select=",".join(names), top=2)["value"]:
            assert set(entity) == set(names)
    for relation, (target, many) in NAVIGATION[kind].items():
        name = SORTABLE[target][0]
        found = ask(f"{kind}({_id(ask.first(kind))})/{relation}", select=name)
        assert {frozenset(inner) for inner in (found["value"][:3] if many else [found])} == {frozenset({name})}


@pytest.mark.parametrize(("kind", "relation"), RELATIONS)
def test_expand(ask: Asker, kind: str, relation: str) -> None:
    target, many = NAVIGATION[kind][relation]
    entity = ask(f"{kind}({_id(ask.first(kind))})", expand=relation)
    through = ask(f"{kind}({_id(entity)})/{relation}")
    assert entity[relation] == (through["value"] if many else through)
    for inner in NAVIGATION[target]:
        short = ask(kind, expand=f"{relation}/{inner}", top=1)["value"][0]
        nested = ask(kind, expand=f"{relation}($expand={inner})", top=1)["value"][0]
        assert short == nested
        here = short[relation][0] if many else short[relation]
        assert inner in here
    others = [other for other in NAVIGATION[kind] if other != relation]
    for other in others:
        both = ask(kind, expand=f"{relation},{other}", top=1)["value"][0]
        assert {relation, other} <= set(both)
    chosen = ask(kind, expand=f"{relation}($select={SORTABLE[target][0]};$top=1)", top=1)["value"][0][relation]
    assert set(chosen[0] if many else chosen) == {SORTABLE[target][0]}


@pytest.mark.parametrize("kind", SETS)
def test_top_skip_and_count(ask: Asker, kind: str) -> None:
    inner = [f"{kind}({_id(ask.first(kind))})/{name}" for name, (_, many) in NAVIGATION[kind].items() if many]
    for path in (kind, *inner):
        whole = ask.whole(path)
        assert ask(path, count="true", top=0)["@iot.count"] == len(whole)
        for top, skip in ((1, 0), (2, 1), (1, len(whole) - 1), (5, len(whole)), (1000, 2)):
            page = ask(path, top=top, skip=skip)
            assert page["value"] == whole[skip : skip + top]
            assert ("@iot.nextLink" in page) == (skip + top < len(whole))


@pytest.mark.parametrize("kind", SETS)
def test_pages(ask: Asker, kind: str) -> None:
    whole, name = ask.whole(kind, select="id"), SORTABLE[kind][0]
    page = ask(
        kind, top=max(1, len(whole) // 3), select="id", filter=f"{name} ne null", count="true", orderby="id desc"
    )
    found = list(page["value"])
    while "@iot.nextLink" in page:
        page = ask(page["@iot.nextLink"])
        assert page["@iot.count"] == len(whole)
        found += page["value"]
    assert len(found) == len(whole)
    assert sorted(map(str, found)) == sorted(map(str, whole))


@pytest.mark.parametrize("kind", SETS)
def test_orderby(ask: Asker, kind: str) -> None:
    for name in SORTABLE[kind]:
        for direction, backwards in (("", False), (" asc", False), (" desc", True)):
            values = [comparable(one, name) for one in ask.whole(kind, orderby=name + direction)]
            known = [value for value in values if value is not None]
            assert known == sorted(known, reverse=backwards)
            assert len(values) == len(ask.whole(kind))
    names = SORTABLE[kind][:2]
    if len(names) == 2:
        both = ask.whole(kind, orderby=f"{names[0]} asc,{names[1]} desc")
        grouped = [list(group) for _, group in itertools.groupby(both, key=lambda one: comparable(one, names[0]))]
        for group in grouped:
            second = [comparable(one, names[1]) for one in group]
            assert second == sorted(second, reverse=True)


@pytest.mark.parametrize("kind", SETS)
def test_filter_by_every_property(ask: Asker, kind: str) -> None:
    whole = ask.whole(kind)
    for name in SORTABLE[kind]:
        values = [comparable(one, name) for one in whole]
        pivot = sorted(value for value in values if value is not None)[len(values) // 2]
        for word, holds in OPERATORS.items():
            if kind in ("Datastreams", "Observations") and name == "phenomenonTime" and word in ("lt", "le"):
                continue  # Intervals: see test_filter_by_times_of_intervals.
            found = ask.whole(kind, filter=f"{name} {word} {literal(pivot)}")
            wanted = [
                one for one, value in zip(whole, values, strict=True) if value is not None and holds(value, pivot)
            ]
            assert [one["@iot.id"] for one in found] == [one["@iot.id"] for one in wanted], f"{name} {word}"


def test_filter_by_times_of_intervals(ask: Asker) -> None:
    """A window lies before an instant where it ends at it or earlier."""
    pivot = "2026-03-02T00:00:00Z"
    found = ask.whole("Observations", filter=f"phenomenonTime lt {pivot}")
    assert {one["@iot.id"] for one in found} == {
        one["@iot.id"] for one in ask.whole("Observations") if one["phenomenonTime"].partition("/")[2] <= pivot
    }


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("result add 1 gt 100", lambda r: r + 1 > 100),
        ("result sub 50 le 0", lambda r: r - 50 <= 0),
        ("result mul 2 eq 40", lambda r: r * 2 == 40),
        ("result div 2 lt 3.5", lambda r: r / 2 < 3.5),
        ("result mod 10 eq 7", lambda r: r >= 0 and r % 10 == 7),
        ("result gt 10 and result lt 20", lambda r: 10 < r < 20),
        ("result lt 10 or result gt 900", lambda r: r < 10 or r > 900),
        ("not result lt 10", lambda r: r >= 10),
        ("not (result lt 10 or result gt 20)", lambda r: 10 <= r <= 20),
        ("result gt 1 and result lt 5 or result eq 17", lambda r: 1 < r < 5 or r == 17),
        ("result gt 1 and (result lt 5 or result eq 17)", lambda r: r > 1 and (r < 5 or r == 17)),
        ("2 add 3 mul 4 eq result", lambda r: r == 14),
        ("(2 add 3) mul 4 eq result", lambda r: r == 20),
    ],
)
def test_filter_operations(ask: Asker, condition: str, holds: Callable[[int], bool]) -> None:
    known = [one for one in ask.whole("Observations") if one["result"] is not None]
    found = ask.whole("Observations", filter=f"({condition}) and result ne null")
    assert [one["@iot.id"] for one in found] == [one["@iot.id"] for one in known if holds(one["result"])]


def test_options_apply_in_the_order_of_the_standard(ask: Asker) -> None:
    """Filter, count, order, skip, top; then expand and select of what is left."""
    options: dict[str, str | int] = {
        "filter": "result ge 0",
        "orderby": "result desc,id",
        "skip": 3,
        "top": 4,
        "count": "true",
        "select": "result,Datastream",
        "expand": "Datastream($select=name)",
    }
    page = ask("Observations", **options)
    every = [one["result"] for one in ask.whole("Observations") if one["result"] is not None and one["result"] >= 0]
    assert page["@iot.count"] == len(every)
    assert [one["result"] for one in page["value"]] == sorted(every, reverse=True)[3:7]
    assert {frozenset(one) for one in page["value"]} == {frozenset({"result", "Datastream"})}
    assert {frozenset(one["Datastream"]) for one in page["value"]} == {frozenset({"name"})}
    following = ask(page["@iot.nextLink"])
    assert [one["result"] for one in following["value"]] == sorted(every, reverse=True)[7:11]


@pytest.mark.parametrize("kind", SETS)
def test_status_codes(ask: Asker, kind: str) -> None:
    for unknown in ("9223372036854775807", "'nobody'", "-1", "99999999999999999999"):
        assert ask.raw(f"{kind}({unknown})").status_code == 404
        assert ask.raw(f"{kind}({unknown})/{next(iter(NAVIGATION[kind]))}").status_code == 404
    assert ask.raw(f"{kind}({_id(ask.first(kind))})/nothing").status_code == 404
    assert ask.raw(f"{kind}x").status_code == 404


@pytest.mark.parametrize("kind", SETS)
def test_status_codes_of_queries(ask: Asker, kind: str) -> None:
    for name, text in (
        ("top", "-1"),
        ("skip", "x"),
        ("count", "1"),
        ("orderby", "nothing"),
        ("select", "nothing"),
        ("expand", "Nothing"),
        ("filter", "nothing eq 1"),
        ("filter", "name eq"),
        ("nothing", "1"),
    ):
        response = ask.raw(kind, {name: text})
        assert response.status_code in (400, 501), f"{name}={text}: {response.status_code}"
        assert response.headers["content-type"] == "application/problem+json"
