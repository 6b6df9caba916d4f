"""What the leaves of a city's log say: a closed set of canonical JSON objects (RFC 8785), see ``spec/ledger.md``."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785

from passerby.tlog.errors import ParseError

FIELDS: Mapping[str, tuple[str, ...]] = {
    "roles": ("roles", "threshold", "oversight", "limits", "policy"),
    "mandate": ("document",),
    "approval": ("mandate", "signatures"),
    "notice": ("mandate", "checkpoint"),
    "suspension": ("mandate", "reason", "signatures"),
    "revocation": ("mandate", "reason", "signatures"),
    "budget-day": ("day", "mandate", "node", "sensors"),
    "manifest": ("node", "sequence", "mandate", "count", "root", "signature"),
    "objection": ("mandate", "hash"),
    "answer": ("mandate", "objection", "hash"),
}
_TYPES: Mapping[str, type] = {
    "document": dict,
    "roles": dict,
    "threshold": int,
    "oversight": list,
    "limits": dict,
    "sensors": dict,
    "signatures": list,
    "sequence": int,
    "count": int,
}
_HASH = re.compile(r"[0-9a-f]{64}")


class LeafError(ParseError):
    """A leaf that is not canonical JSON."""


class LeafFormError(ParseError):
    """A leaf of a type that a city's log does not hold, or with other fields than the type has."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf. ``fields`` are those that its ``type`` has, without the type."""

    type: str
    fields: Mapping[str, Any]

    @property
    def mandate(self) -> str | None:
        """Hash of the mandate that the leaf is about, 64 hex digits; None where it is about no single one."""
        if self.type == "mandate":
            return sha256(rfc8785.dumps(self.fields["document"])).hexdigest()
        mandate = self.fields.get("mandate")
        return mandate if isinstance(mandate, str) else None

    def plain_words(self) -> str:
        """One line for people. Names of signers are as the leaf has them: only a roles file can tell whose they are."""
        f, short = self.fields, (self.mandate or "")[:12]
        match self.type:
            case "roles":
                alone = (
                    f"; alone may suspend one: {', '.join(map(_one_line, f['oversight']))}" if f["oversight"] else ""
                )
                names = ", ".join(map(_one_line, sorted(f["roles"])))
                return f"roles of the city: {names}; {f['threshold']} of them approve a mandate{alone}"
            case "mandate":
                return f"new mandate {short}: {_about(f['document'])}"
            case "approval":
                return f"approval of mandate {short}, signed as {_signers(f['signatures'])}"
            case "notice":
                return f"mandate {short} was given public notice, with the witnesses' times"
            case "suspension" | "revocation":
                return (
                    f"{self.type} of mandate {short}, signed as {_signers(f['signatures'])}: {_one_line(f['reason'])}"
                )
            case "budget-day":
                spent = ", ".join(f"{_one_line(sensor)} ε {_one_line(e)}" for sensor, e in sorted(f["sensors"].items()))
                return f"privacy budget of {_one_line(f['day'])} opened under mandate {short}: {spent}"
            case "objection":
                return f"somebody objected to mandate {short} or a number under it, or asked (text {f['hash'][:12]})"
            case "answer":
                return (
                    f"the city answered objection {f['objection'][:12]} about mandate {short} (text {f['hash'][:12]})"
                )
            case _:
                batch = f"batch {f['sequence']} of {_one_line(f['node'])}"
                return f"{f['count']} numbers were released under mandate {short} ({batch})"


def parse_leaf(data: bytes) -> Leaf:
    """Read a leaf. Raises LeafError, LeafFormError."""
    try:
        value = json.loads(data)
        canonical = rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise LeafError("leaf is not canonical JSON", expected="RFC 8785", came=type(error).__name__) from error
    if canonical != data:
        raise LeafError("leaf is not canonical JSON", expected="RFC 8785", came="another way of writing it")
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS or set(value) != {"type", *FIELDS[kind]}:
        raise LeafFormError("leaf has no known form", expected=", ".join(FIELDS), came=repr(kind)[:40])
    fields = {name: value[name] for name in FIELDS[kind]}
    wrong = [name for name, field in fields.items() if not _fits(name, field)]
    if wrong:
        raise LeafFormError(f"{kind} leaf has a field of another type", came=", ".join(wrong))
    return Leaf(kind, fields)


def _fits(name: str, field: object) -> bool:
    if type(field) is not _TYPES.get(name, str):
        return False
    match field:
        case int():
            return field >= 0
        case list():
            return all(isinstance(one, str) for one in field)
        case dict() if name in ("roles", "sensors"):
            return all(isinstance(one, str) for one in field.values())
        case str() if name in ("mandate", "root", "objection", "hash"):
            return _HASH.fullmatch(field) is not None
    return True


def _signers(lines: list[str]) -> str:
    return ", ".join(_one_line(line).split(" ")[1] for line in lines if _one_line(line).count(" ") == 2) or "nobody"


def _about(document: Mapping[str, Any]) -> str:
    about = document.get("mandate")
    told = about if isinstance(about, dict) else {}
    title = _one_line(told["title"]) if isinstance(told.get("title"), str) else "without a title"
    older = told.get("supersedes")
    return f"{title} (replaces {older[:12]})" if isinstance(older, str) and _HASH.fullmatch(older) else title


def _one_line(value: object) -> str:
    return " ".join(str(value).split())[:200]
