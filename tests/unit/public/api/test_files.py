"""Files of days with their descriptors, and the catalogue for portals."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyshacl
import pytest
from rdflib import Graph

from passerby.apps.server.serve import serving
from passerby.public.api.app import create_app
from passerby.public.directory import City, Sources
from passerby.public.licence import Licence
from passerby.public.store.bulk import Batch
from passerby.public.store.record import parse
from passerby.public.store.store import Store

SHAPES = Path(__file__).parents[4] / "spec" / "dcat-ap.shacl.ttl"
DAY = "2026-03-02"
READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "datetime": datetime.fromisoformat,
}


def package(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/data/{DAY}/datapackage.json").json()
    return found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def faults(row: dict[str, str], field: dict[str, Any]) -> list[str]:
    """What Table Schema finds wrong with one cell."""
    text, limits = row[field["name"]], field["constraints"]
    if text == "":
        return ["required"] if limits["required"] else []
    value = READ[field["type"]](text)
    found = []
    if "enum" in limits and value not in limits["enum"]:
        found.append("enum")
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text):
        found.append("pattern")
    if "minimum" in limits and value < limits["minimum"]:
        found.append("minimum")
    if "maximum" in limits and value > limits["maximum"]:
        found.append("maximum")
    return found


def test_days_are_listed_page_by_page(client: httpx.Client) -> None:
    first = client.get("/data/days", params={"limit": 2}).json()
    rest = client.get("/data/days", params={"limit": 2, "cursor": first["next"]}).json()
    found = first["items"] + rest["items"]
    assert [(entry["day"], entry["releases"]) for entry in found] == [(f"2026-03-0{n}", 150) for n in (1, 2, 3)]
    assert rest["next"] is None
    for name in ("csv", "parquet", "descriptor"):
        assert client.get(found[0][name]).status_code == 200


def test_a_csv_holds_the_lines_of_its_day(client: httpx.Client, batches: tuple[Batch, ...]) -> None:
    lines = [line for batch in batches for line in batch.lines if parse(line).window.start.isoformat()[:10] == DAY]
    by_root = {batch.root: batch for batch in batches}
    found = rows(client.get(f"/data/{DAY}.csv").text)
    assert len(found) == len(lines) == 150
    for row in found:
        line = by_root[row["batch"]].lines[int(row["index"])].split(",")
        assert [row[k] for k in ("sensor", "family", "subject", "category", "start", "end", "value")] == line[:7]
        assert [row["half_width"], row["coverage"], row["outage"], row["mandate"]] == line[8:]
        assert float(row["scale"]) == float(line[7])


def test_the_descriptor_describes_the_file(client: httpx.Client) -> None:
    described = package(client)
    assert described["name"] == f"testville-{DAY}"
    assert re.fullmatch(r"[a-z0-9._-]+", described["name"])
    table = described["resources"][0]
    assert table["path"] == f"{str(client.base_url).rstrip('/')}/data/{DAY}.csv"
    schema = table["schema"]
    found = rows(client.get(table["path"]).text)
    assert list(found[0]) == [field["name"] for field in schema["fields"]]
    assert [(row, field["name"]) for row in found for field in schema["fields"] if faults(row, field)] == []
    keys = {tuple(row[name] for name in schema["primaryKey"]) for row in found}
    assert len(keys) == len(found)
    broken = {**found[0], "coverage": "1001", "mandate": "x", "outage": "lunch", "half_width": "-1"}
    assert sorted(fault for field in schema["fields"] for fault in faults(broken, field)) == [
        "enum", "maximum", "minimum", "pattern",
    ]  # fmt: skip


def test_parquet_says_the_same_as_csv(client: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "day.parquet"
    file.write_bytes(client.get(f"/data/{DAY}.parquet").content)
    with duckdb.connect() as database:
        described = database.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
        seconds = 'epoch(start)::BIGINT AS start, epoch("end")::BIGINT AS "end"'
        found = database.execute(f"SELECT * REPLACE ({seconds}) FROM '{file}'").fetchall()
    kinds = {str(column[0]): str(column[1]) for column in described}
    names = list(kinds)
    assert kinds["start"] == kinds["end"] == "TIMESTAMP WITH TIME ZONE"
    for row, said in zip(rows(client.get(f"/data/{DAY}.csv").text), found, strict=True):
        for name, value in zip(names, said, strict=True):
            if name in ("start", "end"):
                assert value == datetime.fromisoformat(row[name]).timestamp()
            else:
                assert row[name] == "" if value is None else str(value) == row[name]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_files_have_tags_ranges_and_names(client: httpx.Client, form: str) -> None:
    whole = client.get(f"/data/{DAY}.{form}")
    assert f"testville-{DAY}.{form}" in whole.headers["content-disposition"]
    assert client.get(f"/data/{DAY}.{form}", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    part = client.get(f"/data/{DAY}.{form}", headers={"Range": "bytes=4-11", "Accept-Encoding": "identity"})
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    same = {"Range": "bytes=4-11", "If-Range": whole.headers["etag"], "Accept-Encoding": "identity"}
    assert client.get(f"/data/{DAY}.{form}", headers=same).status_code == 206
    other = {**same, "If-Range": '"another"'}
    assert client.get(f"/data/{DAY}.{form}", headers=other).content == whole.content
    beyond = client.get(f"/data/{DAY}.{form}", headers={"Range": "bytes=99999999-", "Accept-Encoding": "identity"})
    assert beyond.status_code == 416


@pytest.mark.parametrize("path", ["2026-03-09.csv", "1969-01-01.parquet", "2026-13-01.csv", "x.csv", "9999-12-31.csv"])
def test_a_day_without_releases_is_not_there(client: httpx.Client, path: str) -> None:
    response = client.get(f"/data/{path}")
    assert response.status_code in (400, 404)
    assert response.headers["content-type"] == "application/problem+json"


def test_a_day_that_grows_has_a_new_tag_and_file(sources: Sources, batches: tuple[Batch, ...], tmp_path: Path) -> None:
    day = "2026-03-01"
    with Store.open(None, threads=1) as store:
        store.insert_many(batches[:5])
        app = create_app(store, sources, rate=None, exports=tmp_path)
        with serving(app, "127.0.0.1", 0) as address, httpx.Client(base_url=address) as client:
            early = client.get(f"/data/{day}.csv")
            store.insert_many(batches[5:7])
            late = client.get(f"/data/{day}.csv", headers={"If-None-Match": early.headers["etag"]})
    assert (late.status_code, len(rows(late.text))) == (200, 42)
    assert late.text.startswith(early.text)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_catalogue_is_dcat_ap(client: httpx.Client) -> None:
    response = client.get("/data/catalog.jsonld")
    assert response.headers["content-type"] == "application/ld+json"
    said, shapes = response.json(), Graph().parse(SHAPES)

    def conforms(document: object) -> bool:
        graph = Graph().parse(data=json.dumps(document), format="json-ld")
        ok, _, _ = pyshacl.validate(graph, shacl_graph=shapes)
        return bool(ok)

    assert conforms(said)
    for node in said["@graph"]:
        for name in ("dct:title", "foaf:name", "dct:publisher", "dcat:distribution", "dcat:endpointURL"):
            if name in node:
                without = [{k: v for k, v in n.items() if n is not node or k != name} for n in said["@graph"]]
                must = node["@type"] != "dcat:Dataset" or name != "dct:publisher"
                assert conforms({**said, "@graph": without}) is not must
    (dataset,) = (node for node in said["@graph"] if node["@type"] == "dcat:Dataset")
    for distribution in dataset["dcat:distribution"]:
        licence = distribution.pop("dct:license")
        assert not conforms(said)
        distribution["dct:license"] = licence


def test_the_catalogue_leads_to_what_is_there(client: httpx.Client) -> None:
    nodes = {node["@type"]: node for node in client.get("/data/catalog.jsonld").json()["@graph"]}
    for distribution in nodes["dcat:Dataset"]["dcat:distribution"]:
        assert client.get(distribution["dcat:accessURL"]["@id"]).status_code == 200
    assert client.get(nodes["dcat:DataService"]["dcat:endpointDescription"]["@id"]).status_code == 200
    assert nodes["dcat:Dataset"]["dct:spatial"]["dcat:bbox"]["@value"].startswith("POLYGON((24.75 59.44,")
    assert "CC BY 4.0" in json.dumps(nodes["dcat:Dataset"]["dct:provenance"])


@pytest.mark.parametrize(("named", "spdx"), [("ODbL-1.0", "ODbL-1.0"), ("https://city.example/licence", None)])
def test_the_licence_of_the_numbers_is_said_wherever_they_are(
    store: Store, sources: Sources, city: City, named: str, spdx: str | None
) -> None:
    licence = Licence.parse(named)
    licensed = replace(city, licence=licence)
    with (
        serving(create_app(store, replace(sources, city=lambda: licensed), rate=None), "127.0.0.1", 0) as address,
        httpx.Client(base_url=address) as client,
    ):
        catalogue = client.get("/data/catalog.jsonld").json()["@graph"]
        (dataset,) = (node for node in catalogue if node["@type"] == "dcat:Dataset")
        said = {node["dct:license"]["@id"] for node in (*dataset["dcat:distribution"], *catalogue[3:])}
        assert said == {licence.url}
        (described,) = package(client)["licenses"]
        assert (described.get("name"), described["path"]) == (spdx, licence.url)
        about = client.get("/api/v1/city").json()["licence"]
        assert about == {"spdx": spdx, "title": licence.title, "url": licence.url}
        assert client.get("/api/v1/openapi.json").json()["info"]["license"]["url"] == licence.url
        streams = client.get("/sensorthings/v1.1/Datastreams").json()["value"]
        assert {stream["properties"]["licence"] for stream in streams} == {licence.url}
        assert f'rel="license" href="{licence.url}"' in client.get("/feeds/mandates.atom").text
