"""A city's mandates by what it serves to everybody: for people who have its policy and nothing else of it."""

from collections.abc import Sequence

from passerby.gate.audit import Audit, AuditReport
from passerby.gate.mandate import LogView, Roles, read_leaf
from passerby.public.ledger.fetch import http_fetch
from passerby.tlog.client import Client
from passerby.tlog.policy import Policy


def view_site(site: str, policy: Policy, roles: Roles | None = None) -> LogView:
    """Read what the log of a site proves about mandates.

    ``roles``: of the key ceremony; those of the log's first leaf, which its witnesses have seen, where None.
    Raises UnreachableError, RolesError, LogViewError and what the log's client raises.
    """
    client = _client(site, policy)
    view = LogView(client, roles or _logged_roles(client))
    view.refresh()
    return view


def audit_site(site: str, policy: Policy, roles: Roles | None = None) -> AuditReport:
    """Read log and released numbers from a site and hold them against each other. ``roles`` and errors as above."""
    client, fetch = _client(site, policy), http_fetch(site)

    def lines(root: str) -> Sequence[str]:
        return fetch(f"api/v1/batches/{root}.csv").decode("utf-8").splitlines()

    return Audit(client, roles or _logged_roles(client), lines).run()


def _client(site: str, policy: Policy) -> Client:
    return Client(http_fetch(f"{site.rstrip('/')}/log"), policy)


def _logged_roles(client: Client) -> Roles:
    client.checkpoint()
    return Roles.of_values(read_leaf(next(iter(client.entries(0, 1)), b"{}")))
