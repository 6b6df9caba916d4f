"""``passerby top``: all cameras of a city at work, on one screen."""

import json
import re
import time
from collections.abc import Mapping, Sequence
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
from passerby.datatypes.errors import PasserbyError

EVERY_SECONDS = 2.0
LATE_SECONDS = 5.0
_LINE = re.compile(r'passerby_camera_(\w+)\{camera="([a-z0-9-]+)"(?:,state="([a-z-]+)")?\} (\S+)')
_ORDER = {"outage": 0, "measuring": 1, "asleep": 2, "not-mandated": 3}
_STYLE = {"measuring": "green", "outage": "red"}


class TopError(PasserbyError):
    """The city does not answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One camera. ``cpu_ratio``: CPU seconds for a second of stream."""

    camera: str
    state: str
    looks_per_second: float | None = None
    coverage_ratio: float | None = None
    cpu_ratio: float | None = None
    delay_seconds: float | None = None


def command(
    city_file: Annotated[Path, typer.Argument(help="The city that runs on this machine.")] = Path("city.toml"),
    url: Annotated[str | None, typer.Option(help="Address of its site, where it runs elsewhere.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print once and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and end.")] = False,
) -> None:
    """Show every camera: state, cadence, coverage, cost and delay; those that need somebody come first.

    The figures are those of /metrics, which Prometheus can read. None of them is a count of anybody.
    """
    address = url or "http://{}:{}".format(*read_city(city_file).address)
    console = Console()
    if as_json:
        typer.echo(json.dumps({"cameras": [asdict(row) for row in ask(address)]}, indent=2))
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


def ask(address: str) -> list[Row]:
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


def read(text: str) -> list[Row]:
    """Rows out of the text for Prometheus, those that need somebody first: outages, then by delay and cost."""
    states: dict[str, str] = {}
    figures: dict[str, dict[str, float]] = {}
    for name, camera, state, value in _LINE.findall(text):
        if name == "state":
            states[camera] = state
        else:
            figures.setdefault(camera, {})[name] = float(value)
    rows = [Row(camera, state, **figures.get(camera, {})) for camera, state in states.items()]
    return sorted(
        rows,
        key=lambda r: (_ORDER.get(r.state, 9), -(r.delay_seconds or 0) // LATE_SECONDS, -(r.cpu_ratio or 0), r.camera),
    )


def screen(rows: Sequence[Row], height: int | None) -> RenderableType:
    """A line of sums, and as many cameras as fit into ``height`` lines."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("camera", "state", "looks/s", "coverage", "CPU", "delay"):
        table.add_column(title, justify="left" if title in ("camera", "state") else "right", no_wrap=True)
    shown = rows if height is None else rows[: max(1, height - 4)]
    for row in shown:
        table.add_row(
            row.camera,
            Text(row.state, style=_STYLE.get(row.state, "dim")),
            _text(row.looks_per_second, "{:.1f}"),
            _text(row.coverage_ratio, "{:.0%}"),
            _text(row.cpu_ratio, "{:.1%}"),
            Text(_text(row.delay_seconds, "{:.1f} s"), style="red" if (row.delay_seconds or 0) >= LATE_SECONDS else ""),
        )
    left = len(rows) - len(shown)
    return Group(_sums(rows), table, Text(f"and {left} more" if left else "", style="dim"))


def _sums(rows: Sequence[Row]) -> Text:
    count: Mapping[str, int] = {state: sum(row.state == state for row in rows) for state in _ORDER}
    states = ", ".join(f"{number} {state}" for state, number in count.items() if number)
    cores = sum(row.cpu_ratio or 0 for row in rows if row.state == "measuring")
    return Text(f"{len(rows)} cameras: {states or 'none'}; {cores:.2f} cores at work", style="bold")


def _text(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
