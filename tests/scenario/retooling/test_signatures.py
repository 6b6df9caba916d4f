"""Retooling by signatures and roles."""

from dataclasses import replace
from typing import Any

from passerby.gate.mandate import (
    Limits,
    LogView,
    LogViewError,
    NotAuthorizedError,
    Roles,
    RolesError,
    approval_leaf,
    end_leaf,
    mandate_leaf,
    sign_decision,
)
from passerby.gate.mandate.leaf import LeafRefusedError
from passerby.public.ledger.fetch import directory_fetch
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, SigningKey

STRANGER = SigningKey("stranger", KeyType.ED25519, bytes([99] * 32))


def view_with(town: Any, roles: Roles) -> LogView:
    view = LogView(Client(directory_fetch(town.directory), town.policy), roles)
    view.refresh()
    return view


def test_sign_twice_with_one_key(town: Any, refuses: Any) -> None:
    """Put the council's line twice into one approval, to make two of it."""
    mandate = town.draft()
    town.log(mandate_leaf(mandate))
    (line,) = sign_decision("approve", mandate.hash, [town.role_keys["council"]])
    with refuses(
        LeafRefusedError,
        "approval of mandate town-square is not signed; expected signature lines of the city's roles over this "
        "mandate, each key once; got note has two signatures by one key. "
        "Sign the mandate as it is in the log: passerby mandate sign.",
    ):
        town.view().admit(approval_leaf(mandate.hash, [line, line]))


def test_approve_twice_with_one_key(town: Any, refuses: Any) -> None:
    """Log two approvals by the same role."""
    mandate = town.draft()
    town.give_notice(mandate)
    town.log(town.approval(mandate, "council"))
    town.log(town.approval(mandate, "council"))
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state logged. …"):
        town.authorize(mandate)


def test_one_key_for_two_roles(town: Any, refuses: Any) -> None:
    """Hold the ceremony with one key under two names."""
    copy = SigningKey("board", KeyType.ED25519, bytes([20] * 32)).verifier
    with refuses(RolesError, "two roles share a key; expected a key of its own for each role."):
        replace(town.roles, keys={**town.roles.keys, "board": copy})


def test_sign_with_a_strangers_key(town: Any, refuses: Any) -> None:
    """Approve with keys that nobody agreed on."""
    mandate = town.draft()
    town.log(mandate_leaf(mandate))
    with refuses(
        LeafRefusedError,
        "approval of mandate town-square is not signed; … got nobody who is trusted signed this. "
        "Sign the mandate as it is in the log: passerby mandate sign.",
    ):
        town.view().admit(approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, [STRANGER])))


def test_sign_with_the_key_of_the_log(town: Any, refuses: Any) -> None:
    """Approve with the key of the log, which the operator has."""
    mandate = town.draft()
    town.log(mandate_leaf(mandate))
    with refuses(LeafRefusedError, "approval of mandate town-square is not signed; … got nobody who is trusted …"):
        town.view().admit(approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, [town.log_key])))


def test_reuse_an_approval(town: Any, refuses: Any) -> None:
    """Take the signatures of an approved mandate for the next one."""
    town.enact()
    other = town.draft(lambda d: d["mandate"].update(id="station-square"))
    town.log(mandate_leaf(other))
    with refuses(
        LeafRefusedError,
        "approval of mandate station-square is not signed; … got signature of council does not fit the text. …",
    ):
        lines = sign_decision("approve", town.draft().hash, [town.role_keys["council"]])
        town.view().admit(approval_leaf(other.hash, lines))


def test_approve_in_advance(town: Any, refuses: Any) -> None:
    """Log the approval before the mandate, so that nobody reads it in time."""
    with refuses(NotAuthorizedError, "mandate … is not in the log; expected a mandate among the 1 leaves; …"):
        town.view().admit(town.approval(town.draft()))


def test_pass_an_approval_off_as_an_end(town: Any, refuses: Any) -> None:
    """Use approval lines to revoke somebody else's mandate."""
    mandate = town.enact()
    lines = sign_decision("approve", mandate.hash, town.role_keys.values())
    with refuses(LeafRefusedError, "revocation of mandate town-square is not signed; … does not fit the text. …"):
        town.view().admit(end_leaf("revocation", mandate.hash, "no longer needed", lines))


def test_rewrite_the_reason(town: Any, refuses: Any) -> None:
    """Log the board's suspension with a reason that it did not give."""
    mandate = town.enact()
    lines = sign_decision("suspend", mandate.hash, [town.role_keys["oversight"]], "the purpose is exceeded")
    with refuses(LeafRefusedError, "suspension of mandate town-square is not signed; … does not fit the text. …"):
        town.view().admit(end_leaf("suspension", mandate.hash, "maintenance", lines))


def test_revoke_alone(town: Any, refuses: Any) -> None:
    """End a mandate for ever with the key of one office."""
    mandate = town.enact()
    lines = sign_decision("revoke", mandate.hash, [town.role_keys["mobility"]], "in the way")
    with refuses(
        LeafRefusedError,
        "revocation of mandate town-square has too few signatures; expected 2 roles; got mobility. "
        "One oversight role alone can suspend it: passerby mandate suspend.",
    ):
        town.view().admit(end_leaf("revocation", mandate.hash, "in the way", lines))


def test_go_on_after_a_suspension(town: Any, refuses: Any) -> None:
    """Approve a suspended mandate again, with every role but oversight's."""
    mandate = town.enact()
    lines = sign_decision("suspend", mandate.hash, [town.role_keys["oversight"]], "the purpose is exceeded")
    town.log(end_leaf("suspension", mandate.hash, "the purpose is exceeded", lines))
    town.log(mandate_leaf(mandate), town.approval(mandate, "council", "mobility"))
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state suspended. …"):
        town.authorize(mandate)


def test_come_back_after_a_revocation(town: Any, refuses: Any) -> None:
    """Log and approve a revoked mandate once more."""
    mandate = town.enact()
    lines = sign_decision("revoke", mandate.hash, [town.role_keys["mobility"], town.role_keys["council"]], "done")
    town.log(end_leaf("revocation", mandate.hash, "done", lines))
    town.enact()
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state revoked. …"):
        town.authorize(mandate)


def test_lower_the_threshold(town: Any, refuses: Any) -> None:
    """Write threshold = 1 into roles.toml."""
    with refuses(
        LogViewError,
        "log names other roles, limits or witnesses than this node was given; expected those of the key ceremony; "
        "got a roles leaf that differs. Find out who changed roles.toml, city.toml or the log; "
        "until then nothing is measured.",
    ):
        view_with(town, replace(town.roles, threshold=1))


def test_add_a_role(town: Any, refuses: Any) -> None:
    """Write a key of one's own into roles.toml."""
    with refuses(LogViewError, "log names other roles, limits or witnesses than this node was given; …"):
        view_with(town, replace(town.roles, keys={**town.roles.keys, "stranger": STRANGER.verifier}))


def test_silence_oversight(town: Any, refuses: Any) -> None:
    """Strike the data protection officer from those who may suspend."""
    with refuses(LogViewError, "log names other roles, limits or witnesses than this node was given; …"):
        view_with(town, replace(town.roles, oversight=()))


def test_lift_the_limits(town: Any, refuses: Any) -> None:
    """Strike the [limits] from roles.toml."""
    with refuses(LogViewError, "log names other roles, limits or witnesses than this node was given; …"):
        view_with(town, replace(town.roles, limits=Limits()))
