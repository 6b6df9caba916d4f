"""The node's work on a terminal."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from passerby.apps.node.advice import machine_of, sentences
from passerby.apps.node.status import CameraStatus
from passerby.datatypes.calibration import LARGEST_ERROR_M

NUMBERS = {"frames", "× real time", "windows", "coverage", "ε spent"}
COUNTERS_STOPPED = "counters: outage until it is mended and this is started again"
STATE_STYLE = {"measuring": "green", "outage": "red", "ended": "cyan"}


def work_table(status: Mapping[str, CameraStatus], cores: int) -> RenderableType:
    """One row a camera: frames, speed against real time, share of time per stage, coverage, ε spent; and what would
    help a machine of so many ``cores`` where it has too little for all."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("camera", "state", "frames", "× real time", "time per stage", "windows", "coverage", "ε spent"):
        table.add_column(title, justify="right" if title in NUMBERS else "left", no_wrap=True, min_width=len(title))
    notes = []
    for name, camera in status.items():
        table.add_row(
            name,
            Text(camera.state, style=STATE_STYLE.get(camera.state, "dim")),
            str(camera.frames),
            f"{camera.speed:.1f}",
            stage_shares(camera.stages),
            str(camera.windows),
            "–" if camera.coverage is None else f"{camera.coverage:.0%}",
            camera.epsilon_spent,
        )
        notes += [Text(line, style="dim") for line in stream_lines({name: camera})]
        if camera.moved_since is not None:
            notes.append(Text(f"{name}: moved since {camera.moved_since}; nothing is said in metres", style="red"))
        elif camera.position_error_m is not None and camera.position_error_m > LARGEST_ERROR_M:
            told = f"{name}: places err by {camera.position_error_m:.2f} m, too much to say anything in metres"
            notes.append(Text(told, style="dim"))
        if camera.note:
            notes.append(Text(f"{name}: {camera.note}", style="dim"))
    notes += [Text(line, style="yellow") for line in sentences(machine_of(status, cores))]
    return Group(table, *notes)


def stream_lines(status: Mapping[str, CameraStatus]) -> list[str]:
    """Which stream each camera takes that has a choice, and why."""
    return [f"{name}: takes the {one.stream} stream: {one.why}" for name, one in status.items() if one.why]


def fault_lines(fault: Exception | None) -> list[Text]:
    """What stopped the counters, where anything did."""
    return [] if fault is None else [Text(f"{COUNTERS_STOPPED}: {fault}", style="red")]


def stage_shares(stages: Mapping[str, float]) -> str:
    """``detection 71 % · capture 20 %``: the three stages that take most of the time, largest first."""
    total = sum(stages.values())
    ordered = sorted(stages.items(), key=lambda item: -item[1])[:3]
    return " · ".join(f"{name} {seconds / total:.0%}" for name, seconds in ordered if seconds) or "–"
