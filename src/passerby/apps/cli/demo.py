"""``passerby demo``: a whole city on one machine."""

from pathlib import Path

import typer
from rich.console import Console

from passerby.apps.city import read_city
from passerby.apps.demo.demo import Demo
from passerby.apps.node.confinement import leave_no_core

PLAIN_WIDTH = 120
"""Columns of what is written where nobody watches, such as a log of CI."""


def command(
    folder: Path = typer.Argument(Path("demo"), help="Folder with city.toml and the draft mandates."),
    once: bool = typer.Option(False, "--once", help="Do the whole job, serve nothing, end."),
    port: int = typer.Option(0, min=0, max=65535, help="Port of the site instead of the one in city.toml."),
) -> None:
    """Run a demo city: keys, mandates, log, witnesses, a camera, counters, and the site.

    Begins anew each time. Ends with code 0 only when everything verified.
    """
    leave_no_core()
    city = read_city(folder / "city.toml")
    if port:
        city = city.model_copy(update={"listen": f"{city.listen.rpartition(':')[0]}:{port}"})
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    Demo(city, folder, console, serve=not once).run()
