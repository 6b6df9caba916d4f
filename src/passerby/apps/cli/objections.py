"""``passerby objections``: read what residents contest or ask, and answer in public."""

import json
from pathlib import Path

import typer

from passerby.apps.city import read_city
from passerby.apps.server.objections import objections_file
from passerby.civic.objections.desk import answer as answer_one
from passerby.civic.objections.desk import withhold as withhold_one
from passerby.civic.objections.objection import Objection
from passerby.civic.objections.store import ObjectionStore

app = typer.Typer(
    help="Read what residents contest or ask, and answer in public.\n\n"
    "An answer is shown beside the request, and its hash goes into the open log: it cannot be changed afterwards.",
    no_args_is_help=True,
)
_CITY = typer.Option(Path("city.toml"), "--city", help="The city's file.")


def _store(city: Path) -> ObjectionStore:
    return ObjectionStore(objections_file(read_city(city).state))


@app.command("list")
def listing(
    city: Path = _CITY,
    every: bool = typer.Option(False, "--all", help="Answered and withheld ones too."),
    limit: int = typer.Option(100, min=1, help="At most so many, the newest first."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON for programs."),
) -> None:
    """Show what waits for an answer."""
    found = _store(city).page(open_only=not every, limit=limit)
    if as_json:
        typer.echo(json.dumps([_document(one) for one in found], ensure_ascii=False, indent=2))
    elif not found:
        typer.echo("Nothing waits for an answer.")
    else:
        typer.echo("\n\n".join(_words(one) for one in found))


@app.command()
def answer(
    number: int = typer.Argument(help="Number of the objection."),
    text: str = typer.Argument(help="The answer, or - to read it from standard input."),
    city: Path = _CITY,
) -> None:
    """Answer one objection in public, once."""
    said = typer.get_text_stream("stdin").read() if text == "-" else text
    typer.echo(_words(answer_one(_store(city), number, said)))


@app.command()
def withhold(
    number: int = typer.Argument(help="Number of the objection."),
    reason: str = typer.Argument(help="Why, for everybody to read, such as: it names a person."),
    city: Path = _CITY,
) -> None:
    """Erase a text that harms somebody. Its hash and the reason stay in public."""
    typer.echo(_words(withhold_one(_store(city), number, reason)))


def _words(one: Objection) -> str:
    about = one.about.release or f"mandate {one.about.mandate}"
    lines = [f"{one.id}  {one.request.at}  about {about}"]
    lines += _indented(one.request.text if one.withheld is None else f"(withheld: {one.withheld})")
    if one.answer is not None:
        lines += [f"    answered {one.answer.at}:", *_indented(one.answer.text)]
    return "\n".join(lines)


def _indented(text: str | None) -> list[str]:
    return [f"    {line}" for line in (text or "").split("\n")]


def _document(one: Objection) -> dict[str, object]:
    answered = None if one.answer is None else {"at": one.answer.at, "text": one.answer.text, "hash": one.answer.hash}
    return {
        "id": one.id,
        "at": one.request.at,
        "about": dict(one.about.document()),
        "text": one.request.text,
        "hash": one.request.hash,
        "withheld": one.withheld,
        "answer": answered,
    }
