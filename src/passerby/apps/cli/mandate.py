"""``passerby mandate``: write a mandate, check it, sign it, bring it into the log, end it; reading is next door."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from passerby.apps.city import read_city
from passerby.apps.cli import mandate_reading
from passerby.apps.cli.mandate_reading import CityFile, File, Json, Which, logged, mandate_of, show_standing
from passerby.apps.mandates.advice import unusual
from passerby.apps.mandates.files import add_signature, open_view, read_mandate, read_signatures
from passerby.apps.mandates.questions import ask_mandate
from passerby.apps.mandates.toml import write_toml
from passerby.apps.mandates.words import plain_words
from passerby.apps.mandates.worth import worth_of
from passerby.apps.node.desk import hand_in
from passerby.apps.node.geometry import camera_of
from passerby.apps.node.roles_file import read_roles
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import State
from passerby.gate.mandate import MandateError, approval_leaf, end_leaf, mandate_leaf, sign_decision
from passerby.public.ledger.keyfile import read_key

app = typer.Typer(
    help="Decide what may be measured: write it, check it, sign it, publish it, end it.\n\n"
    "A mandate is a text that people can read. Nothing is measured before it is in the open log, has given its notice "
    "and is approved by enough roles; nothing is measured after it ends.",
    no_args_is_help=True,
)
Keys = Annotated[list[Path], typer.Option("--key", help="Secret key of a role; give it once for each.")]
Reason = Annotated[str, typer.Option("--reason", help="One line for everybody; the signature covers it.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write the signed decision here and hand it in elsewhere.")]


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="New file for the mandate.")],
    city: CityFile = Path("city.toml"),
) -> None:
    """Write a mandate for cameras by answering questions; each is explained, most have a usual answer.

    The file is a draft that you can edit. Check it, then let the roles sign it.
    """
    if file.exists():
        raise MandateError(f"{file} exists", expected="a new file", remedy="Choose another name.")
    place = read_city(city)

    def ask(why: str, question: str, usual: str | None) -> str:
        typer.secho(f"\n{why}", dim=True)
        return str(typer.prompt(question, default=usual))

    document = ask_mandate(place, ask, datetime.now(UTC))
    file.write_text(write_toml(document), "utf-8")
    typer.echo("")
    check(file, city)


@app.command()
def check(
    file: File,
    city: Annotated[
        Path | None, typer.Option("--city", help="The city's file: also compare with its limits, cameras and log.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in plain words what a mandate allows, what is wrong with it, and what its numbers will be good for.

    Nothing is changed. Ends with code 1 where the mandate cannot stand.
    """
    try:
        mandate = read_mandate(file)
    except MandateError as error:
        for fault in error.faults:
            typer.secho(fault, fg=typer.colors.RED)
        raise
    place = None if city is None else read_city(city)
    others: list[Mandate] = []
    if place is not None:
        read_roles(place.roles).limits.check(mandate)
        for section in place.camera:
            if section.id in mandate.sensors:
                camera_of(section, mandate)
        others = [s.mandate for s in logged(place) if s.state in (State.IN_FORCE, State.APPROVED, State.NOTICE)]
    remarks = list(unusual(mandate, others))
    if place is not None and mandate.log != place.log.origin:
        named = "no log" if mandate.log is None else f"the log {mandate.log}"
        remarks.append(f'It names {named}; with log = "{place.log.origin}" in [mandate] it counts in this one alone.')
    if as_json:
        worth = [
            {"family": w.family.value, "seconds": w.seconds, "half_width": w.half_width, "right_from": w.right_from}
            for w in worth_of(mandate)
        ]
        typer.echo(json.dumps({"hash": mandate.hash, "id": mandate.id, "worth": worth, "unusual": remarks}))
        return
    typer.echo("\n".join(plain_words(mandate)))
    for remark in remarks:
        typer.secho(f"\nUnusual: {remark}", fg=typer.colors.YELLOW)
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
    standing = next((one for one in logged(place) if one.mandate.hash == mandate.hash), None)
    decisions = [] if standing else [[mandate_leaf(mandate)]]
    roles = {line.split(" ")[1] for line in signatures if line.count(" ") == 2}
    if roles - set(standing.signed_by if standing else ()):
        decisions.append([approval_leaf(mandate.hash, signatures)])
    if decisions:
        hand_in(place, *decisions)
    view = open_view(place)
    show_standing(view.standing(mandate.hash, datetime.now(UTC)), view.threshold, as_json)


@app.command()
def suspend(which: Which, key: Keys, reason: Reason, city: CityFile = Path("city.toml"), out: Out = None) -> None:
    """Stop a mandate at once, with the key of one oversight role.

    Nothing is decoded or released under it from the moment the log has it. A suspension is not lifted: going on needs
    a new mandate.
    """
    _end("suspension", which, key, reason, city, out)


@app.command()
def revoke(which: Which, key: Keys, reason: Reason, city: CityFile = Path("city.toml"), out: Out = None) -> None:
    """End a mandate for ever, with the keys of as many roles as approve one."""
    _end("revocation", which, key, reason, city, out)


@app.command()
def submit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A signed decision, as --out wrote it.")],
    city: CityFile = Path("city.toml"),
) -> None:
    """Bring a decision into the log that was signed elsewhere, on a machine of its own."""
    hand_in(read_city(city), file.read_bytes().splitlines())
    typer.echo("It is in the log.")


for name, command in (
    ("show", mandate_reading.show),
    ("list", mandate_reading.list_mandates),
    ("diff", mandate_reading.diff),
    ("audit", mandate_reading.audit),
    ("export", mandate_reading.export),
):
    app.command(name)(command)


def _end(kind: str, which: str, keys: list[Path], reason: str, city: Path, out: Path | None) -> None:
    known = re.fullmatch(r"[0-9a-f]{64}", which) is not None
    mandate = which if known else mandate_of(which, city).hash
    lines = sign_decision("suspend" if kind == "suspension" else "revoke", mandate, map(read_key, keys), reason)
    leaf = end_leaf(kind, mandate, reason, lines)
    if out is not None:
        out.write_bytes(leaf + b"\n")
        typer.echo(f"Signed. Bring it to the city: passerby mandate submit {out}")
        return
    place = read_city(city)
    hand_in(place, [leaf])
    view = open_view(place)
    show_standing(view.standing(mandate, datetime.now(UTC)), view.threshold, False)
