"""The resources that the site reads, over real HTTP."""

import json
import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from passerby.apps.server.serve import serving
from passerby.public.api.app import create_app
from passerby.public.directory import Sources
from passerby.public.store.bulk import Batch
from passerby.public.store.store import Store
from passerby.tlog.tree import leaf_hash, tree_root


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(client: httpx.Client, path: str, **params: str | int) -> dict[str, object]:
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


def pages(client: httpx.Client, path: str, **params: str | int) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    while True:
        page = get(client, path, **params)
        assert isinstance(page["items"], list)
        items += page["items"]
        if page["next"] is None:
            return items
        params["cursor"] = str(page["next"])


def test_the_city_names_its_log(client: httpx.Client) -> None:
    city = get(client, "/api/v1/city")
    assert city["name"] == "Testville"
    assert city["log"] == {
        "origin": "log.testville.example",
        "vkey": "log.testville.example+00000000+AAAA",
        "policy": "quorum none\n",
    }


def test_sensors_are_paged_by_id(client: httpx.Client) -> None:
    items = pages(client, "/api/v1/sensors", limit=2)
    assert [item["id"] for item in items] == ["mill-1", "mill-2", "plaza"]
    plaza, mill = get(client, "/api/v1/sensors/plaza"), get(client, "/api/v1/sensors/mill-2")
    assert plaza == items[2]
    assert (plaza["plate"], mill["plate"]) == ("/plates/plaza.png", None)
    assert (plaza["state"], mill["state"]) == ("measuring", "outage")
    assert (plaza["first"], plaza["last"]) == ("2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z")
    assert client.get("/api/v1/sensors/nobody").status_code == 404


def test_releases_point_at_their_proof(client: httpx.Client, batches: tuple[Batch, ...]) -> None:
    items = pages(client, "/api/v1/releases", limit=100)
    assert len(items) == sum(len(batch.lines) for batch in batches)
    by_root = {batch.root: batch for batch in batches}
    for item in items[::37]:
        batch = by_root[str(item["batch"])]
        assert item["manifest"] == batch.manifest_index
        assert isinstance(item["index"], int)
        line = batch.lines[item["index"]].split(",")
        assert line[:6] == [item[k] for k in ("sensor", "family", "subject", "category", "start", "end")]
        assert line[6] == ("" if item["value"] is None else str(item["value"]))


def test_a_batch_has_the_root_that_it_is_named_by(client: httpx.Client, batches: tuple[Batch, ...]) -> None:
    listed = pages(client, "/api/v1/batches", limit=10)
    assert [entry["root"] for entry in listed] == [batch.root for batch in batches]
    response = client.get(str(listed[5]["lines"]))
    lines = response.text.removesuffix("\n").split("\n")
    assert tree_root(leaf_hash(line.encode()) for line in lines).hex() == listed[5]["root"]
    again = client.get(str(listed[5]["lines"]), headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_a_series_is_columns(client: httpx.Client) -> None:
    found = get(
        client,
        "/api/v1/series",
        sensor="plaza",
        family="area_entries",
        subject="square",
        category="person",
        resolution=3600,
        start="2026-03-02T00:00:00+02:00",
        end="2026-03-02T04:00:00Z",
    )
    assert found == {
        "unit": "entries",
        "resolution": 3600,
        "start": [
            f"2026-03-0{day}T{hour:02d}:00:00Z" for day, hour in ((1, 22), (1, 23), (2, 0), (2, 1), (2, 2), (2, 3))
        ],
        "value": [217, 227, -3, 7, None, 27],
        "half_width": [12] * 6,
        "coverage": [1000, 1000, 1000, 1000, 0, 1000],
        "outage": [None, None, None, None, "no-signal", None],
    }


def test_latest_of_a_sensor(client: httpx.Client) -> None:
    items = get(client, "/api/v1/sensors/mill-1/latest")["items"]
    assert isinstance(items, list)
    assert sorted((item["resolution"], item["start"]) for item in items) == [
        (3600, "2026-03-03T23:00:00Z"),
        (86400, "2026-03-03T00:00:00Z"),
    ]


def test_mandates_show_where_they_stand(client: httpx.Client) -> None:
    (mandate,) = pages(client, "/api/v1/mandates")
    assert mandate["state"] == "in-force"
    assert mandate["signed_by"] == ["controller", "oversight"]
    assert mandate["sensors"] == ["mill-1", "mill-2", "plaza"]
    assert get(client, f"/api/v1/mandates/{mandate['hash']}") == mandate
    assert client.get(f"/api/v1/mandates/{'00' * 32}").status_code == 404


def test_plates_are_served_where_there_are_any(client: httpx.Client) -> None:
    plate = client.get("/plates/plaza.png")
    assert plate.headers["content-type"] == "image/png"
    assert client.get("/plates/plaza.png", headers={"If-None-Match": plate.headers["etag"]}).status_code == 304
    assert client.get("/plates/mill-1.png").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/releases?limit=0",
        "/api/v1/releases?limit=1001",
        "/api/v1/releases?cursor=-1",
        "/api/v1/releases?start=2026-03-01T00:00:00",
        "/api/v1/releases?family=faces",
        "/api/v1/releases?sensor=..%2F..",
        "/api/v1/series?sensor=plaza",
    ],
)
def test_a_bad_request_is_a_problem(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"title", "status", "detail"}


@pytest.mark.parametrize("path", ["/", "/api/v1/city", "/log/checkpoint", "/nothing.txt", "/api/v1/nothing"])
def test_every_answer_has_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert not any(word in policy for word in ("http:", "https:", "*", "unsafe"))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers
    assert "set-cookie" not in headers


def test_files_have_tags_ranges_and_compression(client: httpx.Client) -> None:
    tile = client.get("/log/tile/0/000")
    assert "immutable" in tile.headers["cache-control"]
    part = client.get("/log/tile/0/000", headers={"Range": "bytes=32-63"})
    assert (part.status_code, part.content) == (206, tile.content[32:64])
    assert client.get("/log/tile/0/000", headers={"If-None-Match": tile.headers["etag"]}).status_code == 304
    assert client.get("/log/checkpoint").headers["cache-control"] == "no-cache"
    assert client.get("/log/tile/0/000", headers={"Range": "bytes=9999-"}).status_code == 416
    script = client.get("/assets/app.js")
    assert script.headers["content-encoding"] == "gzip"
    assert script.text.startswith("export")


def test_a_page_of_the_site_is_drawn_by_the_index(client: httpx.Client) -> None:
    assert client.get("/sensor/plaza").text == client.get("/").text
    assert client.get("/missing.js").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/log/../../secret",
        "/%2e%2e/secret",
        "/log/%2e%2e/%2e%2e/secret",
        "/log/..%2f..%2fsecret",
        "/log/..%5c..%5csecret",
        "//secret",
        "/link",
        "/log/tile/%00",
    ],
)
def test_nothing_outside_the_folders_is_served(address: str, path: str) -> None:
    url = urlsplit(address)
    with socket.create_connection((url.hostname or "", url.port or 0)) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := wire.recv(65536):
            answer += part
    assert b"outside" not in answer
    assert answer.split(b" ")[1] in (b"200", b"400", b"404")


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    answer = client.head("/api/v1/city")
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.post("/api/v1/city").status_code == 405


def test_events_bring_what_is_published(sources: Sources, batches: tuple[Batch, ...]) -> None:
    port = free_port()
    with Store.open(None, threads=1) as store, serving(create_app(store, sources), "127.0.0.1", port) as address:
        store.insert_many(batches[:5])
        with httpx.stream("GET", f"{address}/api/v1/events?sensor=plaza", timeout=20) as stream:
            received = stream.iter_lines()
            assert next(received) == "retry: 5000"
            writer = threading.Thread(target=store.insert_many, args=(batches[5:6],))
            writer.start()
            data = next(line for line in received if line.startswith("data: "))
            writer.join()
        event = json.loads(data.removeprefix("data: "))
        assert (event["sensor"], event["batch"], event["index"]) == ("plaza", batches[5].root, 0)
        back = {"Last-Event-ID": str(event["id"])}
        with httpx.stream("GET", f"{address}/api/v1/events?sensor=plaza", headers=back, timeout=20) as stream:
            second = next(line for line in stream.iter_lines() if line.startswith("data: "))
        assert json.loads(second.removeprefix("data: "))["index"] == 1
