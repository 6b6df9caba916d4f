"""``passerby mandate``: write a mandate, check it, sign it, bring it into the log, see where it stands, end it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from passerby.apps.city import read_city
from passerby.apps.mandates.files import add_signature, open_view, read_mandate, read_signatures
from passerby.apps.mandates.words import plain_words, standing_words
from passerby.apps.mandates.worth import worth_of
from passerby.apps.node.desk import hand_in
from passerby.apps.node.roles_file import read_roles
from passerby.datatypes.standing import Standing
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import LogView, MandateError, approval_leaf, mandate_leaf
from passerby.public.ledger.keyfile import read_key

app = typer.Typer(
    help="Decide what may be measured: write it, check it, sign it, publish it, end it.\n\n"
    "A mandate is a text that people can read. Nothing is measured before it is in the open log, has given its notice "
    "and is approved by enough roles; nothing is measured after it ends.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="The mandate in TOML.")]
CityFile = Annotated[Path, typer.Option("--city", help="The city's file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Say in plain words what a mandate allows, what is wrong with it, and what its numbers will be good for.

    Nothing is changed. Ends with code 1 where the mandate cannot stand.
    """
    mandate = read_mandate(file)
    if as_json:
        worth = [
            {"family": w.family.value, "seconds": w.seconds, "half_width": w.half_width, "right_from": w.right_from}
            for w in worth_of(mandate)
        ]
        typer.echo(json.dumps({"hash": mandate.hash, "id": mandate.id, "worth": worth}))
        return
    typer.echo("\n".join(plain_words(mandate)))
    typer.echo(f"\nNo fault found. Hash: {mandate.hash}")


@app.command()
def sign(
    file: File,
    key: Annotated[Path, typer.Option("--key", help="Secret key of your role: passerby log keygen ROLE FILE.")],
) -> None:
    """Approve a mandate with the key of a role: adds a line to FILE.signatures and prints it.

    Read what `passerby mandate check FILE` says first. The signature is for this text alone: one changed letter, and it
    is for nothing.
    """
    mandate = read_mandate(file)
    typer.echo(add_signature(file, mandate, read_key(key)))


@app.command()
def publish(file: File, city: CityFile = Path("city.toml"), as_json: Json = False) -> None:
    """Bring a mandate, and the approvals in FILE.signatures, into the city's open log.

    May be repeated as signatures come in. Works beside a node that runs, which takes it to the log.
    """
    mandate, signatures, place = read_mandate(file), read_signatures(file), read_city(city)
    logged = open_view(place).standings(datetime.now(UTC)) if (place.state / "log" / "checkpoint").exists() else ()
    standing = next((one for one in logged if one.mandate.hash == mandate.hash), None)
    decisions = [] if standing else [[mandate_leaf(mandate)]]
    roles = {line.split(" ")[1] for line in signatures if line.count(" ") == 2}
    if roles - set(standing.signed_by if standing else ()):
        decisions.append([approval_leaf(mandate.hash, signatures)])
    if decisions:
        hand_in(place, *decisions)
    _show(open_view(place).standing(mandate.hash, datetime.now(UTC)), read_roles(place.roles).threshold, as_json)


@app.command()
def show(
    which: Annotated[str, typer.Argument(metavar="MANDATE", help="Its id, the beginning of its hash, or its file.")],
    city: CityFile = Path("city.toml"),
    as_json: Json = False,
) -> None:
    """Show a mandate of the log: what it allows, and where it stands."""
    place = read_city(city)
    standing = _find(open_view(place), which)
    if not as_json:
        typer.echo("\n".join([*plain_words(standing.mandate), ""]))
    _show(standing, read_roles(place.roles).threshold, as_json)


@app.command("list")
def list_mandates(city: CityFile = Path("city.toml"), as_json: Json = False) -> None:
    """List every mandate of the log with its state."""
    place = read_city(city)
    standings = open_view(place).standings(datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps([_values(standing) for standing in standings]))
        return
    table = Table(box=None, header_style="bold")
    for column in ("id", "state", "in force from", "expires", "approved by", "hash", "title"):
        table.add_column(column)
    for s in standings:
        force = utc_text(s.in_force_from) if s.in_force_from else "–"
        signed = ", ".join(s.signed_by) or "nobody"
        m = s.mandate
        table.add_row(m.id, s.state.value, force, utc_text(m.expires), signed, m.hash[:12], m.title)
    Console().print(table)


def _find(view: LogView, which: str) -> Standing:
    standings = view.standings(datetime.now(UTC))
    if Path(which).is_file():
        which = read_mandate(Path(which)).hash
    found = [s for s in standings if s.mandate.id == which or (len(which) >= 6 and s.mandate.hash.startswith(which))]
    if not found:
        raise MandateError(
            f"no mandate of the log is {which!r}",
            expected=", ".join(sorted({s.mandate.id for s in standings})) or "a mandate; the log has none",
            remedy="See passerby mandate list.",
        )
    return found[-1]


def _show(standing: Standing, threshold: int, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_values(standing)))
        return
    typer.echo("\n".join(standing_words(standing, threshold)))


def _values(standing: Standing) -> dict[str, object]:
    mandate = standing.mandate
    return {
        "hash": mandate.hash,
        "id": mandate.id,
        "state": standing.state.value,
        "signed_by": list(standing.signed_by),
        "public_since": utc_text(standing.public_since) if standing.public_since else None,
        "in_force_from": utc_text(standing.in_force_from) if standing.in_force_from else None,
        "expires": utc_text(mandate.expires),
        "log_index": standing.log_index,
    }
