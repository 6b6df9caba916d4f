"""Retooling by the log and its clocks."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passerby.gate.gate import GateError
from passerby.gate.mandate import (
    LogView,
    LogViewError,
    MandateError,
    NotAuthorizedError,
    mandate_leaf,
    notice_leaf,
)
from passerby.gate.mandate.leaf import roles_leaf
from passerby.public.ledger.errors import WitnessAheadError
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.client import Client, ForkError, RollbackError
from passerby.tlog.key import KeyType, NoKnownSignatureError, SigningKey
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy, QuorumError
from passerby.tlog.tiled import TileMismatchError


def read(directory: Path, policy: Policy, town: Any) -> LogView:
    view = LogView(Client(directory_fetch(directory), policy), town.roles)
    view.refresh()
    return view


def test_roll_the_log_back(town: Any, refuses: Any) -> None:
    """Show the node a copy of the log from before the suspension."""
    town.log(mandate_leaf(town.draft()))
    shutil.copytree(town.directory, town.folder / "old")
    town.log(b"{}")
    seen = town.view().checkpoint
    with refuses(
        RollbackError,
        "log.town.example shrank from 3 to 2 leaves; expected a log that grows from size 3, root …; got size 2, root …",
    ):
        town.view(seen=seen, log="old")


def test_restore_an_old_log(town: Any, refuses: Any) -> None:
    """Put back the log of last week and write on."""
    shutil.copytree(town.directory, town.folder / "old")
    shutil.copytree(town.folder / "log-journal", town.folder / "old-journal")
    town.log(mandate_leaf(town.draft()))
    town.ledger.close()
    for name in ("log", "log-journal"):
        shutil.rmtree(town.folder / name)
    shutil.copytree(town.folder / "old", town.folder / "log")
    shutil.copytree(town.folder / "old-journal", town.folder / "log-journal")
    ledger = town.reopen_ledger()
    with refuses(
        WitnessAheadError,
        "a witness has seen this log at size 2; expected at most 1. "
        "Stop. Restore the log from a backup, or find out who else signs with its key.",
    ):
        ledger.publish()


def test_show_the_node_another_log(town: Any, refuses: Any) -> None:
    """Give the node a log of the same name, signed with another key."""
    forged = SigningKey("log.town.example", KeyType.ED25519, bytes([77] * 32))
    head = town.view().checkpoint.note
    (town.directory / "checkpoint").write_bytes(Note(head.text, (forged.sign(head.text),)).encode())
    with refuses(NoKnownSignatureError, "nobody who is trusted signed this; expected a signature by log.town.example…"):
        town.view()


def test_fork_the_log(town: Any, refuses: Any) -> None:
    """Keep a second log with the same key, and have witnesses sign it that lost their memory."""
    seen = town.log(mandate_leaf(town.draft()))
    fork = town.open_ledger("fork")
    fork.append([b"{}", b"[]", b"0"])
    fork.publish()
    with refuses(
        ForkError,
        "log.town.example was rewritten; expected a log that grows from size 2, root …; got size 3, root …",
    ):
        town.view(seen=seen, log="fork")


def test_begin_a_new_log(town: Any, refuses: Any) -> None:
    """After a suspension begin a new log, with the same roles, and log the mandate with its old signatures."""
    mandate = town.enact()
    key = SigningKey("log-2.town.example", KeyType.ED25519, bytes([88] * 32))
    policy = Policy.of(key.verifier, [witness.verifier for witness in town.witness_keys], 2)
    witnesses = [
        LocalWitness(town.folder / f"new-{witness.name}", witness, [key.verifier], clock=town.now.timestamp)
        for witness in town.witness_keys
    ]
    with Ledger.open(town.folder / "new", key, policy, witnesses) as ledger:
        ledger.append([roles_leaf(town.roles, policy), mandate_leaf(mandate), town.approval(mandate)])
        ledger.publish()
    for witness in witnesses:
        witness.close()
    with refuses(
        MandateError,
        "mandate town-square is for another log; expected log.town.example; got log-2.town.example. "
        "A new log needs new decisions: what was ended in the old one must not come back.",
    ):
        view = read(town.folder / "new", policy, town)
        assert view.standings(town.now) == ()
        view.admit(mandate_leaf(mandate))


def test_do_without_witnesses(town: Any, refuses: Any) -> None:
    """Sign a checkpoint that no witness has seen."""
    head = town.view().checkpoint.note
    (town.directory / "checkpoint").write_bytes(Note(head.text, (town.log_key.sign(head.text),)).encode())
    with refuses(
        QuorumError,
        "too few witnesses cosigned log.town.example at size 1; expected the quorum witnesses; got nobody. "
        "Ask again later; until then believe the last checkpoint that had its quorum.",
    ):
        town.view()


@pytest.mark.parametrize("quorum", [0, 1])
def test_lower_the_quorum(quorum: int, town: Any, refuses: Any) -> None:
    """Write a smaller quorum into city.toml."""
    policy = Policy.of(town.log_key.verifier, [key.verifier for key in town.witness_keys], quorum)
    with refuses(LogViewError, "log names other roles, limits or witnesses than this node was given; …"):
        read(town.directory, policy, town)


def test_replace_a_witness(town: Any, refuses: Any) -> None:
    """Put a witness of one's own in the place of the newspaper."""
    own = SigningKey("own.example", KeyType.COSIGNATURE, bytes([66] * 32))
    policy = Policy.of(town.log_key.verifier, [town.witness_keys[0].verifier, own.verifier], 2)
    head = town.view().checkpoint.note
    cosigned = own.cosign(head.text, int(town.now.timestamp()))
    (town.directory / "checkpoint").write_bytes(head.with_signatures(cosigned).encode())
    with refuses(LogViewError, "log names other roles, limits or witnesses than this node was given; …"):
        read(town.directory, policy, town)


def test_rewrite_a_leaf(town: Any, refuses: Any) -> None:
    """Change the text of a logged mandate in the files of the log."""
    town.log(mandate_leaf(town.draft()))
    file = town.directory / "tile/entries/000.p/2"
    file.write_bytes(file.read_bytes().replace(b"Planning of the market", b"Fines in  the   market"))
    with refuses(TileMismatchError, "…"):
        town.view()


def test_a_stale_checkpoint(town: Any, refuses: Any) -> None:
    """Cut the node off from the log, so that it hears of no suspension."""
    mandate = town.enact()
    later = town.now + timedelta(seconds=3601)
    with refuses(
        NotAuthorizedError,
        "log is not fresh enough for mandate town-square; expected witnesses that saw it within 3600 s before now; "
        "got 2026-05-15T09:00:00Z, now 2026-05-15T10:00:01Z. Check the log, its witnesses and this machine's clock.",
    ):
        town.authorize(mandate, now=later)


def test_keep_a_dead_log_alive(town: Any, refuses: Any) -> None:
    """Let one befriended witness cosign the old checkpoint again and again."""
    mandate = town.enact()
    town.now += timedelta(hours=2)
    head = town.view().checkpoint.note
    fresh = town.witness_keys[0].cosign(head.text, int(town.now.timestamp()))
    (town.directory / "checkpoint").write_bytes(head.with_signatures(fresh).encode())
    with refuses(
        NotAuthorizedError,
        "log is not fresh enough for mandate town-square; … got 2026-05-15T09:00:00Z, now 2026-05-15T11:00:00Z. …",
    ):
        town.authorize(mandate)


def test_backdate_the_notice(town: Any, refuses: Any) -> None:
    """Start the notice period with a checkpoint from before the mandate was in the log."""
    old = town.view().checkpoint
    town.now += timedelta(days=30)
    mandate = town.draft()
    town.log(mandate_leaf(mandate))
    town.log(notice_leaf(mandate.hash, old.note.encode()), town.approval(mandate))
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state logged. …"):
        town.authorize(mandate)


def test_borrow_the_notice_of_a_fork(town: Any, refuses: Any) -> None:
    """Start the notice period with an old checkpoint of another log, signed by the same parties."""
    fork = town.open_ledger("fork")
    fork.append([b"{}", b"[]"])
    old = fork.publish()
    town.now += timedelta(days=30)
    mandate = town.draft()
    town.log(mandate_leaf(mandate))
    town.log(notice_leaf(mandate.hash, old.note.encode()), town.approval(mandate))
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state logged. …"):
        town.authorize(mandate)


def test_start_within_the_notice(town: Any, refuses: Any) -> None:
    """Measure one second before the notice period ends."""
    mandate = town.enact()
    town.now -= timedelta(seconds=1)
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state notice. …"):
        town.authorize(mandate)


def test_set_the_clock_forward(town: Any, refuses: Any) -> None:
    """Skip the notice period by setting the node's clock to its end."""
    mandate = town.draft()
    seen = town.log(mandate_leaf(mandate))
    town.log(notice_leaf(mandate.hash, seen.note.encode()), town.approval(mandate))
    with refuses(
        NotAuthorizedError,
        "log is not fresh enough for mandate town-square; … got 2026-05-01T09:00:00Z, now 2026-05-16T09:00:00Z. …",
    ):
        town.authorize(mandate, now=town.now + timedelta(days=15))


def test_set_the_clock_back(town: Any, refuses: Any) -> None:
    """Go on after the expiry with the clock of a node that is set to the last day."""
    mandate = town.enact()
    town.now = mandate.expires + timedelta(days=1)
    town.advance()
    with refuses(
        NotAuthorizedError,
        "log is not fresh enough for mandate town-square; … got 2026-09-01T21:00:00Z, now 2026-08-31T11:00:00Z. …",
    ):
        town.authorize(mandate, now=datetime(2026, 8, 31, 11, tzinfo=UTC))


def test_replay_an_expired_mandate(town: Any, refuses: Any) -> None:
    """Log and approve a mandate again after it ended."""
    mandate = town.enact()
    town.now = mandate.expires
    town.enact()
    with refuses(NotAuthorizedError, "mandate town-square is not in force; … got state expired. …"):
        town.authorize(mandate)


def test_measure_across_the_expiry(town: Any, refuses: Any) -> None:
    """Release the window in which the mandate ends, with a proof from its first minute."""
    mandate = town.enact(lambda d: d["schedule"].update(expires="2026-06-01T10:07:00Z"))
    town.now = datetime(2026, 6, 1, 10, 6, tzinfo=UTC)
    town.advance()
    with refuses(
        GateError,
        "square/area_entries/market/person is not mandated in 2026-06-01T10:00:00Z/2026-06-01T10:15:00Z; expected a "
        "cell of the mandate, and a window that its authorization and the mandate cover whole. "
        "Ask the log view for an authorization of this window.",
    ):
        town.release(town.gate(), mandate)


def test_measure_at_night(town: Any, refuses: Any) -> None:
    """Decode outside the mandated hours."""
    mandate = town.enact()
    town.now = datetime(2026, 6, 1, 1, tzinfo=UTC)
    town.advance()
    with refuses(
        NotAuthorizedError,
        "mandate town-square does not cover this hour; expected 2026-05-15T09:00:00Z to 2026-08-31T21:00:00Z, "
        "local hours (6, 24); got 2026-06-01T01:00:00Z.",
    ):
        town.authorize(mandate)


def test_release_tomorrow_today(town: Any, refuses: Any) -> None:
    """Let a camera's clock run ahead, so that today's people are counted as tomorrow's."""
    mandate = town.enact()
    with refuses(
        NotAuthorizedError,
        "mandate town-square is asked about the future; expected an instant before 2026-05-15T09:02:00Z; "
        "got 2026-05-16T09:00:00Z. Check the clocks of the camera and of this machine.",
    ):
        town.authorize(mandate, instant=town.now + timedelta(days=1), now=town.now)


def test_two_midnights(town: Any, refuses: Any) -> None:
    """Give a second mandate another time zone, so that two budgets cover one evening."""
    town.enact()

    def elsewhere(document: dict[str, Any]) -> None:
        document["mandate"]["id"] = "square-again"
        document["schedule"]["zone"] = "Pacific/Auckland"

    with refuses(
        NotAuthorizedError,
        "mandate square-again has another time zone for square than mandate town-square; expected Europe/Tallinn; "
        "got Pacific/Auckland. Use one zone for all mandates of a sensor, or revoke the earlier one.",
    ):
        town.authorize(town.enact(elsewhere))


PROGRAM = """
from datetime import datetime, UTC
from pathlib import Path
from passerby.apps.node.roles_file import read_roles
from passerby.gate.mandate import LogView
from passerby.public.ledger.fetch import directory_fetch
from passerby.tlog.client import Client
from passerby.tlog.policy import Policy
folder = Path(".")
view = LogView(Client(directory_fetch(folder / "log"), Policy.parse((folder / "policy").read_bytes())),
               read_roles(folder / "roles.toml"))
view.refresh()
night = datetime(2026, 5, 15, 21, 30, tzinfo=UTC)
mandate = view.standings(night)[0].mandate
try:
    view.authorize(mandate.hash, "square", night, night)
except Exception as error:
    print(error)
"""


@pytest.mark.parametrize(
    "setting",
    [
        {"PYTHONOPTIMIZE": "2", "PASSERBY_DEBUG": "1", "DEBUG": "1", "PASSERBY_SKIP_MANDATE": "1"},
        {"PYTHONTZPATH": "zones", "TZ": "Pacific/Auckland"},
    ],
    ids=["debug", "time_zones"],
)
def test_environment_variables(setting: dict[str, str], town: Any, refuses: Any, tmp_path: Path) -> None:
    """Strip assertions, set debug variables, or put other rules into the time zone of the city."""
    town.enact()
    town.now = datetime(2026, 5, 15, 21, 30, tzinfo=UTC)
    town.advance()
    town.write_settings()
    (tmp_path / "zones/Europe").mkdir(parents=True)
    shutil.copy(Path(sys.modules["tzdata"].__path__[0]) / "zoneinfo/Etc/UTC", tmp_path / "zones/Europe/Tallinn")
    with refuses(
        NotAuthorizedError,
        "mandate town-square does not cover this hour; expected 2026-05-15T09:00:00Z to 2026-08-31T21:00:00Z, "
        "local hours (6, 24); got 2026-05-15T21:30:00Z.",
    ):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=tmp_path,
            env={"PYTHONPATH": ":".join(sys.path), **setting},
            capture_output=True,
            text=True,
            check=True,
        )
        raise town.as_error(NotAuthorizedError, done.stdout.strip())
