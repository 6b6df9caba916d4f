"""``passerby witness``: remember a log so that it cannot be rewritten."""

import signal
import threading
from pathlib import Path

import typer

from passerby.apps.server.serve import serving
from passerby.apps.witness.server import witness_app
from passerby.public.ledger.errors import WrongSignerError
from passerby.public.ledger.keyfile import read_key
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.key import KeyType, VerifierKey


def command(
    key: Path = typer.Option(..., help="Secret key of this witness: `passerby log keygen NAME FILE --witness`."),
    log: list[str] = typer.Option(..., help="Verifier key of a log to follow; give it once for each log."),
    state: Path = typer.Option(..., help="Folder for the memory of this witness. Never restore an older copy of it."),
    listen: str = typer.Option("127.0.0.1:8001", help="Address and port."),
) -> None:
    """Cosign checkpoints of logs that only grow, until Ctrl-C.

    A witness promises one thing: it never cosigns a tree that does not contain every tree it cosigned before.
    Put a web server with TLS in front of it and tell the city its address and verifier key.
    """
    signer = read_key(key)
    if signer.verifier.type is not KeyType.COSIGNATURE:
        raise WrongSignerError(
            f"{key} is no key of a witness",
            expected="type 4",
            remedy="Make one: passerby log keygen NAME FILE --witness.",
        )
    logs = [VerifierKey.parse(text) for text in log]
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise typer.BadParameter(f"cannot listen on {listen!r}; expected address:port, such as 127.0.0.1:8001")
    about = "\n".join(
        [f"Witness {signer.name}", f"key {signer.verifier.text}", *(f"follows {one.name}" for one in logs), ""]
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with (
        LocalWitness(state, signer, logs) as witness,
        serving(witness_app(witness, about), host.strip("[]"), int(port)) as url,
    ):
        typer.echo(f"{about}listens at {url}")
        stop.wait()
