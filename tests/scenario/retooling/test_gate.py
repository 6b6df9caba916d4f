"""Retooling by budgets, journals and nodes."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passerby.edge.capture import CaptureError, RecordingSource, open_stream
from passerby.gate.canonical import canonical
from passerby.gate.gate import GateError
from passerby.gate.mandate import end_leaf, sign_decision
from passerby.gate.privacy.accountant import BudgetError
from passerby.gate.privacy.journal import JournalError
from passerby.tlog.key import KeyType, SigningKey


def again(document: dict[str, Any], **privacy: str) -> None:
    """The same use under another name."""
    document["mandate"]["id"] = "square-again"
    document["privacy"].update(privacy)


def test_split_one_use_over_two_mandates(town: Any, refuses: Any) -> None:
    """Have one use approved twice, so that its budget doubles."""
    first, second = town.enact(), town.enact(again)
    gate = town.gate()
    town.release(gate, first)
    with refuses(
        BudgetError,
        "budget of square on 2026-05-29 is spent; expected at most ε 2 a day over all mandates; "
        "got ε 1.6 already, and 1.6 more. End another mandate for this sensor first.",
    ):
        town.release(gate, second)


def test_overlap_areas_to_difference_them(town: Any, refuses: Any) -> None:
    """Have a second area approved that lacks one doorway, and subtract."""

    def without_the_doorway(document: dict[str, Any]) -> None:
        again(document)
        document["measure"][0].update(subject="rest", polygon=[[130, 200], [600, 200], [700, 500], [60, 500]])

    first, second = town.enact(), town.enact(without_the_doorway)
    gate = town.gate()
    town.release(gate, first)
    with refuses(BudgetError, "budget of square on 2026-05-29 is spent; …"):
        town.release(gate, second)


def test_count_in_another_k(town: Any, refuses: Any) -> None:
    """Let a second mandate count ε for four tracks, so that its sum looks small."""

    def for_four(document: dict[str, Any]) -> None:
        again(document, sensor_cap="4")
        document["privacy"]["tracks"] = 4

    first, second = town.enact(), town.enact(for_four)
    gate = town.gate()
    town.release(gate, first)
    with refuses(
        BudgetError,
        "budget of square on 2026-05-29 is spent; expected at most ε 4 a day over all mandates; "
        "got ε 3.2 already, and 1.6 more. End another mandate for this sensor first.",
    ):
        town.release(gate, second)


def test_restart_to_redraw(town: Any, refuses: Any) -> None:
    """Stop the node after a release and measure the same window again."""
    mandate = town.enact()
    gate = town.gate()
    town.release(gate, mandate)
    town.stop_nodes()
    with refuses(
        GateError,
        "square/area_entries/market/person was released for 2026-05-15T09:00:00Z/2026-05-15T09:15:00Z already; "
        "expected windows from 2026-05-15T09:15:00Z on, each once; "
        "got 2026-05-15T09:00:00Z/2026-05-15T09:15:00Z. A number is drawn once. Read it from the store.",
    ):
        town.release(town.gate(), mandate)


def test_delete_the_journal(town: Any, refuses: Any) -> None:
    """Remove the journal, so that the day's budget is whole again."""
    mandate = town.enact()
    gate = town.gate()
    town.release(gate, mandate)
    town.stop_nodes()
    (town.folder / "journal").unlink()
    with refuses(
        GateError,
        "journal is older than the log; expected a journal that knows batch 0 of node.town.example; "
        "got one that ends before batch 0. Restore the journal that was in use last. "
        "Without it this node must never release again.",
    ):
        town.release(town.gate(), mandate)


def test_put_back_an_old_journal(town: Any, refuses: Any) -> None:
    """Copy the journal in the morning and put it back at night."""
    mandate = town.enact()
    gate = town.gate()
    town.release(gate, mandate)
    shutil.copy(town.folder / "journal", town.folder / "morning")
    town.advance(minutes=15)
    town.release(gate, mandate)
    town.stop_nodes()
    shutil.copy(town.folder / "morning", town.folder / "journal")
    with refuses(
        GateError,
        "journal is older than the log; expected a journal that knows batch 1 of node.town.example; "
        "got one that ends before batch 1. …",
    ):
        town.release(town.gate(), mandate)


def test_edit_the_journal(town: Any, refuses: Any) -> None:
    """Change a byte of what the journal remembers."""
    mandate = town.enact()
    gate = town.gate()
    town.release(gate, mandate)
    town.stop_nodes()
    path = town.folder / "journal"
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with refuses(
        JournalError,
        "journal does not fit at line 1; expected each line chained to the one before; "
        "got a line that was changed, lost or damaged. "
        "Keep the file for the audit: what was drawn is unknown. A new journal needs a new node.",
    ):
        town.gate()


def test_copy_the_nodes_key(town: Any, refuses: Any) -> None:
    """Run a second node with the same key and an empty journal."""
    mandate = town.enact()
    town.release(town.gate(), mandate)
    with refuses(GateError, "journal is older than the log; expected a journal that knows batch 0 of node.town.…"):
        town.release(town.gate(journal="copy"), mandate)


def test_rename_the_node(town: Any, refuses: Any) -> None:
    """Give the node another name, key and journal, and open the day once more."""
    mandate = town.enact()
    town.release(town.gate(), mandate)
    other = SigningKey("node-2.town.example", KeyType.ED25519, bytes([3] * 32))
    with refuses(
        BudgetError,
        "square is measured by another node on 2026-05-15; expected one node for each sensor and mandate; "
        "got node.town.example. Stop one of them; see the budget-day leaves of the log.",
    ):
        town.release(town.gate(other, "other"), mandate)


@pytest.mark.parametrize("said", ["-100", "0", "1e-9"])
def test_unsay_a_budget(said: str, town: Any, refuses: Any) -> None:
    """Log that another node was charged less than nothing, or less than it was, and spend the difference here."""
    first, second = town.enact(), town.enact(again)
    town.release(town.gate(), first)
    leaf = {"type": "budget-day", "day": "2026-05-29", "mandate": first.hash, "node": "node.town.example"}
    town.log(canonical({**leaf, "sensors": {"square": said}}))
    town.log(canonical({**leaf, "node": "node-3", "sensors": {"square": said}}))
    other = SigningKey("node-2.town.example", KeyType.ED25519, bytes([3] * 32))
    with refuses(
        BudgetError,
        "budget of square on 2026-05-29 is spent; expected at most ε 2 a day over all mandates; "
        "got ε 1.6 already, and 1.6 more. End another mandate for this sensor first.",
    ):
        town.release(town.gate(other, "other"), second)


def test_two_nodes_on_one_journal(town: Any, refuses: Any) -> None:
    """Start the node twice."""
    town.gate()
    with refuses(
        JournalError,
        "another node uses this journal; expected one node for each journal. Stop the other node first.",
    ):
        town.gate()


def test_keep_a_proof_for_later(town: Any, refuses: Any) -> None:
    """Ask for a proof, wait for the suspension, and release with the proof."""
    mandate = town.enact()
    measures = town.measures(mandate)
    proof = town.view().authorize(mandate.hash, "square", measures[0].window.start, town.now)
    lines = sign_decision("suspend", mandate.hash, [town.role_keys["oversight"]], "the purpose is exceeded")
    town.log(end_leaf("suspension", mandate.hash, "the purpose is exceeded", lines))
    town.advance(minutes=2)
    with refuses(
        GateError,
        "proof of mandate town-square is not fresh; expected one asked for within 5 s; got one of "
        "2026-05-15T09:00:00Z, now 2026-05-15T09:02:00Z. "
        "Ask the log view again: the mandate may have been suspended.",
    ):
        town.gate().release(measures, [proof])


def test_open_the_camera_with_an_old_proof(town: Any, refuses: Any, tmp_path: Path) -> None:
    """Decode with a proof of an hour ago, without asking again."""
    mandate = town.enact()
    proof = town.authorize(mandate)
    (tmp_path / "square.avi").write_bytes(b"")
    with refuses(
        CaptureError,
        "camera square is not opened; expected an authorization from 2026-05-15 09:00:00+00:00 to "
        "2026-05-15 09:00:05+00:00 that covers now; got 2026-05-15 10:00:00+00:00. Ask the gate again.",
    ):
        open_stream(RecordingSource(tmp_path / "square.avi"), proof, begin=town.now + timedelta(hours=1))


def test_leave_out_the_zeros(town: Any, refuses: Any) -> None:
    """Release only the cells in which something happened."""
    mandate = town.enact()
    some = town.measures(mandate)[:-1]
    proof = town.view().authorize(mandate.hash, "square", some[0].window.start, town.now)
    with refuses(
        GateError,
        "square is not complete in 2026-05-15T09:00:00Z/2026-05-15T09:15:00Z; "
        "expected every cell of the mandate once, zeros and outages included; got 4 of 5 cells.",
    ):
        town.gate().release(some, [proof])


def test_release_by_the_minute(town: Any, refuses: Any) -> None:
    """Release finer windows than the mandate has."""
    mandate, minutes = town.enact(), town.draft(lambda d: d["privacy"]["resolution"][0].update(seconds=60))
    measures = town.measures(minutes)
    proof = town.view().authorize(mandate.hash, "square", measures[0].window.start, town.now)
    with refuses(
        GateError,
        "2026-05-15T09:00:00Z/2026-05-15T09:01:00Z is not on the grid; "
        "expected 2026-05-15T09:00:00Z/2026-05-15T09:15:00Z, of 900 s.",
    ):
        town.gate().release(measures, [proof])


def test_release_what_nobody_approved(town: Any, refuses: Any) -> None:
    """Measure cars too, and put them into the batch."""
    mandate, cars = town.enact(), town.draft(lambda d: d["measure"][0]["categories"].append("car"))
    measures = town.measures(cars)
    proof = town.view().authorize(mandate.hash, "square", measures[0].window.start, town.now)
    with refuses(
        GateError, "square/area_entries/market/car is not mandated in 2026-05-15T09:00:00Z/2026-05-15T09:15:00Z; …"
    ):
        town.gate().release(measures, [proof])


def test_measure_in_secret_where_the_day_is_long(town: Any, refuses: Any) -> None:
    """Use the hour that comes twice in autumn to release one window twice."""
    mandate = town.enact(lambda d: d["schedule"].update(hours=[0, 24], expires="2026-11-01T00:00:00Z"))
    gate = town.gate()
    town.now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 03:30 in Tallinn, for the first time
    town.advance()
    town.release(gate, mandate)
    town.advance(hours=1)  # 03:30 for the second time
    town.release(gate, mandate)
    with refuses(GateError, "square/area_entries/market/person was released for 2026-10-25T00:30:00Z/… already; …"):
        town.release(gate, mandate, town.now - timedelta(hours=1))
