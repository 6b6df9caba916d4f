"""The process that holds a city's keys: ``passerby run`` turns into it. It loads no decoder and no detector."""

import signal
import sys
import threading
from pathlib import Path

import typer
from rich.console import Console, Group
from rich.live import Live

from passerby.apps.city import read_city
from passerby.apps.node.confinement import leave_no_core
from passerby.apps.node.screen import COUNTERS_STOPPED, fault_lines, stream_lines, work_table
from passerby.apps.plain import plainly
from passerby.apps.works import Works
from passerby.machine import cores


def run(city_file: Path, *, quiet: bool) -> None:
    """Work until SIGINT or SIGTERM. ``quiet``: no live view.

    Raises what opening raises, and what stopped the counters.
    """
    leave_no_core()
    city = read_city(city_file)
    console = Console()
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
    """Until ``stop``; which stream a camera takes, and what stops the counters, is told at once."""
    told, before = False, list[str]()
    while not stop.wait(0.5):
        streams = stream_lines(works.board.all())
        for line in streams:
            if line not in before:
                typer.echo(line)
        before = streams
        if works.counters.fault is not None and not told:
            typer.secho(f"passerby: {COUNTERS_STOPPED}: {works.counters.fault}", fg=typer.colors.RED, err=True)
            told = True


if __name__ == "__main__":
    plainly(lambda: run(Path(sys.argv[1]), quiet="--quiet" in sys.argv[2:]))
