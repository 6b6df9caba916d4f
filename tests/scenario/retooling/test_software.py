"""Retooling by changed software: what the machine lets out, the audit of its log finds."""

from typing import Any

import pytest

from passerby.datatypes.mandate import Mandate
from passerby.gate.audit import Audit, AuditError
from passerby.gate.canonical import canonical
from passerby.gate.manifest import batch_root, manifest_leaf
from passerby.public.ledger.fetch import directory_fetch
from passerby.tlog.client import Client


class Machine:
    """A node whose owner changed its software: it signs and logs whatever it likes."""

    def __init__(self, town: Any) -> None:
        self._town = town
        self.batches: dict[str, tuple[str, ...]] = {}
        self.mandate: Mandate = town.enact()
        gate = town.gate()
        for _ in range(2):
            honest = town.release(gate, self.mandate)
            self.batches[honest.root] = honest.lines
            town.advance(minutes=15)
        self.lines: tuple[str, ...] = honest.lines

    def publish(self, *lines: str, mandate: Mandate | None = None, sequence: int = 2) -> None:
        root = batch_root(lines)
        self.batches[root] = lines
        named = (mandate or self.mandate).hash
        self._town.log(manifest_leaf(self._town.node_key, sequence, named, len(lines), root))

    def later(self) -> list[str]:
        """The lines of the next window, as they would be."""
        return [line.replace("T09:30:00Z", "T09:45:00Z").replace("T09:15:00Z", "T09:30:00Z") for line in self.lines]

    def audit(self) -> None:
        client = Client(directory_fetch(self._town.directory), self._town.policy)
        Audit(client, self._town.roles, lambda root: self.batches[root]).run().require()


@pytest.fixture
def machine(town: Any) -> Machine:
    """Before anything is changed, and after an honest third batch, the audit finds nothing."""
    made = Machine(town)
    made.audit()
    return made


def test_less_noise(machine: Machine, refuses: Any) -> None:
    """Patch the mechanism so that the numbers are nearly exact."""
    machine.publish(*(line.replace(",6.666667,20,", ",0.500000,1,") for line in machine.later()))
    with refuses(
        AuditError,
        "released numbers are not as mandated; expected every number as its mandate and the budget of its day say; "
        "got leaf …: square,area_entries,market,person,2026-05-15T09:30:00Z,2026-05-15T09:45:00Z "
        "has noise of scale 0.500000, not 6.666667. Show leaf and line to the oversight board: they prove it.",
    ):
        machine.audit()


def test_hide_the_noise(machine: Machine, refuses: Any) -> None:
    """Use less noise and write the mandated scale beside it, with the narrow interval that belongs to it."""
    machine.publish(*(line.replace(",6.666667,20,", ",6.666667,1,") for line in machine.later()))
    with refuses(AuditError, "released numbers are not as mandated; … has noise of scale 6.666667, not 6.666667. …"):
        machine.audit()


def test_draw_again(machine: Machine, refuses: Any) -> None:
    """Patch the journal away and release the window that came out too high once more."""
    machine.publish(*machine.lines)
    with refuses(AuditError, "released numbers are not as mandated; …2026-05-15T09:30:00Z was released before. …"):
        machine.audit()


def test_measure_something_else(machine: Machine, refuses: Any) -> None:
    """Release cars, or faces, under the mandate for people."""
    machine.publish(*(line.replace(",market,person,", ",market,car,") for line in machine.later()))
    with refuses(AuditError, "released numbers are not as mandated; … is no number of the mandate. …"):
        machine.audit()


def test_measure_by_the_minute(machine: Machine, refuses: Any) -> None:
    """Release windows of one minute."""
    machine.publish(*(line.replace("T09:45:00Z", "T09:31:00Z") for line in machine.later()))
    with refuses(AuditError, "released numbers are not as mandated; … is no window of the mandate. …"):
        machine.audit()


def test_measure_at_another_time(machine: Machine, refuses: Any) -> None:
    """Release a day from within the notice period."""
    machine.publish(*(line.replace("2026-05-15T09", "2026-05-14T09") for line in machine.lines))
    with refuses(AuditError, "released numbers are not as mandated; … is of a time when the mandate was notice. …"):
        machine.audit()


def test_go_on_in_secret(machine: Machine, refuses: Any) -> None:
    """Go on after the expiry."""
    machine.publish(*(line.replace("2026-05-15T", "2026-10-15T") for line in machine.lines))
    with refuses(AuditError, "released numbers are not as mandated; … is no window of the mandate. …"):
        machine.audit()


def test_forget_the_budget(machine: Machine, refuses: Any) -> None:
    """Open no day's budget in the log."""
    machine.publish(*(line.replace("2026-05-15T", "2026-05-16T") for line in machine.lines))
    with refuses(
        AuditError, "released numbers are not as mandated; … is of 2026-05-16, whose budget was not charged. …"
    ):
        machine.audit()


def test_overdraw_the_budget(machine: Machine, town: Any, refuses: Any) -> None:
    """Charge a second mandate for the same day, beyond the cap."""
    second = town.enact(lambda d: d["mandate"].update(id="square-again"))
    leaf = {"type": "budget-day", "day": "2026-05-15", "node": "node.town.example", "sensors": {"square": "1.6"}}
    town.log(canonical({**leaf, "mandate": second.hash}))
    with refuses(
        AuditError,
        "released numbers are not as mandated; … got leaf …: square on 2026-05-15 was charged ε/K 1.6; its cap is 1. …",
    ):
        machine.audit()


def test_release_without_a_mandate(machine: Machine, town: Any, refuses: Any) -> None:
    """Release under a text that is not in the log."""
    draft = town.draft(lambda d: d["purpose"].update(decision="Another"))
    machine.publish(*(line.replace(machine.mandate.hash, draft.hash) for line in machine.later()), mandate=draft)
    with refuses(
        AuditError, "released numbers are not as mandated; … released under …, which is no mandate of this log. …"
    ):
        machine.audit()


def test_publish_other_numbers(machine: Machine, refuses: Any) -> None:
    """Log one batch and serve another."""
    machine.publish(*machine.later())
    root = list(machine.batches)[-1]
    machine.batches[root] = tuple(machine.lines)
    with refuses(AuditError, "released numbers are not as mandated; … published lines are not those of root …"):
        machine.audit()


def test_hold_a_batch_back(machine: Machine, refuses: Any) -> None:
    """Keep the batches of an evening out of the log and go on with the next."""
    machine.publish(*machine.later(), sequence=5)
    with refuses(
        AuditError,
        "released numbers are not as mandated; … batch 2 of node.town.example is not in the log, and later ones are. …",
    ):
        machine.audit()
