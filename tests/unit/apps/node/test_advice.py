"""What would help a machine that is too small, from what its cameras cost."""

from typing import Any

from passerby.apps.node.advice import machine_of, sentences
from passerby.apps.node.status import CameraStatus


def camera(**changes: Any) -> CameraStatus:
    """100 s of stream at a cost of a tenth of a core, 0.06 of it to decode."""
    stages = {"capture": 6.0, "quality": 0.5, "detection": 3.5, "tracking": 40.0}
    given: dict[str, Any] = {"state": "measuring", "stream_seconds": 100.0, "stages": stages}
    return CameraStatus(**given | changes)


def test_who_has_enough_is_told_nothing() -> None:
    assert sentences(machine_of({"a": camera(), "b": camera()}, 2)) == []


def test_what_helps_most_comes_first() -> None:
    cameras = {f"cam-{number}": camera(rest=0.3) for number in range(30)}
    machine = machine_of(cameras, 2)
    assert (machine.cores, machine.resting, round(machine.needed, 3)) == (2, 30, 3.0)
    assert set(machine.savings) == {"bitrate", "substream", "measures"}
    text = sentences(machine)
    assert text[0].startswith("30 cameras rest in turn: 3.00 cores are needed of 2.")
    assert [line.split(": ")[1].split()[0] for line in text[1:]] == ["a", "fewer", "half"]


def test_what_is_there_already_is_not_advised() -> None:
    on_substream = camera(rest=0.3, stream="sub", has_substream=True)
    assert set(machine_of({"a": on_substream}, 1).savings) == {"measures"}
    by_key_frames = camera(rest=0.3, slow=True, whole=False)
    assert set(machine_of({"a": by_key_frames}, 1).savings) == {"bitrate", "substream"}
    long_groups = camera(rest=0.3, slow=True, whole=True)
    assert "key-frames" in machine_of({"a": long_groups}, 1).savings


def test_rest_makes_nothing_cheaper() -> None:
    """The cost of a camera is told for what was decoded, so that a machine at its limit does not look large enough."""
    half = camera(stages={"capture": 3.0, "detection": 2.0}, rested_seconds=50.0)
    assert machine_of({"a": half}, 1).needed == 0.1


def test_who_rests_though_there_are_cores_is_told_why() -> None:
    assert "something else uses them" in sentences(machine_of({"a": camera(rest=0.3)}, 2))[1]


def test_who_sleeps_needs_nothing() -> None:
    assert machine_of({"a": camera(state="asleep")}, 1).needed == 0
