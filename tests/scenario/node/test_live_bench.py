"""The node of ``passerby bench live``: real cameras, a real worker with the real detector, and a fault."""

from pathlib import Path

import numpy as np
import pytest

from passerby.apps.assets.entries import find
from passerby.apps.bench.camera import encode
from passerby.apps.bench.live import faults
from passerby.apps.bench.live.street import beside, found, street
from passerby.apps.bench.live.watched import FRAGILE, at_work

RATE, GROUP = 10.0, 20


def test_a_camera_that_crashes_its_worker_and_what_that_costs_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not find("embedded").present:
        pytest.skip("the detector is not here: passerby models get embedded")
    monkeypatch.setattr(faults, "WINDOW", 2)
    monkeypatch.setattr(faults, "PHASE", 1.0)
    random = np.random.default_rng(2)
    ground = np.kron(random.integers(40, 200, (18, 32, 3)), np.ones((10, 10, 1), int))
    clip = encode(((ground + random.integers(-4, 5, ground.shape)).astype(np.uint8) for _ in range(40)), rate=RATE)
    names = ["calm", faults.CRASHES]
    with street(clip, clip) as cameras, beside() as (core, _):
        found(tmp_path, [cameras.camera(name, small=True) for name in names], find("embedded"), window=2)
        with at_work(tmp_path, names, core, FRAGILE) as node:
            node.settle(2)
            fault = faults._crashes(node, tmp_path, names)
            told = faults._told(node, fault, {"calm": 4.0})
    assert fault.others == ["calm"]
    assert told["culprit_alone"] is True
    assert 0 <= float(str(told["others_blind_s"])) <= fault.end - fault.begin
    assert {record.cell.sensor for record in node.records} == set(names)
