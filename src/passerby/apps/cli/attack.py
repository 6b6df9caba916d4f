"""``passerby attack``: the red team of an oversight board."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from passerby.apps.attack.numbers import DEEP, QUICK
from passerby.apps.attack.statistics import Outcome
from passerby.apps.attack.suite import Report, run
from passerby.apps.city import read_city
from passerby.apps.mandates.files import open_view, read_mandate
from passerby.datatypes.mandate import Mandate
from passerby.gate.mandate import MandateError

DEMO = Path("demo/mandates")


def command(
    mandate: list[Path] = typer.Option([], help="Mandate in TOML; may be given more than once."),
    city: Path | None = typer.Option(None, help="city.toml: attack with every mandate in the city's log."),
    deep: bool = typer.Option(False, help="Try much harder: minutes instead of seconds."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object on standard output."),
) -> None:
    """Attack the gate of this installation with your own mandates, and say what was won.

    Eight attacks run against the real gate, with people who do not exist: no camera is opened and no city's budget is
    touched. Each also runs against a gate that was broken for it, and must win there: an attack that cannot win proves
    nothing. ε is what was proven to be spent, at least; it must not be above what the mandate declares. Ends with code
    1 where something did not hold. Without options: the mandates of the demo.
    """
    report = run(_mandates(mandate, city), DEEP if deep else QUICK, lambda text: typer.echo(text, err=True))
    if as_json:
        typer.echo(json.dumps(_values(report), indent=2))
    else:
        _show(report)
    if not report.all_held or report.caught < len(report.planted):
        raise typer.Exit(1)


def _mandates(files: list[Path], city: Path | None) -> list[Mandate]:
    if city is not None:
        found = [standing.mandate for standing in open_view(read_city(city)).standings(datetime.now(UTC))]
        if not found:
            raise MandateError("log has no mandate", expected="a mandate in the city's log", came="none")
        return found
    files = files or sorted(DEMO.glob("*.toml"), reverse=True)
    if not files:
        raise MandateError(
            "nothing to attack",
            expected="--mandate FILE or --city city.toml",
            came=f"neither, and no {DEMO} here",
            remedy="Run it in a checkout of Passerby, or name a mandate.",
        )
    return [read_mandate(file) for file in files]


def _values(report: Report) -> dict[str, object]:
    return {
        "attacks": {name: _outcome(outcome) for name, outcome in report.attacks.items()},
        "all_held": report.all_held,
        "planted": len(report.planted),
        "planted_caught": report.caught,
        "mechanisms": {
            name: {"caught": not outcome.held, **_outcome(outcome)} for name, outcome in report.planted.items()
        },
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "held": outcome.held,
        "empirical_epsilon_low": round(outcome.empirical, 4),
        "declared_epsilon": round(outcome.declared, 6),
        "note": outcome.note,
    }


def _show(report: Report) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    console.print(_table("the gate", report.attacks, {True: "held", False: "[red]BROKEN[/red]"}))
    console.print(_table("gates broken on purpose", report.planted, {True: "[red]MISSED[/red]", False: "caught"}))
    verdict = "Every attack failed" if report.all_held else "[red]The gate did not hold[/red]"
    console.print(f"{verdict}; {report.caught} of {len(report.planted)} broken gates were caught.")


def _table(title: str, outcomes: Mapping[str, Outcome], words: Mapping[bool, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column(title, min_width=25)
    table.add_column("", min_width=6)
    table.add_column("ε proven", justify="right")
    table.add_column("ε declared", justify="right")
    table.add_column("nearest", overflow="fold")
    for name, outcome in outcomes.items():
        numbers = (f"{outcome.empirical:.2f}", f"{outcome.declared:.2f}")
        table.add_row(name.replace("_", " "), words[outcome.held], *numbers, outcome.note)
    return table
