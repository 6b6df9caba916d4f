"""Parse, verify, authorize: what may be measured, as the open log proves it."""

from passerby.gate.mandate.authorize import NotAuthorizedError
from passerby.gate.mandate.document import MandateError, parse_document, parse_toml
from passerby.gate.mandate.leaf import (
    LeafRefusedError,
    approval_leaf,
    end_leaf,
    mandate_leaf,
    notice_leaf,
    read_leaf,
    sign_decision,
)
from passerby.gate.mandate.roles import Limits, LimitsError, Roles, RolesError
from passerby.gate.mandate.schema import PROHIBITED_USES, SCHEMA
from passerby.gate.mandate.view import LogView, LogViewError

__all__ = [
    "PROHIBITED_USES",
    "SCHEMA",
    "LeafRefusedError",
    "Limits",
    "LimitsError",
    "LogView",
    "LogViewError",
    "MandateError",
    "NotAuthorizedError",
    "Roles",
    "RolesError",
    "approval_leaf",
    "end_leaf",
    "mandate_leaf",
    "notice_leaf",
    "parse_document",
    "parse_toml",
    "read_leaf",
    "sign_decision",
]
