"""``roles.toml``: the role keys and limits that this city agreed on at its key ceremony."""

import json
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

from passerby.datatypes.errors import PasserbyError
from passerby.gate.mandate import Limits, Roles, RolesError
from passerby.tlog.errors import TlogError
from passerby.tlog.key import VerifierKey


def read_roles(path: Path) -> Roles:
    """Read the file. Raises RolesError."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        keys = {name: VerifierKey.parse(text) for name, text in document["keys"].items()}
        limits = {name: _number(name, value) for name, value in document.get("limits", {}).items()}
        return Roles(keys, int(document["threshold"]), tuple(document["oversight"]), Limits(**limits))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError, TlogError) as error:
        if isinstance(error, PasserbyError) and not isinstance(error, TlogError):
            raise
        raise RolesError(
            f"{path} names no roles",
            expected="threshold, oversight, [keys] with a verifier key for each role, and [limits]",
            came=str(error)[:200],
            remedy="Each party makes its key with passerby log keygen; see docs/tutorials/first-camera.md.",
        ) from error


def write_roles(path: Path, roles: Roles) -> None:
    """Write the file; it holds public keys alone."""
    lines = [f"threshold = {roles.threshold}", f"oversight = {list(roles.oversight)!r}".replace("'", '"'), "", "[keys]"]
    lines += [f'"{name}" = "{key.text}"' for name, key in sorted(roles.keys.items())]
    lines += ["", "[limits]", *(f"{name} = {json.dumps(value)}" for name, value in roles.limits.values().items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _number(name: str, value: Any) -> Any:
    return Fraction(str(value)) if name == "most_epsilon" else int(value)
