"""What mandates write into the log; ``spec/mandate.md`` describes it."""

import json
from collections.abc import Iterable
from typing import Any

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.gate.canonical import canonical
from passerby.gate.mandate.roles import Roles
from passerby.tlog.key import SigningKey
from passerby.tlog.policy import Policy

LONGEST_REASON = 500
_FORMS = {
    "mandate": ("document",),
    "approval": ("mandate", "signatures"),
    "notice": ("mandate", "checkpoint"),
    "suspension": ("mandate", "reason", "signatures"),
    "revocation": ("mandate", "reason", "signatures"),
}


class LeafRefusedError(PasserbyError):
    """A leaf that would change nothing, because it is not valid."""


def roles_leaf(roles: Roles, policy: Policy) -> bytes:
    """What the city agreed on, for everybody to see: roles, limits, and the witnesses without whom nothing counts."""
    return canonical({"type": "roles", **roles.values(), "policy": policy.text})


def mandate_leaf(mandate: Mandate) -> bytes:
    """The whole text of a mandate."""
    return canonical({"type": "mandate", "document": mandate.document})


def decision_text(verb: str, mandate: str, reason: str = "") -> str:
    """What a role signs: ``approve``, ``suspend`` or ``revoke``, the hash of the mandate, and the reason of an end."""
    lines = ["passerby-mandate/v1", verb, mandate, *([] if verb == "approve" else [_one_line(reason)])]
    return "\n".join([*lines, ""])


def sign_decision(verb: str, mandate: str, keys: Iterable[SigningKey], reason: str = "") -> list[str]:
    """Signature lines of these role keys. Raises LeafRefusedError where an end has no reason on one line."""
    text = decision_text(verb, mandate, reason)
    return [key.sign(text).line.removesuffix("\n") for key in keys]


def approval_leaf(mandate: str, signatures: list[str]) -> bytes:
    """Approval by the roles that signed."""
    return canonical({"type": "approval", "mandate": mandate, "signatures": signatures})


def notice_leaf(mandate: str, checkpoint: bytes) -> bytes:
    """Proof with the witnesses' times since when the mandate is public."""
    return canonical({"type": "notice", "mandate": mandate, "checkpoint": checkpoint.decode("utf-8")})


def end_leaf(kind: str, mandate: str, reason: str, signatures: list[str]) -> bytes:
    """``suspension`` or ``revocation`` with its reason, which the signatures cover."""
    return canonical({"type": kind, "mandate": mandate, "reason": reason, "signatures": signatures})


def read_leaf(data: bytes) -> dict[str, Any]:
    """A leaf as JSON values; empty where it is not canonical, or has other fields than its type.

    Releases and budgets, of which a log has millions, are taken in any writing: they bring nothing into force.
    """
    try:
        values = json.loads(data)
        if not isinstance(values, dict):
            return {}
        kind = values.get("type")
        whole = kind in ("manifest", "budget-day") or (_has_form(kind, values) and canonical(values) == data)
    except (ValueError, RecursionError):
        return {}
    return values if whole else {}


def _has_form(kind: object, values: dict[str, Any]) -> bool:
    form = _FORMS.get(kind) if isinstance(kind, str) else None
    return form is None or set(values) == {"type", *form}


def _one_line(reason: str) -> str:
    if not (0 < len(reason) <= LONGEST_REASON and reason.isprintable() and reason.strip() == reason):
        raise LeafRefusedError(
            "end of a mandate has no reason",
            expected=f"one line of at most {LONGEST_REASON} characters",
            came=f"{len(reason)} characters",
        )
    return reason
