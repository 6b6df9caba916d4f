"""``passerby run``: a city at work."""

import os
import sys
from pathlib import Path

import typer
from rich.console import Console

from passerby.apps.city import read_city
from passerby.apps.runtimes import prepare_city


def command(
    city_file: Path = typer.Argument(Path("city.toml"), help="The city: docs/city.md explains each field."),
    quiet: bool = typer.Option(False, "--quiet", help="No live view; for a service manager."),
) -> None:
    """Measure what the mandates in the log allow, publish it, and serve the site, until Ctrl-C.

    A camera without a mandate in force is not opened. A camera that fails is tried again for ever. Counters whose
    archive cannot be released are an outage, told at once; the cameras go on, and the code at the end is 1.
    """
    prepare_city(read_city(city_file), Console())
    sys.stdout.flush()
    program = [sys.executable, "-P", "-m", "passerby.apps.run", str(city_file), *["--quiet"] * quiet]
    os.execv(program[0], program)
