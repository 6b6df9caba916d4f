"""The audit of a city by what it serves to everybody."""

from collections.abc import Sequence

from passerby.gate.audit import Audit, AuditReport
from passerby.gate.mandate import Roles, read_leaf
from passerby.public.ledger.fetch import http_fetch
from passerby.tlog.client import Client
from passerby.tlog.policy import Policy


def audit_site(site: str, policy: Policy, roles: Roles | None = None) -> AuditReport:
    """Read log and released numbers from a site and hold them against each other.

    ``roles``: of the key ceremony; those of the log's first leaf, which its witnesses have seen, where None.
    Raises UnreachableError, RolesError, LogViewError and what the log's client raises.
    """
    fetch = http_fetch(site)
    client = Client(http_fetch(f"{site.rstrip('/')}/log"), policy)

    def lines(root: str) -> Sequence[str]:
        return fetch(f"api/v1/batches/{root}.csv").decode("utf-8").splitlines()

    if roles is None:
        client.checkpoint()
        roles = Roles.of_values(read_leaf(next(iter(client.entries(0, 1)), b"{}")))
    return Audit(client, roles, lines).run()
