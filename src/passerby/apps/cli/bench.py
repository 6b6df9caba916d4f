"""``passerby bench``: speed as ratios."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import typer
from rich.console import Console

from passerby.apps.bench import gate, ledger
from passerby.apps.bench.api import bench as api_bench
from passerby.apps.bench.edge import bench as edge_bench
from passerby.apps.bench.live import bench as live_bench
from passerby.apps.bench.node import bench as node_bench

Result = Mapping[str, object]
Bench = Callable[[Callable[[str], None]], Result]

app = typer.Typer(
    help="Speed, as ratios against named baselines of the same run.\n\n"
    "Machines are noisy: rounds are interleaved, medians are printed, and ratios say more than seconds.",
    no_args_is_help=True,
)
_JSON = typer.Option(False, "--json", help="Print one JSON object on standard output.")
BENCHES: dict[str, Bench] = {
    "edge": edge_bench.bench,
    "gate": gate.bench,
    "ledger": ledger.bench,
    "api": api_bench.bench,
    "node": node_bench.bench,
    "live": live_bench.bench,
}


def show(results: Mapping[str, object], as_json: bool) -> None:
    """Print results for people or for programs."""
    if as_json:
        typer.echo(json.dumps(results, indent=2))
    else:
        Console().print_json(json.dumps(results))


def tell(text: str) -> None:
    """Progress, on standard error."""
    typer.echo(text, err=True)


@app.command("all")
def everything(as_json: bool = _JSON) -> None:
    """Run every benchmark, one after the other."""
    show({name: bench(tell) for name, bench in BENCHES.items()}, as_json)


@app.command("gate")
def the_gate(
    windows: int = typer.Option(gate.WINDOWS, min=10, help="Windows of one camera; 35,040 are a year of quarters."),
    as_json: bool = _JSON,
) -> None:
    """The gate: a window debited, drawn, journalled and synced, against SQLite; the journal's size and opening."""
    show({"gate": gate.bench(tell, windows)}, as_json)


@app.command("ledger")
def the_ledger(
    leaves: int = typer.Option(ledger.LEAVES, min=1, help="Leaves in all; 10,000,000 shows that no cost grows."),
    as_json: bool = _JSON,
) -> None:
    """The open log: leaves a second, durable batch by batch, against SQLite and pymerkle."""
    show({"ledger": ledger.bench(tell, leaves)}, as_json)


@app.command()
def api(
    scale: float = typer.Option(0.1, min=0.0001, max=10, help="Part of a city of 200,000 cameras; 1 is the whole."),
    requests: int = typer.Option(60, min=1, help="Pages of each kind."),
    clients: int = typer.Option(2, min=1, help="Clients that ask at the same time, in the second round."),
    keep: Path | None = typer.Option(None, help="Folder in which the generated store stays for the next run."),
    plans: Path | None = typer.Option(None, help="File for the query plans."),
    as_json: bool = _JSON,
) -> None:
    """p95 of a page of the public API in a large city with a year of releases, beside a page from memory."""
    result = api_bench.bench(tell, scale=scale, requests=requests, clients=clients, keep=keep, plans=plans)
    show({"api": result}, as_json)


@app.command()
def edge(
    scale: float = typer.Option(0.5, min=0.1, help="More seconds of stream; from 2 on, twice as much of the truth."),
    rounds: int = typer.Option(3, min=1, help="Rounds; each measures every mode once."),
    cameras: int = typer.Option(12, min=1, help="Cameras at once on the core."),
    detector: str = typer.Option("embedded", help="Name in the catalogue (passerby models list)."),
    truth: Path = typer.Option(
        edge_bench.TRUTH, help="Truth of the sample clip in MOT format; without it, speed only."
    ),
    keep: Path | None = typer.Option(None, help="Folder in which the streams stay for the next run."),
    as_json: bool = _JSON,
) -> None:
    """CPU time of a camera for each kind of mandate, against a naive pipeline, and the count error beside it."""
    result = edge_bench.bench(
        tell, scale=scale, rounds=rounds, cameras=cameras, detector=detector, truth=truth, keep=keep
    )
    show({"edge": result}, as_json)


@app.command()
def node(
    more: int = typer.Option(node_bench.MORE, min=1, help="Cameras beside the first, by which memory is told."),
    asleep: int = typer.Option(node_bench.ASLEEP, min=0, help="Cameras of the large node outside their hours."),
    detector: str = typer.Option("embedded", help="Name in the catalogue (passerby models list)."),
    as_json: bool = _JSON,
) -> None:
    """Memory of a node and of each camera, and how long a node with many cameras that sleep takes to start."""
    show({"node": node_bench.bench(tell, more=more, asleep=asleep, detector=detector)}, as_json)


@app.command()
def live(
    parts: list[str] = typer.Argument(
        None, help="Any of substream, overload, flood, faults; all where none is named.", show_default=False
    ),
    scale: float = typer.Option(1.0, min=0.1, help="More windows of 40 s; 1 takes about five minutes."),
    cameras: int | None = typer.Option(
        None, min=1, help="Cameras of the overload; without it, as many as need 1.4 times what the core gives."
    ),
    detector: str = typer.Option("embedded", help="Name in the catalogue (passerby models list)."),
    keep: Path | None = typer.Option(None, help="Folder in which the streams stay for the next run."),
    as_json: bool = _JSON,
) -> None:
    """A node on one core with live cameras: the saving of a substream; more cameras than it can carry; one that sends
    ten times as much; cameras and workers that fail.

    Cameras are served on this machine, beside the core of the node. Coverage is told beside what was possible with the
    CPU time that the worker got, so that it means the same where others use the machine too.

    Numbers of people are told as ratios alone.
    """
    unknown = sorted({*parts} - {*live_bench.PARTS}) if parts else []
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: expected {', '.join(live_bench.PARTS)}")
    result = live_bench.bench(
        tell, parts=parts or live_bench.PARTS, scale=scale, cameras=cameras, detector=detector, keep=keep
    )
    show({"live": result}, as_json)
