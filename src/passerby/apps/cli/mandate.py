"""``passerby mandate``: write a mandate, check it, sign it, bring it into the log, see where it stands, end it."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.apps.city import City, read_city
from passerby.apps.cli.log import read_policy
from passerby.apps.mandates.advice import unusual
from passerby.apps.mandates.changes import Change, changes, effects
from passerby.apps.mandates.exports import Standard, export_as
from passerby.apps.mandates.files import add_signature, open_view, read_mandate, read_signatures
from passerby.apps.mandates.questions import ask_mandate
from passerby.apps.mandates.site import audit_site, view_site
from passerby.apps.mandates.toml import write_toml
from passerby.apps.mandates.words import plain_words, standing_words
from passerby.apps.mandates.worth import worth_of
from passerby.apps.node.desk import hand_in
from passerby.apps.node.geometry import camera_of
from passerby.apps.node.roles_file import read_roles
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing, State
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import LogView, MandateError, approval_leaf, end_leaf, mandate_leaf, sign_decision
from passerby.public.ledger.keyfile import read_key

app = typer.Typer(
    help="Decide what may be measured: write it, check it, sign it, publish it, end it.\n\n"
    "A mandate is a text that people can read. Nothing is measured before it is in the open log, has given its notice "
    "and is approved by enough roles; nothing is measured after it ends.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="The mandate in TOML.")]
CityFile = Annotated[Path, typer.Option("--city", help="The city's file.")]
Which = Annotated[str, typer.Argument(metavar="MANDATE", help="Its id, its hash or the beginning of it, or its file.")]
Keys = Annotated[list[Path], typer.Option("--key", help="Secret key of a role; give it once for each.")]
Reason = Annotated[str, typer.Option("--reason", help="One line for everybody; the signature covers it.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write the signed decision here and hand it in elsewhere.")]
Site = Annotated[str, typer.Option("--site", help="Instead of --city: address of a city's site; needs --policy.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="The policy of that city's log; keep your own copy.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


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
    mandate = read_mandate(file)
    place = None if city is None else read_city(city)
    others: list[Mandate] = []
    if place is not None:
        read_roles(place.roles).limits.check(mandate)
        for section in place.camera:
            if section.id in mandate.sensors:
                camera_of(section, mandate)
        others = [s.mandate for s in _logged(place) if s.state in (State.IN_FORCE, State.APPROVED, State.NOTICE)]
    remarks = list(unusual(mandate, others))
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
    standing = next((one for one in _logged(place) if one.mandate.hash == mandate.hash), None)
    decisions = [] if standing else [[mandate_leaf(mandate)]]
    roles = {line.split(" ")[1] for line in signatures if line.count(" ") == 2}
    if roles - set(standing.signed_by if standing else ()):
        decisions.append([approval_leaf(mandate.hash, signatures)])
    if decisions:
        hand_in(place, *decisions)
    view = open_view(place)
    _show(view.standing(mandate.hash, datetime.now(UTC)), view.threshold, as_json)


@app.command()
def show(
    which: Which,
    city: CityFile = Path("city.toml"),
    site: Site = "",
    policy: PolicyFile = None,
    as_json: Json = False,
) -> None:
    """Show a mandate of the log: what it allows, and where it stands.

    With --site and --policy, by what a city serves to everybody: the state follows from the log and the time alone.
    """
    view = _view(city, site, policy)
    standing = _find(view, which)
    if not as_json:
        typer.echo("\n".join([*plain_words(standing.mandate), ""]))
    _show(standing, view.threshold, as_json)


@app.command("list")
def list_mandates(
    city: CityFile = Path("city.toml"), site: Site = "", policy: PolicyFile = None, as_json: Json = False
) -> None:
    """List every mandate of the log with its state; with --site and --policy, of anybody's city."""
    standings = _view(city, site, policy).standings(datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps([_values(standing) for standing in standings]))
        return
    if not standings:
        typer.echo("The log has no mandate yet.")
    for s in standings:
        m = s.mandate
        force = "not in force yet" if s.in_force_from is None else f"in force from {utc_text(s.in_force_from)}"
        signed = ", ".join(s.signed_by) or "nobody"
        typer.secho(f"{m.id}  {s.state.value}", bold=True)
        typer.echo(f"  {m.title}\n  {force}, until {utc_text(m.expires)}; approved by {signed}\n  {m.hash}")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The mandate before: a file, or the id or hash of one in the log.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its successor: a file, or one in the log.")],
    city: CityFile = Path("city.toml"),
) -> None:
    """Mark what a successor changes, as in a consolidated law, and say whether it allows more or less.

    ~~Struck out~~ is gone, **bold** is new; on a terminal in red and green.
    """
    before, after = (_mandate(which, city) for which in (old, new))
    found = list(changes(before, after))
    if not found:
        typer.echo("Nothing differs.")
        return
    for change in found:
        typer.secho(f"{change.field}", bold=True)
        typer.echo(f"  {_coloured(change) if sys.stdout.isatty() else change.marked()}")
    typer.echo("")
    for effect in effects(before, after):
        typer.secho(effect, fg=typer.colors.RED if effect.startswith("allows more") else typer.colors.GREEN)
    typer.echo("The old approval is for the old text alone: the new one needs its own notice and signatures.")


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
    file: Annotated[Path, typer.Argument(help="A signed decision: what suspend and revoke write with --out.")],
    city: CityFile = Path("city.toml"),
) -> None:
    """Bring a decision into the log that was signed elsewhere, on a machine of its own."""
    hand_in(read_city(city), file.read_bytes().splitlines())
    typer.echo("It is in the log.")


@app.command()
def audit(
    site: Annotated[str, typer.Argument(help="Address of the city's site, such as https://counts.city.example.")],
    policy: Annotated[Path, typer.Option("--policy", help="File with the log's key, its witnesses and the quorum.")],
    roles: Annotated[
        Path | None, typer.Option("--roles", help="roles.toml of the key ceremony; else as the log's first leaf says.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold every number that a city released against its mandate, its budget and the log.

    Needs nothing of the city but what is public. Ends with code 1 and the proof where something was released that was
    not mandated, with less noise, twice, or beyond a budget.
    """
    report = audit_site(site, read_policy(policy), None if roles is None else read_roles(roles))
    if as_json:
        found = [{"leaf": one.leaf, "text": one.text} for one in report.findings]
        typer.echo(json.dumps({"batches": report.batches, "lines": report.lines, "findings": found}))
    else:
        for finding in report.findings:
            typer.secho(str(finding), fg=typer.colors.RED)
        typer.echo(f"{report.lines:,} numbers in {report.batches:,} batches held against their mandates.")
    report.require()


@app.command()
def export(
    file: File,
    standard: Annotated[Standard, typer.Option(help="Which standard of algorithmic transparency.")],
    country: Annotated[str, typer.Option(help="For eurocities: the country, which a mandate does not name.")] = "",
    domain: Annotated[str, typer.Option(help="For eurocities: the domain, from its list.")] = "generic",
) -> None:
    """Print a mandate in the form of a transparency standard, as JSON."""
    values = export_as(read_mandate(file), standard, country=country, domain=domain)
    typer.echo(json.dumps(values, indent=2, ensure_ascii=False))


def _end(kind: str, which: str, keys: list[Path], reason: str, city: Path, out: Path | None) -> None:
    known = re.fullmatch(r"[0-9a-f]{64}", which) is not None
    mandate = which if known else _mandate(which, city).hash
    lines = sign_decision("suspend" if kind == "suspension" else "revoke", mandate, map(read_key, keys), reason)
    leaf = end_leaf(kind, mandate, reason, lines)
    if out is not None:
        out.write_bytes(leaf + b"\n")
        typer.echo(f"Signed. Bring it to the city: passerby mandate submit {out}")
        return
    place = read_city(city)
    hand_in(place, [leaf])
    view = open_view(place)
    _show(view.standing(mandate, datetime.now(UTC)), view.threshold, False)


def _view(city: Path, site: str, policy: Path | None) -> LogView:
    if not site:
        return open_view(read_city(city))
    if policy is None:
        raise typer.BadParameter("--site needs --policy: a file with the log's key and its witnesses")
    return view_site(site, read_policy(policy))


def _logged(place: City) -> tuple[Standing, ...]:
    """Mandates of the city's log, where it has one."""
    if not (place.state / "log" / "checkpoint").exists():
        return ()
    return open_view(place).standings(datetime.now(UTC))


def _mandate(which: str, city: Path) -> Mandate:
    return read_mandate(Path(which)) if Path(which).is_file() else _find(open_view(read_city(city)), which).mandate


def _coloured(change: Change) -> str:
    style: dict[str, dict[str, Any]] = {
        "same": {},
        "gone": {"fg": typer.colors.RED, "strikethrough": True},
        "new": {"fg": typer.colors.GREEN, "underline": True},
    }
    return " ".join(typer.style(text, **style[side]) for side, text in change.words)


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
