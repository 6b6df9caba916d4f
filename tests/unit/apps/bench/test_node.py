"""The towns of the node bench are what they are said to be: who is awake is mandated now, who sleeps is not."""

from datetime import UTC, datetime
from pathlib import Path

from passerby.apps.assets.entries import find
from passerby.apps.bench.node import town as town_module
from passerby.apps.bench.node.bench import cameras
from passerby.apps.bench.node.town import found_town
from passerby.apps.node.geometry import camera_of
from passerby.apps.node.house import House


def test_a_town(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    city = found_town(tmp_path, cameras(clip, 2, town_module.TOGETHER + 5), find("embedded"), workers=3)
    assert city.workers == 3
    assert [section.recording is not None for section in city.camera[:4]] == [True, True, False, False]
    with House(city) as house:
        mandates = [standing.mandate for standing in house.standings()]
    assert [len(mandate.sensors) for mandate in mandates] == [2, town_module.TOGETHER, 5]
    now = datetime.now(UTC).hour
    assert [mandate.hours[0] <= now < mandate.hours[1] for mandate in mandates] == [True, False, False]
    for section in city.camera:
        mandate = next(one for one in mandates if section.id in one.sensors)
        assert camera_of(section, mandate).areas[0].id == "all"
