"""What mandates write into the log; ``spec/mandate.md`` describes it."""

from collections.abc import Iterable

from passerby.datatypes.mandate import Mandate
from passerby.gate.canonical import canonical
from passerby.gate.mandate.roles import Roles
from passerby.tlog.key import SigningKey


def roles_leaf(roles: Roles) -> bytes:
    """The roles of the city, for everybody to see."""
    return canonical({"type": "roles", **roles.values()})


def mandate_leaf(mandate: Mandate) -> bytes:
    """The whole text of a mandate."""
    return canonical({"type": "mandate", "document": mandate.document})


def decision_text(verb: str, mandate: str) -> str:
    """What a role signs: ``approve``, ``suspend`` or ``revoke`` and the hash of the mandate."""
    return f"passerby-mandate/v1\n{verb}\n{mandate}\n"


def sign_decision(verb: str, mandate: str, keys: Iterable[SigningKey]) -> list[str]:
    """Signature lines of these role keys."""
    return [key.sign(decision_text(verb, mandate)).line.removesuffix("\n") for key in keys]


def approval_leaf(mandate: str, signatures: list[str]) -> bytes:
    """Approval by the roles that signed."""
    return canonical({"type": "approval", "mandate": mandate, "signatures": signatures})


def notice_leaf(mandate: str, checkpoint: bytes) -> bytes:
    """Proof with the witnesses' times since when the mandate is public."""
    return canonical({"type": "notice", "mandate": mandate, "checkpoint": checkpoint.decode("utf-8")})


def end_leaf(kind: str, mandate: str, reason: str, signatures: list[str]) -> bytes:
    """``suspension`` or ``revocation`` with its reason."""
    return canonical({"type": kind, "mandate": mandate, "reason": reason, "signatures": signatures})
