"""``passerby run``: node, gate, store, log and site of a city in one process."""

import signal
import threading
from pathlib import Path

import typer
from rich.console import Console, Group
from rich.live import Live

from passerby.apps.city import read_city
from passerby.apps.node.confinement import leave_no_core
from passerby.apps.node.fleet import cores
from passerby.apps.node.screen import COUNTERS_STOPPED, fault_lines, work_table
from passerby.apps.runtimes import prepare_city
from passerby.apps.works import Works


def command(
    city_file: Path = typer.Argument(Path("city.toml"), help="The city: docs/city.md explains each field."),
    quiet: bool = typer.Option(False, "--quiet", help="No live view; for a service manager."),
) -> None:
    """Measure what the mandates in the log allow, publish it, and serve the site, until Ctrl-C.

    A camera without a mandate in force is not opened. A camera that fails is tried again for ever. Counters whose
    archive cannot be released are an outage, told at once; the cameras go on, and the code at the end is 1.
    """
    leave_no_core()
    city = read_city(city_file)
    console = Console()
    prepare_city(city, console)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Works(city, serve=True) as works:
        console.print(f"{city.name}: {works.url}")
        works.start()
        if quiet or not console.is_terminal:
            _wait(works, stop)
        else:
            with Live(console=console, refresh_per_second=2) as live:
                while not stop.wait(0.5):
                    live.update(Group(work_table(works.board.all(), cores()), *fault_lines(works.counters.fault)))
        if works.counters.fault is not None:
            raise works.counters.fault


def _wait(works: Works, stop: threading.Event) -> None:
    """Until ``stop``; what stops the counters is told at once."""
    told = False
    while not stop.wait(0.5):
        if works.counters.fault is not None and not told:
            typer.secho(f"passerby: {COUNTERS_STOPPED}: {works.counters.fault}", fg=typer.colors.RED, err=True)
            told = True
