"""``passerby bench``: speed as ratios."""

import json
from collections.abc import Callable, Mapping

import typer
from rich.console import Console

from passerby.apps.bench import ledger

Result = Mapping[str, object]
Bench = Callable[[Callable[[str], None]], Result]

app = typer.Typer(
    help="Speed, as ratios against named baselines of the same run.\n\n"
    "Machines are noisy: rounds are interleaved, medians are printed, and ratios say more than seconds.",
    no_args_is_help=True,
)
_JSON = typer.Option(False, "--json", help="Print one JSON object on standard output.")
BENCHES: dict[str, Bench] = {"ledger": ledger.bench}


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


@app.command("ledger")
def the_ledger(
    leaves: int = typer.Option(ledger.LEAVES, min=1, help="Leaves in all; 10,000,000 shows that no cost grows."),
    as_json: bool = _JSON,
) -> None:
    """The open log: leaves a second, durable batch by batch, against SQLite and pymerkle."""
    show({"ledger": ledger.bench(tell, leaves)}, as_json)
