"""The OpenAPI document: examples, pages, and a fuzzer of somebody else that finds nothing."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from passerby.apps.server.objections import attending
from passerby.apps.server.serve import serving
from passerby.public.api.app import create_app
from passerby.public.directory import Sources
from passerby.public.store.store import Store

FUZZER = Path(sys.executable).with_name("st")
ONCE = {"/api/v1/sensors/{sensor}/latest"}
"""Lists that are short by nature: one entry for each number of one sensor."""


@pytest.fixture(scope="module")
def whole(served_store: Store, sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of everything that a city serves, objections too."""
    state = tmp_path_factory.mktemp("state")
    with attending(state, lambda leaves: range(len(leaves)), served_store, sources) as objections:
        app = create_app(served_store, sources, rate=None, neighbours=[objections])
        with serving(app, "127.0.0.1", 0) as address:
            yield address


@pytest.fixture(scope="module")
def document(whole: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{whole}/api/v1/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_only_objections_can_be_written(document: dict[str, Any]) -> None:
    written = [(path, method) for path, method, _ in operations(document) if method != "get"]
    assert written == [("/api/v1/objections", "post")]


def test_every_operation_says_what_it_is_and_how_it_fails(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        assert operation["summary"], path
        assert operation["tags"], path
        assert "application/problem+json" in operation["responses"]["4XX"]["content"], path


def test_every_list_is_paged(document: dict[str, Any]) -> None:
    models = document["components"]["schemas"]
    for path, method, operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        model = models.get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
        lists = "items" in model.get("properties", {}) and method == "get"
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert not lists or path in ONCE or {"limit", "cursor"} <= names, path


def example(parameter: dict[str, Any]) -> Any:
    found = parameter["schema"].get("examples") or [parameter.get("example")]
    assert found[0] is not None, parameter["name"]
    return found[0]


def test_examples_are_answered(document: dict[str, Any], whole: str) -> None:
    for path, method, operation in operations(document):
        if method != "get" or path == "/api/v1/events":
            continue
        parameters = [p for p in operation.get("parameters", ()) if p["required"]]
        given = {p["name"]: example(p) for p in parameters if p["in"] == "query"}
        named = {p["name"]: example(p) for p in parameters if p["in"] == "path"}
        response = httpx.get(whole + path.format(**named), params=given)
        # The examples of a batch and of an objection are made up; all others are in the test city.
        made_up = path in ("/api/v1/batches/{root}.csv", "/api/v1/objections/{number}")
        assert response.status_code == (404 if made_up else 200), f"{path}: {response.text}"


def test_a_fuzzer_finds_nothing(whole: str, tmp_path: Path) -> None:
    """schemathesis with a small budget; the stream of events never ends and is left out."""
    command = [str(FUZZER), "run", f"{whole}/api/v1/openapi.json", "--exclude-path", "/api/v1/events", "--no-color"]
    budget = ["--phases", "examples,coverage,fuzzing", "--max-examples", "2", "--generation-deterministic"]
    ran = subprocess.run([*command, *budget], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:]
    found = re.search(r"([\d,]+) generated, ([\d,]+) passed", ran.stdout)
    assert found is not None
    assert int(found[1].replace(",", "")) > 500
