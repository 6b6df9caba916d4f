"""A city's counters through the house and out to its site; there, somebody who has only the policy audits it all."""

import copy
import json
import re
import socket
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from passerby.apps.city import City, read_city
from passerby.apps.cli.main import cli
from passerby.apps.node.desk import Desk, Inbox
from passerby.apps.node.house import House
from passerby.apps.node.roles_file import write_roles
from passerby.apps.node.status import StatusBoard
from passerby.apps.server.serve import serving
from passerby.apps.server.sources import PublicView
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.standing import State
from passerby.datatypes.window import day_window, windows_of_day
from passerby.gate.mandate import (
    Roles,
    approval_leaf,
    mandate_leaf,
    parse_document,
    parse_toml,
    sign_decision,
)
from passerby.public.api.app import create_app
from passerby.public.ledger.keyfile import create_key

ROOT = Path(__file__).parents[2]
CITY = """
name = "Town"
state = "state"
[log]
origin = "log.town.example"
quorum = 1
[[log.witness]]
name = "w1.example"
"""
DAYS = (date(2020, 3, 28), date(2020, 3, 29), date(2020, 10, 25))
"""An ordinary day, one of 23 hours and one of 25."""


def counters() -> Mandate:
    text = (ROOT / "spec/examples/square.toml").read_text("utf-8")
    document: Any = copy.deepcopy(dict(parse_toml(text).document))
    del document["camera"], document["detector"]
    document["schedule"] |= {"notice_seconds": 1, "starts": "2024-01-01T00:00:00Z", "expires": "2028-01-01T00:00:00Z"}
    document["measure"] = [
        {"sensor": name, "family": "counter_passages", "subject": name, "categories": ["person"]}
        for name in ("bridge", "mill")
    ]
    document["privacy"]["family"] = [{"name": "counter_passages", "epsilon": "1", "cap": 1}]
    document["privacy"]["resolution"] = [{"seconds": 3600, "share": "0.6"}, {"seconds": 86400, "share": "0.3"}]
    document["archive"] = {"start": "2019-12-31T22:00:00Z", "end": "2020-12-31T22:00:00Z"}
    return parse_document(document)


@pytest.fixture
def city(tmp_path: Path) -> City:
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    return read_city(tmp_path / "city.toml")


@pytest.fixture
def site(city: City, tmp_path: Path) -> Iterator[str]:
    keys = {name: create_key(tmp_path / name, name) for name in ("council", "oversight")}
    write_roles(city.roles, Roles({name: key.verifier for name, key in keys.items()}, 2, ("oversight",)))
    mandate = counters()
    with House(city) as house:
        Inbox(city).put([mandate_leaf(mandate)])
        Inbox(city).put([approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, keys.values()))])
        assert Desk(house).take() == 2
        while house.standing(mandate.hash).state is not State.IN_FORCE:
            time.sleep(0.1)
        house.publish_log()
        for day in DAYS:
            start = day_window(day, mandate.zone).start
            proofs = [house.authorize(mandate.hash, sensor, start) for sensor in mandate.sensors]
            windows = list(windows_of_day(day, mandate.zone, 3600))
            measures = [Measure(cell, window, 40, 1.0) for window in windows for cell in mandate.cells]
            house.publish([house.gate.release(measures, proofs)])
        house.publish_log()
        sources = PublicView(house, StatusBoard(()), [], lambda _: None).sources()
        app = create_app(house.store, sources, log_directory=house.log_folder, site_directory=tmp_path, rate=None)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with serving(app, "127.0.0.1", port) as url:
            yield url


def test_an_honest_city_passes_and_needs_no_more_than_its_policy(site: str, city: City) -> None:
    policy = str(city.state / "policy.txt")
    result = CliRunner().invoke(cli, ["mandate", "audit", site, "--policy", policy, "--json"])
    assert result.exit_code == 0, result.output
    hours = 2 * (24 + 23 + 25)
    assert json.loads(result.output) == {"batches": 3, "lines": hours + 2 * 3, "findings": []}


def test_anybody_reads_where_a_mandate_stands(site: str, city: City) -> None:
    policy = ["--site", site, "--policy", str(city.state / "policy.txt")]
    result = CliRunner().invoke(cli, ["mandate", "list", *policy, "--json"])
    assert [one["state"] for one in json.loads(result.output)] == ["in-force"]
    shown = CliRunner().invoke(cli, ["mandate", "show", "town-square", *policy])
    assert "State: in-force" in shown.output
    assert CliRunner().invoke(cli, ["mandate", "list", "--site", site]).exit_code == 2


def test_roles_that_are_not_the_ceremonys_are_noticed(site: str, city: City, tmp_path: Path) -> None:
    text = city.roles.read_text("utf-8")
    (tmp_path / "mine.toml").write_text(re.sub("threshold = 2", "threshold = 1", text), "utf-8")
    command = ["mandate", "audit", site, "--policy", str(city.state / "policy.txt"), "--roles", "mine.toml"]
    command[-1] = str(tmp_path / "mine.toml")
    result = CliRunner().invoke(cli, command)
    assert "log names other roles" in str(result.exception)
