"""Bring a mandate into force: log it, have witnesses see it, log the notice and the approval."""

from collections.abc import Sequence

from passerby.apps.node.house import House
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing
from passerby.gate.mandate import approval_leaf, mandate_leaf, notice_leaf


def enact(house: House, mandate: Mandate, signatures: Sequence[str]) -> Standing:
    """Log the mandate, the proof with the witnesses' times that starts its notice period, and its approval.

    ``signatures``: signature lines of the roles that approve. Returns where the mandate stands after that.
    Raises QuorumError where too few witnesses answer; the mandate is logged then, and its notice has not begun.
    """
    house.ledger.append([mandate_leaf(mandate)])
    seen = house.ledger.publish()
    house.ledger.append([notice_leaf(mandate.hash, seen.note.encode()), approval_leaf(mandate.hash, list(signatures))])
    house.publish_log()
    return house.standing(mandate.hash)
