"""``passerby privacy``: what the noise means, and what one person really changes."""

from pathlib import Path

import typer

from passerby.apps.attack import tables
from passerby.apps.attack.twins import by_bodies, by_records, from_truth, square, worst_of
from passerby.apps.evaluate.truth import read_truth
from passerby.apps.mandates.files import read_mandate

app = typer.Typer(
    help="What the noise means for a number, and what one person really changes.\n\n"
    "Tables are Markdown. With --write they go into their places in a page, such as docs/privacy.md.",
    no_args_is_help=True,
)
_WRITE = typer.Option(None, help="Page to write the table into.")
DRAWS = 200_000
SCENES = 6
"""Simulated squares; each is played once whole and once without each of its people."""


@app.command()
def utility(write: Path | None = _WRITE) -> None:
    """± for a quiet street, a square and a station, at ε 0.5, 1 and 2 a day."""
    _out("utility", tables.utility(), write)


@app.command()
def intervals(
    simulate: bool = typer.Option(False, help="Draw noise too, and count how often the interval covers."),
    write: Path | None = _WRITE,
) -> None:
    """Scale, ± and coverage of the 95 % interval of each family at each window."""
    _out("intervals", tables.intervals(DRAWS if simulate else 0), write)


@app.command()
def twins(
    truth: Path | None = typer.Option(None, help="Truth in the 3D MOT 2015 format, beside the simulated squares."),
    mandate: Path = typer.Option(Path("demo/mandates/junction.toml"), help="Whose areas and lines the truth gets."),
    frame_rate: float = typer.Option(7.0, min=0.1, help="Frames a second of the truth."),
    write: Path | None = _WRITE,
) -> None:
    """Play each recording once with everybody and once without each person, and show the largest change.

    Once with true tracks (what the caps bound), once with a person's body gone: whom it hid is seen, whose track it
    broke is whole. Takes about a minute.
    """
    recordings = [square(seed) for seed in range(SCENES)]
    typer.echo("simulated squares …", err=True)
    changes = worst_of([c for one in recordings for c in by_records(one)], "simulated squares, true tracks")
    changes += worst_of([c for one in recordings for c in by_bodies(one)], "simulated squares, a body gone")
    if truth is not None:
        typer.echo(f"{truth.name} …", err=True)
        name = truth.name.partition(".")[0]
        scene = from_truth(name, read_truth(truth), read_mandate(mandate), frame_rate)
        changes += worst_of(by_records(scene), f"{name}, true tracks")
        changes += worst_of(by_bodies(scene), f"{name}, a body gone")
    _out("twins", tables.twins(changes), write)


def _out(name: str, table: str, page: Path | None) -> None:
    if page is None:
        typer.echo(table, nl=False)
    else:
        tables.put(page, name, table)
        typer.echo(f"{name} written to {page}", err=True)
