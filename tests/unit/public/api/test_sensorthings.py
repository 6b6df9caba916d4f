"""SensorThings 1.1: the read assertions of the standard over real HTTP, and a foreign client that walks it all.

The order follows the OGC's abstract tests: resource paths (A.2), then requests for data (A.3).
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from passerby.public.api.sensorthings import service
from passerby.public.api.sensorthings.model import NAVIGATION
from passerby.public.store.store import Store

ROOT = "/sensorthings/v1.1"
SQUARE = "plaza:area_entries:square:person:3600"
MANDATORY = {
    "Things": {"name", "description"},
    "Locations": {"name", "description", "encodingType", "location"},
    "HistoricalLocations": {"time"},
    "Datastreams": {"name", "description", "observationType", "unitOfMeasurement"},
    "Sensors": {"name", "description", "encodingType", "metadata"},
    "ObservedProperties": {"name", "definition", "description"},
    "Observations": {"phenomenonTime", "result", "resultTime"},
    "FeaturesOfInterest": {"name", "description", "encodingType", "feature"},
}


@pytest.fixture
def get(client: httpx.Client) -> "Getter":
    return Getter(client)


class Getter:
    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def __call__(self, path: str, **options: Any) -> Any:
        response = self.raw(path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def raw(self, path: str, **options: Any) -> httpx.Response:
        url = path if path.startswith("http") else f"{ROOT}/{path}" if path else ROOT
        return self.client.get(url, params={f"${name}": str(value) for name, value in options.items()} or None)

    def all(self, path: str, **options: Any) -> list[Any]:
        page = self(path, **options)
        items: list[Any] = page["value"]
        while "@iot.nextLink" in page:
            page = self(page["@iot.nextLink"])
            items += page["value"]
        return items


def test_the_root_lists_all_sets_and_what_is_conformed_to(get: Getter) -> None:
    root = get("")
    assert {entry["name"] for entry in root["value"]} == set(MANDATORY)
    for entry in root["value"]:
        assert get(entry["url"])["value"]
    classes = root["serverSettings"]["conformance"]
    assert all(name.startswith("http://www.opengis.net/spec/iot_sensing/1.1/req/") for name in classes)
    assert not any(word in name for name in classes for word in ("create", "mqtt", "batch", "functions"))


@pytest.mark.parametrize("kind", MANDATORY)
def test_every_entity_has_what_the_standard_demands(get: Getter, kind: str) -> None:
    for entity in get(kind, top=20)["value"]:
        assert MANDATORY[kind] | {"@iot.id", "@iot.selfLink"} <= set(entity)
        assert {f"{name}@iot.navigationLink" for name in NAVIGATION[kind]} <= set(entity)
        assert get(entity["@iot.selfLink"]) == entity


@pytest.mark.parametrize("kind", MANDATORY)
def test_every_relation_leads_to_entities_of_its_kind(get: Getter, kind: str) -> None:
    for entity in get(kind, top=3)["value"]:
        for relation, (target, many) in NAVIGATION[kind].items():
            found = get(entity[f"{relation}@iot.navigationLink"], **({"top": 2} if many else {}))
            for inner in found["value"] if many else [found]:
                assert f"/{target}(" in inner["@iot.selfLink"]
                assert get(inner["@iot.selfLink"]) == inner


@pytest.mark.parametrize("kind", MANDATORY)
def test_a_property_and_its_value_can_be_read_alone(get: Getter, kind: str) -> None:
    entity = get(kind, top=1)["value"][0]
    for name in MANDATORY[kind]:
        path = f"{entity['@iot.selfLink']}/{name}"
        assert get(path) == {name: entity[name]}
        value = get.raw(f"{path}/$value")
        assert value.json() == entity[name] if isinstance(entity[name], dict) else value.text == str(entity[name])
    assert get.raw(f"{entity['@iot.selfLink']}/nothing").status_code == 404


def test_links_alone(get: Getter) -> None:
    links = get("Datastreams/$ref")["value"]
    assert len(links) == 12
    assert all(set(link) == {"@iot.selfLink"} for link in links)
    thing = get(f"Datastreams('{SQUARE}')/Thing/$ref")
    assert thing["@iot.selfLink"].endswith("Things('plaza')")
    assert get("Things('plaza')/Datastreams/$ref", top=2)["@iot.nextLink"]


def test_nested_paths(get: Getter) -> None:
    assert get(f"Datastreams('{SQUARE}')/Thing/Locations")["value"][0]["location"]["coordinates"] == [24.75, 59.44]
    first = get(f"Things('plaza')/Datastreams('{SQUARE}')/Observations", top=1)["value"][0]
    inside = f"Datastreams('{SQUARE}')/Observations({first['@iot.id']})"
    assert get(f"{inside}/Datastream/ObservedProperty/name") == {"name": "area_entries:person"}
    assert get.raw(f"Datastreams('{SQUARE}')/Observations({first['@iot.id'] + 1})").status_code == 404
    assert get.raw(f"Things('mill-1')/Datastreams('{SQUARE}')").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "Nothings",
        "Things(plaza)",
        "Things('nobody')",
        "Things(7)",
        "Observations(7)",
        "Observations('x')",
        "Things('plaza')/Observations",
        "Things/name",
        "Things('plaza')/$value",
        "Things('plaza')/name/$value/x",
        "Datastreams('a:b:c:d:e')",
        "Things('plaza''s')",
    ],
)
def test_what_is_not_there_is_404(get: Getter, path: str) -> None:
    assert get.raw(path).status_code == 404


def test_a_missing_number_is_null_and_its_value_is_no_content(get: Getter) -> None:
    gap = get(f"Datastreams('{SQUARE}')/Observations", filter="result eq null")["value"]
    assert [entity["parameters"]["outage"] for entity in gap] == ["no-signal"]
    assert gap[0]["result"] is None
    assert get.raw(f"{gap[0]['@iot.selfLink']}/result/$value").status_code == 204


def test_pages_follow_each_other_without_loss(get: Getter) -> None:
    whole = get.all(f"Datastreams('{SQUARE}')/Observations", top=1000)
    assert len(whole) == 72
    assert get.all(f"Datastreams('{SQUARE}')/Observations", top=10) == whole
    page = get("Things", top=2, skip=2, count="true")
    assert ([thing["@iot.id"] for thing in page["value"]], page["@iot.count"]) == (["plaza"], 3)
    assert "@iot.nextLink" not in page
    assert get("Things", top=0, count="true") == {"@iot.count": 3, "value": []}
    assert "@iot.count" not in get("Things", count="false")
    assert get(f"Datastreams('{SQUARE}')/Observations", count="true", filter="result gt 100")["@iot.count"] == 39


def test_order(get: Getter) -> None:
    names = [thing["name"] for thing in get("Things", orderby="name desc")["value"]]
    assert names == sorted(names, reverse=True)
    newest = get(f"Datastreams('{SQUARE}')/Observations", orderby="phenomenonTime desc", top=1)["value"][0]
    assert newest["phenomenonTime"] == "2026-03-03T23:00:00Z/2026-03-04T00:00:00Z"
    results = [o["result"] for o in get.all("Observations", orderby="result desc,phenomenonTime asc", top=200)]
    known = [result for result in results if result is not None]
    assert known == sorted(known, reverse=True)
    assert results[len(known) :] == [None] * (len(results) - len(known))
    by_thing = get("Datastreams", orderby="Thing/name,id desc")["value"]
    assert [stream["@iot.id"].split(":")[0] for stream in by_thing] == ["mill-1"] * 2 + ["mill-2"] * 2 + ["plaza"] * 8


def test_select(get: Getter) -> None:
    assert get("Things('plaza')", select="name") == {"name": "Plaza"}
    assert get("Things('plaza')", select="id,Datastreams") == {
        "@iot.id": "plaza",
        "Datastreams@iot.navigationLink": get("Things('plaza')")["Datastreams@iot.navigationLink"],
    }
    assert all(set(o) == {"result", "@iot.id"} for o in get("Observations", select="result,id", top=5)["value"])
    assert get.raw("Things", select="faces").status_code == 400


def test_expand(get: Getter) -> None:
    thing = get(
        "Things('plaza')",
        expand="Datastreams($select=id;$top=2;$count=true;$expand=ObservedProperty,"
        "Observations($top=1;$orderby=phenomenonTime desc;$select=result)),Locations",
    )
    assert thing["Locations"][0]["@iot.id"] == "plaza"
    assert thing["Datastreams@iot.count"] == 8
    assert len(thing["Datastreams"]) == 2
    for stream in thing["Datastreams"]:
        assert set(stream) >= {"@iot.id", "ObservedProperty", "Observations"}
        assert [set(observation) for observation in stream["Observations"]] == [{"result"}]
    rest = get(thing["Datastreams@iot.nextLink"])
    assert len(rest["value"]) == 2
    short = get(f"Datastreams('{SQUARE}')", expand="Thing/Locations")
    assert short["Thing"]["Locations"][0]["location"]["type"] == "Point"
    assert get.raw("Things", expand="Faces").status_code == 400


@pytest.mark.parametrize(
    ("kind", "condition", "count"),
    [
        ("Things", "name eq 'Plaza'", 1),
        ("Things", "name ne 'Plaza'", 2),
        ("Things", "not name eq 'Plaza'", 2),
        ("Things", "id eq 'plaza' or id eq 'mill-1'", 2),
        ("Things", "startswith(name,'Mill') and not endswith(name,'1')", 1),
        ("Things", "substringof('laz',name)", 1),
        ("Things", "length(name) eq 5", 1),
        ("Things", "tolower(name) eq 'plaza' and properties/type eq 'camera'", 1),
        ("Things", "properties/type gt 'camera'", 2),
        ("Things", "Datastreams/ObservedProperty/properties/family eq 'area_entries'", 1),
        ("Things", "name eq 'it''s'", 0),
        ("Datastreams", "properties/resolution lt 4000", 6),
        ("Datastreams", "Thing/id eq 'plaza' and properties/resolution mul 2 eq 7200", 4),
        ("Datastreams", "phenomenonTime ge 2026-03-01T00:00:00Z", 12),
        ("Datastreams", "year(phenomenonTime) eq 2025", 0),
        ("Sensors", "encodingType eq 'text/html'", 3),
        ("FeaturesOfInterest", "properties/sensor eq 'plaza'", 2),
        ("ObservedProperties", "name eq 'line_crossings:person.forward'", 1),
        ("Locations", "Things/name eq 'Plaza'", 1),
        ("HistoricalLocations", "time lt 2027-01-01T00:00:00Z", 3),
        ("Observations", "result gt 900", 12),
        ("Observations", "901 le result", 12),
        ("Observations", "result lt 0", 9),
        ("Observations", "result add 3 eq 0 and Datastream/Thing/id eq 'plaza'", 3),
        ("Observations", "result sub 1 gt 900 and result div 2 lt 451 or result mod 1000 eq 902", 6),
        ("Observations", "result eq null", 4),
        ("Observations", "result ne null", 446),
        ("Observations", "parameters/outage eq 'no-signal'", 4),
        ("Observations", "parameters/outage eq 'lunch'", 0),
        ("Observations", "parameters/coverage lt 1000", 4),
        ("Observations", "phenomenonTime ge 2026-03-03T22:00:00Z and phenomenonTime lt 2026-03-04T00:00:00Z", 12),
        ("Observations", "resultTime eq 2026-03-03T12:00:00+02:00", 6),
        ("Observations", "hour(phenomenonTime) eq 5", 18),
        ("Observations", "Datastream/id eq '" + SQUARE + "'", 72),
        ("Observations", "FeatureOfInterest/name eq 'gate' and Datastream/properties/resolution eq 86400", 9),
        ("Observations", "not (result gt 0 or result le 0)", 4),
        ("Observations", "true and not false", 450),
    ],
)
def test_filter(get: Getter, kind: str, condition: str, count: int) -> None:
    page = get(kind, filter=condition, count="true", top=1000)
    assert page["@iot.count"] == count
    assert len(page["value"]) == count


@pytest.mark.parametrize(
    "query",
    [
        "$top=-1",
        "$top=x",
        "$top=1&$top=2",
        "$skip=1.5",
        "$count=yes",
        "$nothing=1",
        "top=1",
        "$filter=name eq",
        "$filter=name eq 'x",
        "$filter=(name eq 'x'",
        "$filter=length(name,name) eq 1",
        "$filter=faces eq 'x'",
        "$filter=" + "(" * 200 + "true" + ")" * 200,
        "$filter=" + "not " * 200 + "true",
        "$filter=name eq 'x' name",
        "$filter=phenomenonTime gt 2026-13-45",
        "$orderby=name up",
        "$expand=Datastreams(",
        "$expand=Datastreams($top)",
        "$expand=" + "Datastreams/Thing/" * 5 + "Locations",
    ],
)
def test_what_cannot_be_read_is_400(get: Getter, query: str) -> None:
    response = get.client.get(f"{ROOT}/Things?{quote(query, safe='$=&')}")
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("condition", ["geo.distance(x,y) lt 1", "result eq 'x' and name eq 1"])
def test_what_is_not_offered_says_so(get: Getter, condition: str) -> None:
    assert get.raw("Observations", filter=condition).status_code in (400, 501)


def test_a_request_cannot_expand_without_end(get: Getter) -> None:
    assert get.raw("Observations", top=1000, expand="Datastream($expand=Observations($top=1))").status_code == 400


def test_large_sets_are_filtered_one_at_a_time(get: Getter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LARGE", 2)
    assert len(get("Things", filter="name eq 'Plaza'")["value"]) == 1
    with service._one_scan():
        assert get.raw("Things", filter="name eq 'Plaza'").status_code == 503
        assert get.raw("Things", orderby="name").status_code == 503
        assert get.raw("Observations", filter="Datastream/id eq 'x'").status_code == 503
        assert get.raw("Things", top=1).status_code == 200
    assert len(get("Things", orderby="name")["value"]) == 3


def test_it_cannot_be_written(get: Getter) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert get.client.request(method, f"{ROOT}/Things('plaza')").status_code == 405


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_client_of_somebody_else_walks_everything(address: str, served_store: Store) -> None:
    frost = pytest.importorskip("frost_sta_client")
    service = frost.SensorThingsService(f"{address}{ROOT}")
    streams: dict[str, int] = {}
    for thing in service.things().query().orderby("name", "asc").top(1).list():
        for stream in thing.get_datastreams().query().expand("ObservedProperty,Sensor").list():
            assert stream.observed_property.name
            found = stream.get_observations().query().top(25).orderby("phenomenonTime", "asc").list()
            starts = [str(observation.phenomenon_time) for observation in found]
            assert starts == sorted(starts)
            streams[stream.id] = len(starts)
    assert sum(streams.values()) == len(served_store)
    one = service.datastreams().find(SQUARE)
    late = one.get_observations().query().filter("result gt 200 and phenomenonTime ge 2026-03-02T00:00:00Z").list()
    assert sum(1 for _ in late) == 6
    last = next(iter(one.get_observations().query().orderby("phenomenonTime", "desc").top(1).list()))
    assert re.match("2026-03-03T23:00:00", str(last.phenomenon_time))
    assert datetime.fromisoformat(str(last.result_time)).year == 2026
