"""Believe nothing: read the log from its files alone and recompute everything that was published."""

from dataclasses import dataclass
from datetime import UTC, datetime

from passerby.apps.node.house import House
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.standing import State
from passerby.gate.mandate import LogView
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.verify import LogReport, verify_log
from passerby.public.store import query
from passerby.tlog.client import Client
from passerby.tlog.policy import Policy


class VerdictError(PasserbyError):
    """What is published is not what is logged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was verified. ``mandates``: titles of those in force, proven from the log."""

    report: LogReport
    mandates: tuple[str, ...]

    @property
    def text(self) -> str:
        """The verdict in one sentence."""
        c, r = self.report.checkpoint, self.report
        return (
            f"{c.size:,} leaves, root {c.root.hex()[:16]}…, cosigned by {len(c.cosigned)} of {r.witnesses}; "
            f"{len(self.mandates)} mandates proven; every one of {r.compared:,} releases matches its manifest."
        )


def verify_all(house: House) -> Verdict:
    """From the policy file, the log's files and the open data to a verdict.

    Raises VerdictError, and what ``verify_log`` and ``LogView`` raise.
    """
    policy = Policy.parse((house.city.state / "policy.txt").read_bytes())
    fetch = directory_fetch(house.log_folder)

    def lines(root: str) -> bytes:
        entry = query.batch(house.store, root)
        return b"" if entry is None else "".join(f"{line}\n" for line in query.batch_lines(house.store, entry)).encode()

    report = verify_log(fetch, policy, read_batch=lines)
    view = LogView(Client(fetch, policy), house.roles)
    view.refresh()
    standings = view.standings(datetime.now(UTC))
    proven = tuple(standing.mandate.title for standing in standings if standing.state is State.IN_FORCE)
    if report.compared != report.released or report.compared != len(house.store) or report.foreign or not proven:
        raise VerdictError(
            "published numbers and log do not agree",
            expected=f"{report.released} releases, all of mandates in force",
            came=f"{report.compared} recomputed, {len(house.store)} stored, {len(proven)} mandates in force",
        )
    return Verdict(report, proven)
