"""What the map and the files of the site ask of the API."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import httpx
import pytest

from passerby.apps.server.serve import serving
from passerby.public.api.app import create_app
from passerby.public.api.files import SiteFiles
from passerby.public.api.middleware import content_security_policy
from passerby.public.directory import Basemap, City, Moment, Sources
from passerby.public.store import selection
from passerby.public.store.store import Store

TILES = "https://tiles.testville.example:8443/{z}/{x}/{y}.png"
WISH: dict[str, str | int] = {
    "sensor": "plaza",
    "family": "area_entries",
    "resolution": 3600,
    "start": "2026-03-02T00:00:00Z",
}


def test_a_city_without_a_map_of_its_own_has_an_empty_one(client: httpx.Client) -> None:
    assert client.get("/api/v1/basemap").json() == {"type": "FeatureCollection", "features": []}
    assert client.get("/api/v1/city").json()["map"] == {"tiles": None, "attribution": None}


def test_the_policy_opens_for_the_named_tile_server_alone(
    served_store: Store, sources: Sources, city: City, unused_port: Callable[[], int]
) -> None:
    streets = b'{"type":"FeatureCollection","features":[{"type":"Feature"}]}'
    moment = Moment({"en": "Fair", "et": "Laat"}, date(2026, 3, 1), date(2026, 3, 2))
    shown = replace(city, basemap=Basemap(streets, TILES, "Tiles"), moments=(moment,))
    app = create_app(served_store, replace(sources, city=lambda: shown), rate=None, tiles=TILES)
    with serving(app, "127.0.0.1", unused_port()) as address, httpx.Client(base_url=address) as client:
        found = client.get("/api/v1/city")
        assert found.json()["map"] == {"tiles": TILES, "attribution": "Tiles"}
        assert found.json()["moments"][0]["title"] == {"en": "Fair", "et": "Laat"}
        assert found.json()["moments"][0]["last"] == "2026-03-02"
        first = client.get("/api/v1/basemap")
        assert first.content == streets
        again = client.get("/api/v1/basemap", headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        policy = found.headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://tiles.testville.example:8443;" in policy
    assert "script-src 'self';" in policy
    assert "testville" not in content_security_policy()


def test_a_selection_is_exactly_what_was_asked_for(client: httpx.Client, tmp_path: Path) -> None:
    shown = client.get("/api/v1/releases", params={**WISH, "limit": 1000}).json()["items"]
    rows = list(csv.DictReader(io.StringIO(client.get("/data/selection.csv", params=WISH).text)))
    assert [row["start"] for row in rows] == [item["start"] for item in shown]
    assert [row["value"] for row in rows] == ["" if i["value"] is None else str(i["value"]) for i in shown]
    assert [(row["manifest"], row["index"]) for row in rows] == [(str(i["manifest"]), str(i["index"])) for i in shown]
    response = client.get("/data/selection.parquet", params=WISH)
    assert response.headers["content-disposition"].endswith('filename="testville-plaza.parquet"')
    (tmp_path / "some.parquet").write_bytes(response.content)
    with duckdb.connect() as database:
        found = database.execute(f"SELECT count(*), sum(value) FROM '{tmp_path / 'some.parquet'}'").fetchone()
    assert found == (len(shown), sum(item["value"] or 0 for item in shown))


def test_a_selection_of_nothing_has_only_its_header(client: httpx.Client) -> None:
    text = client.get("/data/selection.csv", params={"sensor": "nobody"}).text
    assert text.splitlines() == [text.strip()]
    assert text.startswith("sensor,family,")


def test_a_selection_has_a_limit(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MAX_ROWS", 3)
    assert client.get("/data/selection.csv", params=WISH).status_code == 400
    monkeypatch.setattr(selection, "MAX_STREAMS", 3)
    assert "series" in client.get("/data/selection.csv").json()["detail"]


def test_files_of_the_site_go_out_as_the_build_packed_them(
    folder: Path, served_store: Store, sources: Sources, unused_port: Callable[[], int]
) -> None:
    (folder / "packed" / "assets").mkdir(parents=True)
    (folder / "packed" / "index.html").write_text("<title>plain</title>")
    (folder / "packed" / "assets" / "app.js").write_text("plain")
    (folder / "packed" / "assets" / "app.js.gz").write_bytes(b"as the build packed it")
    app = create_app(served_store, sources, site_directory=folder / "packed")
    with serving(app, "127.0.0.1", unused_port()) as address, httpx.Client(base_url=address) as client:
        with client.stream("GET", "/assets/app.js", headers={"Accept-Encoding": "gzip, br"}) as packed:
            assert b"".join(packed.iter_raw()) == b"as the build packed it"
            assert packed.headers["content-encoding"] == "gzip"
            assert packed.headers["content-type"].startswith("text/javascript")
            assert "immutable" in packed.headers["cache-control"]
        plain = client.get("/assets/app.js", headers={"Accept-Encoding": "identity"})
        assert (plain.text, plain.headers.get("content-encoding")) == ("plain", None)
        assert client.get("/numbers", headers={"Accept-Encoding": "br"}).text == "<title>plain</title>"
    assert SiteFiles(folder / "packed").lookup_path("../secret")[1] is None


def test_the_streets_of_the_demo_are_geojson() -> None:
    found = json.loads((Path(__file__).parents[4] / "demo" / "streets.geojson").read_text("utf-8"))
    kinds = {feature["properties"]["kind"] for feature in found["features"]}
    assert kinds == {"street", "water"}
