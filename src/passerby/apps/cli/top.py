"""``passerby top``: all cameras of a city at work, on one screen."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from passerby.apps.city import read_city
from passerby.apps.node.advice import OVERLOADED, sentences
from passerby.datatypes.calibration import LARGEST_ERROR_M
from passerby.datatypes.errors import PasserbyError
from passerby.public.directory import Machine

EVERY_SECONDS = 2.0
LATE_SECONDS = 5.0
_LINE = re.compile(r'passerby_camera_(\w+)\{camera="([a-z0-9-]+)"(?:,(?:state|stream)="([a-z-]+)")?\} (\S+)')
_MACHINE = re.compile(r'^passerby_(cores|cores_needed|cameras_resting|cores_saved)(?:\{by="([a-z-]+)"\})? (\S+)$', re.M)
_ORDER = {"outage": 0, "measuring": 1, "asleep": 2, "not-mandated": 3}
_WORDS = ("camera", "state", "stream")
_STYLE = {"measuring": "green", "outage": "red"}


class TopError(PasserbyError):
    """The city does not answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One camera. ``cpu_ratio``: CPU seconds for a second of stream. ``rest_ratio``: share of the last minute that was
    not decoded because the machine has too little for all. ``position_error_meters``: standard error of a place on the
    ground; where it is too large, nothing is said in metres."""

    camera: str
    state: str
    looks_per_second: float | None = None
    coverage_ratio: float | None = None
    cpu_ratio: float | None = None
    delay_seconds: float | None = None
    rest_ratio: float | None = None
    stream: str | None = None
    position_error_meters: float | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What a city tells of its work."""

    cameras: tuple[Row, ...]
    machine: Machine


def command(
    city_file: Annotated[Path, typer.Argument(help="The city that runs on this machine.")] = Path("city.toml"),
    url: Annotated[str | None, typer.Option(help="Address of its site, where it runs elsewhere.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print once and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and end.")] = False,
) -> None:
    """Show every camera: state, stream, cadence, coverage, rest, cost and delay; those that need somebody come first.

    A camera rests where the machine has too little for all; what would help is said below. The figures are those of
    /metrics, which Prometheus can read. None of them is a count of anybody.
    """
    address = url or "http://{}:{}".format(*read_city(city_file).address)
    console = Console()
    if as_json:
        view = ask(address)
        typer.echo(json.dumps(asdict(view) | {"advice": sentences(view.machine)}, indent=2))
    elif once or not console.is_terminal:
        console.print(screen(ask(address), None))
    else:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            try:
                while True:
                    live.update(screen(ask(address), console.height), refresh=True)
                    time.sleep(EVERY_SECONDS)
            except KeyboardInterrupt:
                pass


def ask(address: str) -> View:
    """The cameras as the city tells them now. Raises TopError."""
    try:
        answer = httpx.get(f"{address.rstrip('/')}/metrics", timeout=10)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise TopError(
            f"no city at {address}",
            expected="a city at work",
            came=type(error).__name__,
            remedy="Start it: passerby run city.toml; or name it: --url.",
        ) from error
    return read(answer.text)


def read(text: str) -> View:
    """The text for Prometheus, cameras that need somebody first: outages, then by rest, delay and cost."""
    words: dict[tuple[str, str], str] = {}
    figures: dict[str, dict[str, float]] = {}
    for name, camera, word, value in _LINE.findall(text):
        if name in ("state", "stream"):
            words[camera, name] = word
        else:
            figures.setdefault(camera, {})[name] = float(value)
    rows = [
        Row(camera, state, stream=words.get((camera, "stream")), **figures.get(camera, {}))
        for (camera, name), state in words.items()
        if name == "state"
    ]
    return View(tuple(sorted(rows, key=_need)), _machine(text))


def _need(row: Row) -> tuple[float | str, ...]:
    rests, late = (row.rest_ratio or 0) > OVERLOADED, (row.delay_seconds or 0) // LATE_SECONDS
    return _ORDER.get(row.state, 9), -rests, -late, -(row.cpu_ratio or 0), row.camera


def _machine(text: str) -> Machine:
    found = {(name, by): float(value) for name, by, value in _MACHINE.findall(text)}
    return Machine(
        cores=int(found.get(("cores", ""), 0)),
        needed=found.get(("cores_needed", ""), 0.0),
        resting=int(found.get(("cameras_resting", ""), 0)),
        savings={by: value for (name, by), value in found.items() if name == "cores_saved"},
    )


def screen(view: View, height: int | None) -> RenderableType:
    """A line of sums, as many cameras as fit into ``height`` lines, and what would help."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("camera", "state", "stream", "looks/s", "coverage", "rest", "CPU", "delay", "metres"):
        table.add_column(title, justify="left" if title in _WORDS else "right", no_wrap=True)
    advice = [Text(line, style="yellow") for line in sentences(view.machine)]
    rows = view.cameras
    shown = rows if height is None else rows[: max(1, height - 4 - len(advice))]
    for row in shown:
        table.add_row(
            row.camera,
            Text(row.state, style=_STYLE.get(row.state, "dim")),
            row.stream or "–",
            _text(row.looks_per_second, "{:.1f}"),
            _text(row.coverage_ratio, "{:.0%}"),
            Text(_text(row.rest_ratio, "{:.0%}"), style="yellow" if (row.rest_ratio or 0) > OVERLOADED else ""),
            _text(row.cpu_ratio, "{:.1%}"),
            Text(_text(row.delay_seconds, "{:.1f} s"), style="red" if (row.delay_seconds or 0) >= LATE_SECONDS else ""),
            Text(
                _text(row.position_error_meters, "±{:.2f} m"),
                style="red" if (row.position_error_meters or 0) > LARGEST_ERROR_M else "",
            ),
        )
    left = len(rows) - len(shown)
    return Group(_sums(view), table, *[Text(f"and {left} more", style="dim")] * bool(left), *advice)


def _sums(view: View) -> Text:
    rows = view.cameras
    count: Mapping[str, int] = {state: sum(row.state == state for row in rows) for state in _ORDER}
    states = ", ".join(f"{number} {state}" for state, number in count.items() if number)
    cores = f"{view.machine.needed:.2f} of {view.machine.cores} cores needed"
    return Text(f"{len(rows)} cameras: {states or 'none'}; {cores}", style="bold")


def _text(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
