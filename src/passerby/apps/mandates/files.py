"""A mandate's file, and the signature lines beside it."""

from pathlib import Path

from passerby.apps.city import City, CityFileError
from passerby.apps.node.roles_file import read_roles
from passerby.datatypes.mandate import Mandate
from passerby.gate.mandate import LogView, MandateError, parse_toml, sign_decision
from passerby.public.ledger.fetch import directory_fetch
from passerby.tlog.client import Client
from passerby.tlog.key import SigningKey
from passerby.tlog.policy import Policy


def read_mandate(path: Path) -> Mandate:
    """Read a mandate in TOML. Raises MandateError."""
    try:
        return parse_toml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MandateError(
            f"cannot read {path}",
            expected="a mandate in TOML, UTF-8",
            came=getattr(error, "strerror", None) or type(error).__name__,
            remedy="Write one: passerby mandate new.",
        ) from error


def signatures_file(path: Path) -> Path:
    """Where signature lines of a mandate's file are collected."""
    return path.with_name(path.name + ".signatures")


def read_signatures(path: Path) -> list[str]:
    """The approvals collected beside a mandate's file, one line each; none where nobody signed yet."""
    file = signatures_file(path)
    if not file.exists():
        return []
    return [line for line in file.read_text("utf-8").splitlines() if line.strip()]


def add_signature(path: Path, mandate: Mandate, key: SigningKey) -> str:
    """Sign the mandate with a role's key and add the line to its file; returns the line.

    Lines of the same key are replaced: each role signs the text as it is now.
    """
    (line,) = sign_decision("approve", mandate.hash, [key])
    kept = [other for other in read_signatures(path) if other.split(" ")[1:2] != [key.name]]
    signatures_file(path).write_text("\n".join([*kept, line, ""]), "utf-8")
    return line


def open_view(city: City) -> LogView:
    """The log of a city as its public files prove it; a node may be writing it at the same time.

    Raises CityFileError where the city has no log yet, RolesError, and what the log's client raises.
    """
    policy = city.state / "policy.txt"
    if not policy.exists() or not (city.state / "log" / "checkpoint").exists():
        raise CityFileError(
            f"{city.name} has no log yet",
            expected=f"a log in {city.state}",
            remedy="It begins with the first mandate: passerby mandate publish, or passerby run.",
        )
    view = LogView(
        Client(directory_fetch(city.state / "log"), Policy.parse(policy.read_bytes())), read_roles(city.roles)
    )
    view.refresh()
    return view
