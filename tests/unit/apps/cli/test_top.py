"""``passerby top`` shows what /metrics says, those that need somebody first, and no count of anybody."""

import io

import pytest
from rich.console import Console

from passerby.apps.cli.top import Row, TopError, ask, read, screen
from passerby.apps.node.status import CameraStatus, StatusBoard
from passerby.public.directory import Machine

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
passerby_camera_rest_ratio{camera="a"} 0.3
passerby_camera_stream{camera="a",stream="sub"} 1
passerby_cores 2
passerby_cores_needed 2.75
passerby_cameras_resting 1
passerby_cores_saved{by="bitrate"} 0.5
passerby_cores_saved{by="key-frames"} 0.75
passerby_camera_position_error_meters{camera="a"} 0.35
"""


def test_those_that_need_somebody_come_first() -> None:
    view = read(TEXT)
    assert [row.camera for row in view.cameras] == ["b", "a", "c", "d"]
    assert view.cameras[1] == Row("a", "measuring", 5.0, 0.98, 0.08, 0.1, 0.3, "sub", 0.35)
    assert view.cameras[3] == Row("d", "not-mandated")
    assert view.machine == Machine(2, 2.75, 1, {"bitrate": 0.5, "key-frames": 0.75})


def test_the_screen() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(screen(read(TEXT), 10))
    lines = out.getvalue().splitlines()
    assert lines[0] == "4 cameras: 1 outage, 2 measuring, 1 not-mandated; 2.75 of 2 cores needed"
    assert lines[2].split() == ["b", "outage", "–", "–", "–", "–", "–", "–", "–"]
    assert lines[3].split() == ["a", "measuring", "sub", "5.0", "98%", "30%", "8.0%", "0.1", "s", "±0.35", "m"]
    assert lines[5] == "and 1 more"
    assert lines[6].startswith("1 camera rests: 2.75 cores are needed of 2.")
    assert (
        lines[7]
        == "would save 0.75 cores: a key frame at least every two seconds, for those that need one look a second"
    )
    assert lines[8] == "would save 0.50 cores: half the bitrate of the main streams"


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
