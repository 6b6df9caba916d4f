"""Feeds: Atom of mandates, health for Prometheus, server-sent events."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from passerby.apps.server.serve import serving
from passerby.datatypes.standing import End, EndKind, Standing, State
from passerby.public.api import events
from passerby.public.api.app import create_app
from passerby.public.api.feeds import ATOM, changed
from passerby.public.directory import Load, Sources
from passerby.public.store import query
from passerby.public.store.store import Store

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
METRIC = re.compile(r'[a-z_]+(\{[a-z]+="[a-z0-9-]+"(,[a-z]+="[a-z-]+")?\})? -?[0-9.]+')


def text_of(node: ElementTree.Element, name: str) -> str:
    found = node.findall(f"{{{ATOM}}}{name}")
    assert len(found) == 1, f"{node.tag} has {len(found)} of {name}"
    assert found[0].text
    return found[0].text


def linked(feed: ElementTree.Element) -> dict[str, str]:
    return {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{{{ATOM}}}link")}


def check_atom(source: str) -> ElementTree.Element:
    """What RFC 4287 demands of a feed and its entries."""
    feed = ElementTree.fromstring(source)
    assert feed.tag == f"{{{ATOM}}}feed"
    assert {node.tag.partition("}")[0][1:] for node in feed.iter()} == {ATOM}
    for node in (feed, *feed.findall(f"{{{ATOM}}}entry")):
        text_of(node, "title")
        assert re.match(r"[a-z][a-z0-9+.-]*:", text_of(node, "id"))
        assert RFC3339.fullmatch(text_of(node, "updated"))
    assert text_of(feed.find(f"{{{ATOM}}}author") or feed, "name")
    assert linked(feed)["self"].partition("?")[0] == text_of(feed, "id")
    entries = feed.findall(f"{{{ATOM}}}entry")
    ids = [text_of(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        alternates = [link for link in entry.findall(f"{{{ATOM}}}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
        assert text_of(entry, "summary")
    return feed


def test_the_feed_of_mandates_is_atom(client: httpx.Client) -> None:
    response = client.get("/feeds/mandates.atom")
    assert response.headers["content-type"] == "application/atom+xml"
    feed = check_atom(response.text)
    (entry,) = feed.findall(f"{{{ATOM}}}entry")
    assert text_of(entry, "title") == "Footfall of the old town: in-force"
    page, data = (client.get(link.attrib["href"]) for link in entry.findall(f"{{{ATOM}}}link"))
    assert page.headers["content-type"].startswith("text/html")
    assert data.json()["title"] == "Footfall of the old town"


def test_words_of_a_mandate_cannot_break_the_feed(store: Store, sources: Sources, standing: Standing) -> None:
    sly = replace(standing.mandate, title='</title><script>alert("x")</script> & more')
    mocked = replace(sources, standings=lambda: [replace(standing, mandate=sly)])
    with serving(create_app(store, mocked, rate=None), "127.0.0.1", 0) as address:
        feed = check_atom(httpx.get(f"{address}/feeds/mandates.atom").text)
    assert sly.title in text_of(feed.findall(f"{{{ATOM}}}entry")[0], "title")


def test_pages_of_the_feed_lead_to_every_mandate(store: Store, sources: Sources, standing: Standing) -> None:
    many = [
        replace(
            standing,
            mandate=replace(standing.mandate, hash=f"{n:064x}"),
            log_index=n,
            public_since=standing.at - timedelta(hours=n % 7),
            in_force_from=None,
        )
        for n in range(250)
    ]
    with serving(create_app(store, replace(sources, standings=lambda: many), rate=None), "127.0.0.1", 0) as address:
        pages, follow = [], f"{address}/feeds/mandates.atom"
        while follow:
            pages.append(check_atom(httpx.get(follow).text))
            assert linked(pages[-1])["self"] == follow
            follow = linked(pages[-1]).get("next", "")
        assert httpx.get(f"{address}/feeds/mandates.atom?page=4").status_code == 404
        assert httpx.get(f"{address}/feeds/mandates.atom?page=0").status_code == 400
    entries = [entry for page in pages for entry in page.findall(f"{{{ATOM}}}entry")]
    assert len({text_of(entry, "id") for entry in entries}) == len(entries) == 250
    times = [text_of(entry, "updated") for entry in entries]
    assert times == sorted(times, reverse=True)
    selves = [linked(page)["self"] for page in pages]
    assert [linked(page).get("previous") for page in pages] == [None, *selves[:2]]
    assert {(linked(page)["first"], linked(page)["last"]) for page in pages} == {(selves[0], selves[2])}
    assert len({text_of(page, "updated") for page in pages}) == 1


def test_an_entry_was_changed_when_the_mandate_last_moved(standing: Standing) -> None:
    assert standing.in_force_from is not None
    assert changed(standing) == standing.in_force_from
    over = replace(standing, state=State.EXPIRED, at=standing.mandate.expires + timedelta(days=3))
    assert changed(over) == standing.mandate.expires
    announced = replace(standing, in_force_from=standing.at + timedelta(days=5))
    assert changed(announced) == standing.public_since


def test_an_end_is_told_with_its_time_its_roles_and_its_reason(
    store: Store, sources: Sources, standing: Standing
) -> None:
    stopped = standing.at + timedelta(hours=5)
    key = "oversight+2a69b7a7+AVEcNKGiy1Id8WuyRrjejnmXziNcfnayKj11A6JIGd2K"
    end = End(EndKind.SUSPENSION, "drawn <too> wide", ("oversight",), (key,), 9, stopped)
    over = replace(standing, state=State.SUSPENDED, at=stopped + timedelta(days=1), ends=(end,))
    never = replace(over, in_force_from=stopped + timedelta(hours=1))
    assert changed(over) == changed(never) == stopped
    mocked = replace(sources, standings=lambda: [over])
    with serving(create_app(store, mocked, rate=None), "127.0.0.1", 0) as address:
        (entry,) = check_atom(httpx.get(f"{address}/feeds/mandates.atom").text).findall(f"{{{ATOM}}}entry")
        (listed,) = httpx.get(f"{address}/api/v1/mandates").json()["items"]
        single = httpx.get(f"{address}/api/v1/mandates/{over.mandate.hash}").json()
    assert text_of(entry, "updated") == "2026-03-01T05:00:00Z"
    assert "suspension 2026-03-01T05:00:00Z by oversight: drawn <too> wide" in text_of(entry, "summary")
    assert single == listed
    assert listed["ends"] == [
        {
            "kind": "suspension",
            "reason": "drawn <too> wide",
            "signed_by": ["oversight"],
            "keys": [key],
            "log_index": 9,
            "public_since": "2026-03-01T05:00:00Z",
        }
    ]


def test_health_is_no_number_of_anybody(client: httpx.Client, served_store: Store) -> None:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    assert all(line.startswith("# ") or METRIC.fullmatch(line) for line in lines)
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values.pop("passerby_releases") == str(len(served_store))
    end = float(values.pop("passerby_last_window_end_seconds"))
    assert end == datetime.fromisoformat("2026-03-04T00:00:00Z").timestamp()
    states = {"measuring": "2", "outage": "1", "asleep": "0", "not-mandated": "0"}
    cameras = {key: value for key, value in values.items() if key.startswith("passerby_camera_")}
    assert {f'passerby_sensors{{state="{state}"}}': count for state, count in states.items()} == {
        key: value for key, value in values.items() if key not in cameras
    }
    assert all(key.startswith("passerby_camera_state{") and value == "1" for key, value in cameras.items())


def test_the_load_of_cameras_is_told_and_nothing_else_of_them(store: Store, sources: Sources) -> None:
    load = Load(looks=5.0, cost=0.082, delay=0.1, coverage=None)
    watched = replace(sources, load=lambda camera: load if camera == "plaza" else None)
    with serving(create_app(store, watched, rate=None), "127.0.0.1", 0) as address:
        lines = httpx.get(f"{address}/metrics").text.splitlines()
    of_cameras = {
        line for line in lines if line.startswith("passerby_camera_") and not line.startswith("passerby_camera_state")
    }
    assert of_cameras == {
        'passerby_camera_looks_per_second{camera="plaza"} 5',
        'passerby_camera_cpu_ratio{camera="plaza"} 0.082',
        'passerby_camera_delay_seconds{camera="plaza"} 0.1',
        'passerby_camera_rest_ratio{camera="plaza"} 0',
        'passerby_camera_stream{camera="plaza",stream="main"} 1',
    }


def listen(client: httpx.Client, last: int, **params: str | int) -> Iterator[tuple[str, int, Any]]:
    """Events as they come: kind, id, data."""
    with client.stream("GET", "/api/v1/events", params=params, headers={"Last-Event-ID": str(last)}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        found: dict[str, str] = {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                found[name] = value
            elif "event" in found:
                yield found["event"], int(found["id"]), json.loads(found["data"])
                found = {}


@pytest.fixture
def live(store: Store, sources: Sources) -> Iterator[httpx.Client]:
    with (
        serving(create_app(store, sources, rate=None), "127.0.0.1", 0) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        yield client


def test_who_comes_back_goes_on_where_it_was(live: httpx.Client) -> None:
    everything = live.get("/api/v1/releases", params={"limit": 1000}).json()["items"]
    half = everything[200]["id"]
    came = []
    for kind, number, data in listen(live, half):
        assert (kind, number) == ("release", data["id"])
        came.append(data)
        if len(came) == len(everything) - 201:
            break
    assert came == everything[201:]
    first = next(listen(live, 0, sensor="mill-1", resolution=86_400))
    assert (first[2]["sensor"], first[2]["resolution"]) == ("mill-1", 86_400)


def test_who_is_too_far_behind_is_told(live: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_MOST_BEHIND", 0)
    monkeypatch.setattr(events, "_PAGE", 5)
    came = list(islice(listen(live, 0), 6))
    assert [kind for kind, _, _ in came] == ["release"] * 5 + ["skipped"]
    assert came[-1][1] == store.last_id


def test_what_many_want_at_once_is_read_once(live: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    reading = query.releases

    def counted(*given: Any, **named: Any) -> query.Page:
        asked.append(named)
        return reading(*given, **named)

    monkeypatch.setattr(query, "releases", counted)
    came = [list(islice(listen(live, 0), 20)) for _ in range(3)]
    assert came[0] == came[1] == came[2]
    assert len(asked) == 1


def test_too_many_listeners_are_sent_away(live: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_LISTENERS", 0)
    assert live.get("/api/v1/events").status_code == 503
