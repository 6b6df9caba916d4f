"""What a batch writes into the log, and what the log says back; ``spec/release.md`` describes it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from passerby.gate.canonical import canonical
from passerby.gate.privacy.accountant import Debit
from passerby.tlog.errors import TlogError
from passerby.tlog.key import SigningKey, VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature
from passerby.tlog.tree import leaf_hash, tree_root

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,3})(\.[0-9]{1,12})?")


def batch_root(lines: Sequence[str]) -> str:
    """Root of the RFC 6962 tree whose leaves are the lines without newline, hex."""
    return tree_root(leaf_hash(line.encode("utf-8")) for line in lines).hex()


def manifest_leaf(key: SigningKey, sequence: int, mandate: str, count: int, root: str) -> bytes:
    """The node's signed statement of one batch."""
    manifest = {
        "type": "manifest",
        "node": key.name,
        "sequence": sequence,
        "mandate": mandate,
        "count": count,
        "root": root,
        "signature": key.sign(_text(key.name, sequence, mandate, count, root)).line.removesuffix("\n"),
    }
    return canonical(manifest)


def budget_leaves(node: str, mandate: str, debits: Sequence[Debit]) -> list[bytes]:
    """One leaf for each civil day that the batch was the first to touch, with the ε of each sensor."""
    by_day: dict[str, dict[str, str]] = defaultdict(dict)
    for debit in debits:
        by_day[debit.day][debit.sensor] = decimal(debit.epsilon)
    return [
        canonical({"type": "budget-day", "day": day, "mandate": mandate, "node": node, "sensors": sensors})
        for day, sensors in sorted(by_day.items())
    ]


def read_budget(leaf: Mapping[str, Any]) -> dict[str, Fraction]:
    """ε by sensor of a budget-day leaf; entries that are no plain positive decimals are left out."""
    return {
        sensor: Fraction(epsilon)
        for sensor, epsilon in leaf["sensors"].items()
        if isinstance(epsilon, str) and _DECIMAL.fullmatch(epsilon)
    }


def signed_by(leaf: Mapping[str, Any], node: VerifierKey) -> bool:
    """Whether the node signed this manifest."""
    try:
        text = _text(*(leaf[field] for field in ("node", "sequence", "mandate", "count", "root")))
        open_note(Note(text, (NoteSignature.parse(leaf["signature"]),)), [node])
    except (TlogError, KeyError, TypeError, AttributeError):
        return False
    return True


def decimal(value: Fraction) -> str:
    """ε as it is written in the log: at most 12 decimals, rounded up."""
    steps = -(-value.numerator * 10**12 // value.denominator)
    return f"{steps // 10**12}.{steps % 10**12:012d}".rstrip("0").rstrip(".")


def _text(node: str, sequence: int, mandate: str, count: int, root: str) -> str:
    return f"passerby-manifest/v1\n{node}\n{sequence}\n{mandate}\n{count}\n{root}\n"
