"""``passerby log``: check the open log, keep receipts, watch it, make keys."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from passerby.apps.watch.alarm import Bell
from passerby.public.ledger.errors import LedgerError
from passerby.public.ledger.fetch import UnreachableError, fetch_from, http_fetch
from passerby.public.ledger.keyfile import create_key
from passerby.public.ledger.monitor import AlarmError, Monitor
from passerby.public.ledger.receipt import find_mandate, leaf_receipt, release_receipt, verify_receipt, verify_receipts
from passerby.public.ledger.verify import LogReport, ReadBatch, Tell, batch_lines, check_copy, verify_log
from passerby.tlog.client import Client
from passerby.tlog.errors import TlogError
from passerby.tlog.key import KeyType
from passerby.tlog.policy import Policy

app = typer.Typer(
    help="Check the open log, keep receipts of what it holds, watch it.\n\n"
    "WHERE is the address of a log (https://city.example/log) or a folder. POLICY is a file that names the log's key "
    "and its witnesses; get it once from somebody you trust and keep it.",
    no_args_is_help=True,
)
_POLICY = typer.Option(..., "--policy", help="File with the log's key, its witnesses and the quorum.")
_ROUTINE = ("manifest", "budget-day", "notice")
_JSON = typer.Option(False, "--json", help="Print JSON for programs.")


class PolicyFileError(LedgerError):
    """No policy can be read."""


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises PolicyFileError, ParseError."""
    try:
        return Policy.parse(path.read_bytes())
    except OSError as error:
        raise PolicyFileError(
            f"cannot read {path}",
            came=error.strerror or "an error",
            remedy="The city publishes its policy: save it once.",
        ) from error


@app.command()
def verify(
    where: str = typer.Argument(help="Address or folder of a log, or a file of receipts."),
    policy: Path = _POLICY,
    releases: str = typer.Option("", help="Address of the site: recompute every batch from its open data."),
    as_json: bool = _JSON,
) -> None:
    """Verify a whole log from scratch, or receipts without any network."""
    trusted = read_policy(policy)
    if Path(where).is_file():
        receipts = verify_receipts(Path(where).read_bytes(), trusted)
        for receipt in receipts:
            typer.echo(json.dumps({"leaf": receipt.index, "line": receipt.line}) if as_json else receipt.text)
        if len(receipts) > 1 and not as_json:
            typer.echo(f"All {len(receipts):,} receipts hold.")
        return
    with _progress() as tell:
        report = verify_log(fetch_from(where), trusted, read_batch=_batches(releases) if releases else None, tell=tell)
    typer.echo(_as_json(report) if as_json else report.text)


@app.command()
def check(
    directory: Path = typer.Argument(help="Folder of a log that this machine writes."),
    policy: Path = _POLICY,
    as_json: bool = _JSON,
) -> None:
    """Check the operator's files: every tile, every entry, and the journal of what is not published yet."""
    trusted = read_policy(policy)
    with _progress() as tell:
        report = check_copy(directory, trusted, tell=tell)
    typer.echo(_as_json(report) if as_json else report.text)


@app.command()
def watch(
    where: str = typer.Argument(help="Address or folder of a log."),
    policy: Path = _POLICY,
    state: Path = typer.Option(..., help="Folder for the last checkpoint seen, and for evidence."),
    every: float = typer.Option(60.0, min=0.1, help="Seconds between two looks."),
    once: bool = typer.Option(False, help="Look once and end."),
    all_leaves: bool = typer.Option(False, "--all", help="Tell releases and budget days too."),
    webhook: str = typer.Option("", help="Address that is sent a POST with JSON for each news and alarm."),
    mail: str = typer.Option("", help="Whom to mail: name@host through --smtp."),
    smtp: str = typer.Option("localhost:25", help="Mail server."),
) -> None:
    """Follow a log: tell each mandate, approval, suspension and revocation in plain words.

    Ends with code 2 and keeps both signed checkpoints where the log contradicts itself or one of its witnesses. A log
    that does not answer, or shows what its policy does not accept, is told once and asked again.
    """
    trusted = read_policy(policy)
    views = {entry.name: http_fetch(entry.url) for entry in trusted.witnesses if entry.url}
    monitor = Monitor(state, fetch_from(where), trusted, views)
    bell = Bell(webhook, mail, smtp)
    trouble = ""
    while True:
        try:
            for news in monitor.poll():
                if all_leaves or news.kind not in _ROUTINE:
                    typer.echo(f"{news.index:>8}  {news.text}")
                    bell.ring("news", news.text)
            for name, why in monitor.unseen.items():
                typer.secho(f"passerby: the copy of {name} proves nothing: {why}", err=True)
            assert monitor.seen is not None
            if once:
                typer.echo(f"{monitor.seen.size:,} leaves, root {monitor.seen.root.hex()}: consistent.")
                return
            trouble = ""
        except AlarmError as alarm:
            typer.secho(str(alarm), fg=typer.colors.RED, err=True)
            bell.ring("alarm", str(alarm))
            raise typer.Exit(2) from alarm
        except (LedgerError, TlogError) as error:
            if once:
                raise
            if str(error) != trouble:
                trouble = str(error)
                typer.secho(f"passerby: {trouble} Trying again.", err=True)
                bell.ring("trouble", trouble)
        time.sleep(every)


@app.command()
def receipt(
    where: str = typer.Argument(help="Address or folder of a log."),
    out: Path = typer.Option(..., help="File to write, such as mandate.tlog-proof."),
    policy: Path = _POLICY,
    mandate: str = typer.Option("", help="Hash of a mandate."),
    leaf: int = typer.Option(-1, help="Index of a leaf."),
    line: str = typer.Option("", help="Released line, exactly as published."),
    batch: str = typer.Option("", help="With --line: file or address of the batch (…/api/v1/batches/ROOT.csv)."),
) -> None:
    """Save the proof of a mandate or of a released number as one small file; `passerby log verify FILE` checks it."""
    if sum((bool(mandate), leaf >= 0, bool(line))) != 1 or bool(line) != bool(batch):
        raise typer.BadParameter("give one of --mandate, --leaf, or --line with --batch")
    client = Client(fetch_from(where), read_policy(policy))
    client.checkpoint()
    if line:
        data = release_receipt(client, batch_lines(_read(batch)), line.encode("utf-8"))
    else:
        data = leaf_receipt(client, find_mandate(client, mandate) if mandate else leaf)
    out.write_bytes(data)
    typer.echo(f"{verify_receipt(data, client.policy).text}\n{len(data):,} bytes in {out}")


@app.command()
def keygen(
    name: str = typer.Argument(
        help="Name of the key: the origin of a log, or the address of a witness without https://."
    ),
    file: Path = typer.Argument(help="New file for the secret key; only its owner can read it."),
    witness: bool = typer.Option(False, help="Make the key of a witness."),
) -> None:
    """Make a secret key, and print the verifier key that goes into policies."""
    typer.echo(create_key(file, name, KeyType.COSIGNATURE if witness else KeyType.ED25519).verifier.text)


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar on standard error while a person looks at it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("verifying leaves", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _batches(site: str) -> ReadBatch:
    fetch = http_fetch(site)
    return lambda root: fetch(f"api/v1/batches/{root}.csv")


def _read(where: str) -> bytes:
    if not where.startswith(("http://", "https://")):
        return Path(where).read_bytes()
    try:
        return httpx.get(where, timeout=10).raise_for_status().content
    except httpx.HTTPError as error:
        raise UnreachableError(f"cannot read {where}", came=type(error).__name__) from error


def _as_json(report: LogReport) -> str:
    c = report.checkpoint
    return json.dumps(
        {
            "origin": c.origin,
            "size": c.size,
            "root": c.root.hex(),
            "cosigned": [{"witness": one.witness, "time": one.time} for one in c.cosigned],
            "witnesses": report.witnesses,
            "types": dict(report.types),
            "foreign": list(report.foreign),
            "released": report.released,
            "compared": report.compared,
            "unpublished": report.unpublished,
        }
    )
