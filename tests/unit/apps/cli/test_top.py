"""``passerby top`` shows what /metrics says, those that need somebody first, and no count of anybody."""

import io

import pytest
from rich.console import Console

from passerby.apps.cli.top import Row, TopError, ask, read, screen
from passerby.apps.node.status import CameraStatus, StatusBoard

TEXT = """# HELP passerby_camera_state What a camera does.
passerby_sensors{state="measuring"} 2
passerby_camera_state{camera="a",state="measuring"} 1
passerby_camera_state{camera="b",state="outage"} 1
passerby_camera_state{camera="c",state="measuring"} 1
passerby_camera_state{camera="d",state="not-mandated"} 1
passerby_camera_looks_per_second{camera="a"} 5
passerby_camera_cpu_ratio{camera="a"} 0.08
passerby_camera_cpu_ratio{camera="c"} 0.03
passerby_camera_delay_seconds{camera="a"} 0.1
passerby_camera_delay_seconds{camera="c"} 12.5
passerby_camera_coverage_ratio{camera="a"} 0.98
"""


def test_those_that_need_somebody_come_first() -> None:
    rows = read(TEXT)
    assert [row.camera for row in rows] == ["b", "c", "a", "d"]
    assert rows[2] == Row("a", "measuring", 5.0, 0.98, 0.08, 0.1)
    assert rows[3] == Row("d", "not-mandated")


def test_the_screen() -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(screen(read(TEXT), 7))
    lines = out.getvalue().splitlines()
    assert lines[0] == "4 cameras: 1 outage, 2 measuring, 1 not-mandated; 0.11 cores at work"
    assert lines[2].split() == ["b", "outage", "–", "–", "–", "–"]
    assert lines[4].split() == ["a", "measuring", "5.0", "98%", "8.0%", "0.1", "s"]
    assert lines[5] == "and 1 more"


def test_no_city_is_a_plain_error() -> None:
    with pytest.raises(TopError, match="no city at"):
        ask("http://127.0.0.1:9")


def test_the_cost_that_is_told_does_not_depend_on_who_is_there() -> None:
    def cost(people: int) -> float:
        board = StatusBoard(("a",))
        stages = {
            "capture": 5.0,
            "quality": 1.0,
            "detection": 4.0,
            "tracking": 0.2 * people,
            "measurement": 0.1 * people,
        }
        board.update("a", frames=500, stream_seconds=100.0, stages=stages)
        return board.of("a").steady_cost

    assert cost(0) == cost(300) == pytest.approx(0.1)
    assert CameraStatus().steady_cost == 0.0
