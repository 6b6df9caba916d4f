"""The key ceremony of the demo city: three parties, each with a key of its own."""

import shutil
from pathlib import Path

from passerby.apps.city import City
from passerby.apps.node.roles_file import write_roles
from passerby.gate.mandate import Roles
from passerby.public.ledger.keyfile import create_key
from passerby.tlog.key import SigningKey

PARTIES = ("council", "mobility-office", "data-protection-officer")
OVERSIGHT = ("data-protection-officer",)
THRESHOLD = 2


def begin_anew(city: City) -> dict[str, SigningKey]:
    """Forget the demo city of last time, make the keys of the parties and publish who may approve.

    In a real city each party makes its key on its own machine, and nobody ever has two of them.
    """
    shutil.rmtree(city.state, ignore_errors=True)
    folder = city.state / "parties"
    folder.mkdir(parents=True, mode=0o700)
    keys = {name: create_key(folder / name, name) for name in PARTIES}
    write_roles(city.roles, Roles({name: key.verifier for name, key in keys.items()}, THRESHOLD, OVERSIGHT))
    return keys


def drafts(folder: Path) -> list[Path]:
    """The draft mandates of the demo, in order."""
    return sorted((folder / "mandates").glob("*.toml"))
