"""Object, answer, withhold: over HTTP, with the log's leaves."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import rfc8785
from fastapi import FastAPI
from typer.testing import CliRunner

from passerby.apps.cli import objections as command
from passerby.apps.server import objections as served
from passerby.apps.server.objections import attending, objections_file
from passerby.apps.server.serve import serving
from passerby.civic.objections.desk import Desk, answer, withhold
from passerby.civic.objections.objection import About, TextError, clean, request_of
from passerby.civic.objections.routes import router
from passerby.civic.objections.store import AlreadyAnsweredError, NoSuchObjectionError, ObjectionStore
from passerby.civic.objections.work import Challenge, Challenges, solve
from passerby.public.api import problem
from passerby.public.api.middleware import BodyLimit
from passerby.public.api.rate import RateLimit
from passerby.public.directory import Sources
from passerby.public.ledger.leaf import parse_leaf
from passerby.public.store.store import Store
from passerby.tlog.tree import leaf_hash, tree_root

MANDATE = "ab" * 32
LINE = "plaza,area_entries,square,person,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,41,4.000000,12,1000,," + MANDATE


@dataclass
class Log:
    """Stands in for the ledger."""

    leaves: list[bytes] = field(default_factory=list)

    def append(self, leaves: Sequence[bytes]) -> list[int]:
        first = len(self.leaves)
        self.leaves += leaves
        return list(range(first, len(self.leaves)))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def objections(tmp_path: Path) -> ObjectionStore:
    return ObjectionStore(objections_file(tmp_path))


@pytest.fixture
def releases() -> Iterator[Store]:
    with Store.open(None, threads=1) as store:
        store.insert(MANDATE, tree_root([leaf_hash(LINE.encode())]).hex(), 7, [LINE])
        yield store


@pytest.fixture
def sources() -> Sources:
    standing = SimpleNamespace(mandate=SimpleNamespace(hash=MANDATE))
    return cast(Sources, SimpleNamespace(standings=lambda: (standing,)))


@pytest.fixture
def client(log: Log, objections: ObjectionStore, releases: Store, sources: Sources) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.add_middleware(BodyLimit)
    problem.install(app)
    desk = Desk(objections, log.append)
    app.include_router(router(desk, releases, sources, challenges=Challenges(bits=3), pace=RateLimit(0.01, 5)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with serving(app, "127.0.0.1", port) as address, httpx.Client(base_url=address) as opened:
        yield opened


def post(client: httpx.Client, text: str, **about: str) -> Any:
    given = client.get("/api/v1/objections/challenge").json()
    nonce = solve(Challenge(given["challenge"], given["bits"], given["seconds"]))
    body = {"about": about, "text": text, "challenge": given["challenge"], "nonce": nonce}
    return client.post("/api/v1/objections", json=body)


def test_a_request_is_public_and_its_hash_is_logged(client: httpx.Client, log: Log) -> None:
    response = post(client, "  Чому вночі?\r\nПоясніть. ", mandate=MANDATE)
    assert response.status_code == 201
    shown = client.get(f"/api/v1/objections/{response.json()['id']}").json()
    assert shown["text"] == "Чому вночі?\nПоясніть."
    assert (shown["hash"], shown["at"]) == (response.json()["hash"], response.json()["at"])
    assert abs(datetime.now(UTC) - datetime.fromisoformat(shown["at"])) < timedelta(minutes=1)
    hashed = {name: shown[name] for name in ("about", "at", "salt", "text")}
    assert hashlib.sha256(rfc8785.dumps(hashed)).hexdigest() == shown["hash"]
    leaf = parse_leaf(log.leaves[shown["leaf"]])
    assert (leaf.type, leaf.mandate, leaf.fields["hash"]) == ("objection", MANDATE, shown["hash"])
    assert "вночі".encode() not in b"".join(log.leaves)


def test_a_number_is_contested_by_its_line(client: httpx.Client) -> None:
    shown = client.get(f"/api/v1/objections/{post(client, 'Too few.', release=LINE).json()['id']}").json()
    assert shown["about"] == {"release": LINE}
    assert client.get("/api/v1/objections", params={"mandate": MANDATE}).json()["items"] == [shown]


@pytest.mark.parametrize("about", [{"mandate": "cd" * 32}, {"release": LINE.replace(",41,", ",42,")}, {"release": "x"}])
def test_what_was_never_published_cannot_be_contested(client: httpx.Client, about: dict[str, str], log: Log) -> None:
    assert post(client, "No.", **about).status_code == 404
    assert log.leaves == []


@pytest.mark.parametrize("about", [{}, {"mandate": MANDATE, "release": LINE}, {"mandate": "AB" * 32}, {"person": "x"}])
def test_about_is_exactly_one_thing(client: httpx.Client, about: dict[str, str]) -> None:
    assert post(client, "No.", **about).status_code == 400


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001, "a\x00b", "a\x1b[31mb", "\u202egnorw"])
def test_a_text_that_cannot_be_shown_is_refused(client: httpx.Client, text: str, log: Log) -> None:
    assert post(client, text, mandate=MANDATE).status_code == 400
    assert log.leaves == []


def test_without_work_nothing_is_taken(client: httpx.Client, log: Log) -> None:
    body = {"about": {"mandate": MANDATE}, "text": "No.", "challenge": "x.y.z", "nonce": "1"}
    assert client.post("/api/v1/objections", json=body).status_code == 403
    assert client.post("/api/v1/objections", content=b"x" * 70_000).status_code == 413
    assert client.post("/api/v1/objections", content=iter([b"x" * 40_000] * 2)).status_code == 413
    assert log.leaves == []


def test_one_address_must_not_shout(client: httpx.Client) -> None:
    assert [post(client, "Again.", mandate=MANDATE).status_code for _ in range(6)] == [201] * 5 + [429]


def test_the_city_answers_once(client: httpx.Client, objections: ObjectionStore, log: Log) -> None:
    number = post(client, "Why?", mandate=MANDATE).json()["id"]
    answer(objections, number, "Because of the bridge.")
    with pytest.raises(AlreadyAnsweredError):
        answer(objections, number, "Or not.")
    with pytest.raises(NoSuchObjectionError):
        answer(objections, 99, "To nobody.")
    Desk(objections, log.append).log()
    shown = client.get("/api/v1/objections").json()["items"][0]
    said = shown["answer"]
    hashed = {"objection": shown["hash"], **{name: said[name] for name in ("at", "salt", "text")}}
    assert hashlib.sha256(rfc8785.dumps(hashed)).hexdigest() == said["hash"]
    leaf = parse_leaf(log.leaves[said["leaf"]])
    assert (leaf.type, leaf.fields["objection"], leaf.fields["hash"]) == ("answer", shown["hash"], said["hash"])
    assert Desk(objections, log.append).log() == 0


def test_a_withheld_text_is_gone_from_the_disk(
    client: httpx.Client, objections: ObjectionStore, tmp_path: Path
) -> None:
    number = post(client, "My neighbour MARIA does it.", mandate=MANDATE).json()["id"]
    before = client.get(f"/api/v1/objections/{number}").json()
    withhold(objections, number, "It names a person.")
    shown = client.get(f"/api/v1/objections/{number}").json()
    assert (shown["text"], shown["salt"], shown["withheld"]) == (None, None, "It names a person.")
    assert (shown["hash"], shown["leaf"]) == (before["hash"], before["leaf"])
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"MARIA" not in kept
    assert before["salt"].encode() not in kept


def test_pages_go_back_in_time(client: httpx.Client, objections: ObjectionStore, log: Log) -> None:
    desk = Desk(objections, log.append)
    numbers = [desk.object(About(MANDATE), f"Question {n}").id for n in range(5)]
    seen, cursor = [], None
    while True:
        page = client.get("/api/v1/objections", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == numbers[::-1]


def test_a_request_survives_a_log_that_fails(objections: ObjectionStore, log: Log) -> None:
    def broken(_: Sequence[bytes]) -> list[int]:
        raise OSError("disk full")

    assert Desk(objections, broken).object(About(MANDATE), "Kept?").request.leaf is None
    assert Desk(objections, log.append).log() == 1
    assert objections.page()[0].request.leaf == 0


def test_texts_are_cleaned() -> None:
    assert clean(" a\r\nb\tc ") == "a\nb\tc"
    with pytest.raises(TextError, match="1 to 4000"):
        clean("\n")


def test_the_operator_reads_and_answers(
    tmp_path: Path, log: Log, releases: Store, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "read_city", lambda path: SimpleNamespace(state=path.parent))
    city, run = ["--city", str(tmp_path / "city.toml")], CliRunner()
    assert "Nothing waits" in run.invoke(command.app, ["list", *city]).output
    desk = Desk(ObjectionStore(objections_file(tmp_path)), log.append)
    desk.object(About(MANDATE), "Why at night?")
    desk.object(About(MANDATE, LINE), "Who is MARIA?")
    assert "Why at night?" in run.invoke(command.app, ["list", *city]).output
    assert "answered" in run.invoke(command.app, ["answer", "1", "-", *city], input="Because.\n").output
    assert "withheld: a name" in run.invoke(command.app, ["withhold", "2", "a name", *city]).output
    assert json.loads(run.invoke(command.app, ["list", "--json", *city]).output) == []
    listed = json.loads(run.invoke(command.app, ["list", "--all", "--json", *city]).output)
    assert [(one["id"], one["text"], one["withheld"]) for one in listed] == [
        (2, None, "a name"),
        (1, "Why at night?", None),
    ]
    with attending(tmp_path, log.append, releases, sources) as routes:
        assert routes.routes
        assert parse_leaf(log.leaves[-1]).type == "answer"


def test_the_clerk_tries_again(
    tmp_path: Path, releases: Store, sources: Sources, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "EVERY_SECONDS", 0.01)
    failures = [OSError("disk full"), OSError("disk full")]
    logged = threading.Event()

    def append(leaves: Sequence[bytes]) -> list[int]:
        if failures:
            raise failures.pop()
        logged.set()
        return log.append(leaves)

    with attending(tmp_path, append, releases, sources):
        store = ObjectionStore(objections_file(tmp_path))
        store.add(About(MANDATE), request_of(About(MANDATE), "Why?", "2026-03-01T00:00:00Z"))
        assert logged.wait(20)
    assert failures == []
    assert [parse_leaf(leaf).type for leaf in log.leaves] == ["objection"]
