"""NGSI-LD entities: against the schemas of ``spec/ngsi-ld``, as linked data, page by page."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from rdflib import Graph, Literal, URIRef

from passerby.apps.server.serve import serving
from passerby.public.api.app import create_app
from passerby.public.api.ngsi.entities import TYPES
from passerby.public.directory import Sources
from passerby.public.store.bulk import Batch
from passerby.public.store.store import Store

SPEC = Path(__file__).parents[4] / "spec" / "ngsi-ld"
ENTITIES = "/ngsi-ld/v1/entities"
GATE = "urn:ngsi-ld:CrowdFlowObserved:plaza:line_crossings:gate"
_CORE, _TRANSPORT = "https://uri.etsi.org/ngsi-ld/", "https://smartdatamodels.org/dataModel.Transportation/"


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SPEC / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def listed(client: httpx.Client, kind: str, **params: str | int) -> list[dict[str, Any]]:
    response = client.get(ENTITIES, params={"type": kind, **params})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/ld+json"
    found: list[dict[str, Any]] = response.json()
    return found


@pytest.mark.parametrize("kind", TYPES)
def test_entities_are_what_their_schema_says(client: httpx.Client, kind: str) -> None:
    simplified = listed(client, kind, options="keyValues", limit=200)
    assert simplified
    for entity in simplified:
        validator(kind).validate(entity)
    normalized = listed(client, kind, limit=200)
    for entity in normalized:
        validator("normalized").validate(entity)
        assert client.get(f"{ENTITIES}/{entity['id']}").json() == entity
    assert [entity["id"] for entity in normalized] == [entity["id"] for entity in simplified]


@pytest.mark.parametrize(("kind", "total"), [("CrowdFlowObserved", 4), ("TrafficFlowObserved", 1), ("Device", 3)])
def test_pages_follow_each_other(client: httpx.Client, kind: str, total: int) -> None:
    pages = [listed(client, kind, limit=1, offset=n) for n in range(total + 1)]
    assert [len(page) for page in pages] == [1] * total + [0]
    assert [page[0] for page in pages[:-1]] == listed(client, kind)
    counted = client.get(ENTITIES, params={"type": kind, "count": "true", "limit": 1})
    assert counted.headers["NGSILD-Results-Count"] == str(total)


def test_a_count_is_clamped_and_the_signed_value_stands_beside_it(sources: Sources, batches: tuple[Batch, ...]) -> None:
    with Store.open(None, threads=1) as store:
        store.insert_many(batches[:1])
        app = create_app(store, sources, rate=None)
        with serving(app, "127.0.0.1", 0) as address, httpx.Client(base_url=address) as client:
            gate = client.get(f"{ENTITIES}/{GATE}", params={"options": "simplified"}).json()
    assert (gate["signedPeopleCount"], gate["peopleCount"]) == (-3, 0)
    assert (gate["peopleCountTowards"], gate["peopleCountAway"]) == (0, 0)
    assert (gate["dateObserved"], gate["halfWidth"]) == ("2026-03-01T00:00:00Z/2026-03-01T01:00:00Z", 24)


def test_an_outage_is_no_zero(sources: Sources, batches: tuple[Batch, ...]) -> None:
    gap = next(place for place, batch in enumerate(batches) if any("no-signal" in line for line in batch.lines))
    with Store.open(None, threads=1) as store:
        store.insert_many(batches[: gap + 1])
        app = create_app(store, sources, rate=None)
        with serving(app, "127.0.0.1", 0) as address, httpx.Client(base_url=address) as client:
            gate = client.get(f"{ENTITIES}/{GATE}", params={"options": "simplified"}).json()
    assert gate["outage"] == "no-signal"
    assert not {"peopleCount", "signedPeopleCount", "peopleCountTowards", "halfWidth"} & set(gate)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_they_are_linked_data_with_a_context_from_here(client: httpx.Client) -> None:
    entity = client.get(f"{ENTITIES}/{GATE}").json()
    (context,) = entity["@context"]
    own = client.get(context).json()
    graph = Graph().parse(data=json.dumps({**entity, "@context": own["@context"]}), format="json-ld")
    counted = graph.value(URIRef(GATE), URIRef(f"{_TRANSPORT}peopleCount"))
    assert counted is not None
    value = graph.value(counted, URIRef(f"{_CORE}hasValue"))
    assert isinstance(value, Literal)
    assert value.toPython() == entity["peopleCount"]["value"]
    device = graph.value(URIRef(GATE), URIRef("https://smartdatamodels.org/dataModel.Device/refDevice"))
    assert graph.value(device, URIRef(f"{_CORE}hasObject")) == URIRef("urn:ngsi-ld:Device:plaza")
    assert {name for name in entity if not name.startswith("@")} <= set(own["@context"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ENTITIES}?type=Camera", 400),
        (f"{ENTITIES}?type=Device&limit=201", 400),
        (f"{ENTITIES}?type=Device&offset=-1", 400),
        (ENTITIES, 400),
        (f"{ENTITIES}/urn:ngsi-ld:Device:nobody", 404),
        (f"{ENTITIES}/urn:ngsi-ld:Device:plaza:extra", 404),
        (f"{ENTITIES}/urn:ngsi-ld:Camera:plaza", 404),
        (f"{ENTITIES}/urn:ngsi-ld:CrowdFlowObserved:plaza:line_crossings:nowhere", 404),
        (f"{ENTITIES}/urn:ngsi-ld:PrivacyObject:{'0' * 64}", 404),
        (f"{ENTITIES}/plaza", 404),
    ],
)
def test_what_is_not_there_is_a_problem(client: httpx.Client, path: str, status: int) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
