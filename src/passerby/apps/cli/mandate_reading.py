"""The part of ``passerby mandate`` that reads: where a mandate stands, what changes, whether it was kept."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.apps.city import City, read_city
from passerby.apps.cli.log import read_policy
from passerby.apps.mandates.changes import Change, changes, effects
from passerby.apps.mandates.exports import Standard, export_as
from passerby.apps.mandates.files import open_view, read_mandate
from passerby.apps.mandates.site import audit_site, view_site
from passerby.apps.mandates.words import plain_words, standing_words
from passerby.apps.node.roles_file import read_roles
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import LogView, MandateError

File = Annotated[Path, typer.Argument(help="The mandate in TOML.")]
CityFile = Annotated[Path, typer.Option("--city", help="The city's file.")]
Which = Annotated[str, typer.Argument(metavar="MANDATE", help="Its id, its hash or the beginning of it, or its file.")]
Site = Annotated[str, typer.Option("--site", help="Instead of --city: address of a city's site; needs --policy.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="The policy of that city's log; keep your own copy.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


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
    show_standing(standing, view.threshold, as_json)


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


def diff(
    old: Annotated[str, typer.Argument(help="The mandate before: a file, or the id or hash of one in the log.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its successor: a file, or one in the log.")],
    city: CityFile = Path("city.toml"),
) -> None:
    """Mark what a successor changes, as in a consolidated law, and say whether it allows more or less.

    ~~Struck out~~ is gone, **bold** is new; on a terminal in red and green.
    """
    before, after = (mandate_of(which, city) for which in (old, new))
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


def export(
    file: File,
    standard: Annotated[Standard, typer.Option(help="Which standard of algorithmic transparency.")],
    country: Annotated[str, typer.Option(help="For eurocities: the country, which a mandate does not name.")] = "",
    domain: Annotated[str, typer.Option(help="For eurocities: the domain, from its list.")] = "generic",
) -> None:
    """Print a mandate in the form of a transparency standard, as JSON."""
    values = export_as(read_mandate(file), standard, country=country, domain=domain)
    typer.echo(json.dumps(values, indent=2, ensure_ascii=False))


def logged(place: City) -> tuple[Standing, ...]:
    """Mandates of the city's log, where it has one."""
    if not (place.state / "log" / "checkpoint").exists():
        return ()
    return open_view(place).standings(datetime.now(UTC))


def mandate_of(which: str, city: Path) -> Mandate:
    return read_mandate(Path(which)) if Path(which).is_file() else _find(open_view(read_city(city)), which).mandate


def show_standing(standing: Standing, threshold: int, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_values(standing)))
        return
    typer.echo("\n".join(standing_words(standing, threshold)))


def _view(city: Path, site: str, policy: Path | None) -> LogView:
    if not site:
        return open_view(read_city(city))
    if policy is None:
        raise typer.BadParameter("--site needs --policy: a file with the log's key and its witnesses")
    return view_site(site, read_policy(policy))


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
        "ends": [
            {
                "kind": end.kind.value,
                "reason": end.reason,
                "signed_by": list(end.signed_by),
                "log_index": end.log_index,
                "public_since": utc_text(end.public_since) if end.public_since else None,
            }
            for end in standing.ends
        ],
    }
