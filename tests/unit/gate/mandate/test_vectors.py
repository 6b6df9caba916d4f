"""``spec/mandate.md`` with its schema and vectors: current, and true.

Write schema and vectors anew: python tests/unit/gate/mandate/test_vectors.py
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from jsonschema import Draft202012Validator

from passerby.datatypes.standing import EndKind, State
from passerby.datatypes.window import utc_text
from passerby.gate.canonical import canonical
from passerby.gate.mandate import (
    SCHEMA,
    Limits,
    LogView,
    Roles,
    approval_leaf,
    end_leaf,
    mandate_leaf,
    notice_leaf,
    parse_document,
    parse_toml,
    sign_decision,
)
from passerby.gate.mandate.leaf import decision_text, roles_leaf
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, SigningKey, VerifierKey
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy
from passerby.tlog.tile import Tile, TileBuilder, encode_bundle
from passerby.tlog.tree import leaf_hash

SPEC = Path(__file__).parents[4] / "spec"
PAGE = (SPEC / "mandate.md").read_text("utf-8") if (SPEC / "mandate.md").exists() else ""
SCHEMA_FILE, VECTORS_FILE = SPEC / "mandate.schema.json", SPEC / "vectors/mandate.json"
PUBLIC = datetime(2026, 2, 1, tzinfo=UTC)
STOPPED = datetime(2026, 3, 9, 14, tzinfo=UTC)
REASON = "the purpose is exceeded"


def _key(name: str, seed: int, kind: KeyType = KeyType.ED25519) -> SigningKey:
    return SigningKey(name, kind, bytes([seed] * 32))


def make() -> dict[str, Any]:
    """The life of the example, with keys made of constant seeds."""
    mandate = parse_toml((SPEC / "examples/square.toml").read_text("utf-8"))
    keys = {name: _key(name, 20 + n) for n, name in enumerate(("council", "mobility", "oversight"))}
    log, witness = _key("log.city.example", 1), _key("university.example", 2, KeyType.COSIGNATURE)
    policy = Policy.of(log.verifier, [witness.verifier], 1)
    limits = Limits(least_notice_seconds=432000, longest_days=366, least_tracks=2)
    roles = Roles({name: key.verifier for name, key in keys.items()}, 2, ("oversight",), limits)

    def checkpoint(leaves: list[bytes], at: datetime) -> bytes:
        builder = TileBuilder()
        builder.add(map(leaf_hash, leaves))
        text = TreeHead(log.name, builder.size, builder.root()).text
        return Note(text, (log.sign(text), witness.cosign(text, int(at.timestamp())))).encode()

    leaves = [roles_leaf(roles, policy), mandate_leaf(mandate)]
    leaves += [
        notice_leaf(mandate.hash, checkpoint(leaves, PUBLIC)),
        approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, [keys["council"], keys["oversight"]])),
        end_leaf(
            "suspension", mandate.hash, REASON, sign_decision("suspend", mandate.hash, [keys["oversight"]], REASON)
        ),
    ]
    leaves.append(notice_leaf(mandate.hash, checkpoint(leaves, STOPPED)))
    noticed = PUBLIC + timedelta(seconds=mandate.notice_seconds)
    moments = [
        (2, PUBLIC, State.LOGGED),
        (3, PUBLIC, State.NOTICE),
        (3, noticed, State.LOGGED),
        (4, noticed - timedelta(seconds=1), State.NOTICE),
        (4, noticed, State.APPROVED),
        (4, mandate.starts, State.IN_FORCE),
        (4, mandate.expires - timedelta(seconds=1), State.IN_FORCE),
        (4, mandate.expires, State.EXPIRED),
        (5, mandate.starts, State.SUSPENDED),
        (5, mandate.expires, State.EXPIRED),
        (6, mandate.starts, State.SUSPENDED),
    ]
    return {
        "example": "spec/examples/square.toml",
        "canonical": canonical(mandate.document).decode("utf-8"),
        "hash": mandate.hash,
        "policy": policy.text,
        "roles": {name: key.verifier.text for name, key in keys.items()},
        "threshold": 2,
        "oversight": ["oversight"],
        "limits": limits.values(),
        "decisions": [
            {"verb": verb, "reason": reason, "text": decision_text(verb, mandate.hash, reason)}
            for verb, reason in (("approve", ""), ("suspend", REASON), ("revoke", REASON))
        ],
        "leaves": [leaf.decode("utf-8") for leaf in leaves],
        "checkpoints": [checkpoint(leaves[:size], PUBLIC).decode("utf-8") for size in range(len(leaves) + 1)],
        "standings": [
            {
                "size": size,
                "at": utc_text(at),
                "state": state.value,
                "ended": size >= 5,
                "end_public_since": utc_text(STOPPED) if size == 6 else None,
            }
            for size, at, state in moments
        ],
    }


def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS_FILE.read_text("utf-8"))
    return found


def test_schema_and_vectors_are_current() -> None:
    assert json.loads(SCHEMA_FILE.read_text("utf-8")) == SCHEMA
    assert vectors() == make()


def test_the_schema_is_one_and_takes_the_example() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(vectors()["canonical"]))


def test_the_hash_is_of_the_canonical_text() -> None:
    v = vectors()
    assert parse_document(json.loads(v["canonical"])).hash == v["hash"]
    assert rfc8785.dumps(json.loads(v["canonical"])).decode("utf-8") == v["canonical"]


@pytest.mark.parametrize("moment", vectors()["standings"] if VECTORS_FILE.exists() else [], ids=str)
def test_every_state_follows_from_the_log_and_the_time(moment: dict[str, Any]) -> None:
    v = vectors()
    leaves = [leaf.encode("utf-8") for leaf in v["leaves"][: moment["size"]]]
    files = {"checkpoint": v["checkpoints"][moment["size"]].encode("utf-8")}
    files |= {tile.path: data for tile, data in TileBuilder().add(map(leaf_hash, leaves))}
    files[Tile(None, 0, len(leaves)).path] = encode_bundle(leaves)
    limits = Limits(**{**v["limits"], "most_epsilon": int(v["limits"]["most_epsilon"])})
    keys = {name: VerifierKey.parse(text) for name, text in v["roles"].items()}
    roles = Roles(keys, v["threshold"], tuple(v["oversight"]), limits)
    view = LogView(Client(files.__getitem__, Policy.parse(v["policy"].encode("utf-8"))), roles)
    view.refresh()
    at = datetime.fromisoformat(moment["at"])
    standing = view.standing(v["hash"], at)
    assert standing.state.value == moment["state"]
    assert bool(standing.ends) == moment["ended"]
    for end in standing.ends:
        assert (end.kind, end.reason, end.log_index) == (EndKind.SUSPENSION, REASON, 4)
        assert (end.signed_by, end.keys) == (("oversight",), (v["roles"]["oversight"],))
        assert (end.public_since and utc_text(end.public_since)) == moment["end_public_since"]


def _paths(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        inside = inner["items"] if inner.get("type") == "array" and "properties" in inner.get("items", {}) else inner
        if "properties" in inside:
            yield from _paths(inside, here)
        else:
            yield here


def test_the_page_explains_every_field_and_no_other() -> None:
    explained = re.findall(r"^\| `([a-z_.0-9]+)` \|", PAGE, flags=re.MULTILINE)
    assert sorted(explained) == sorted(_paths(SCHEMA))


def test_every_example_on_the_page_is_in_the_vectors() -> None:
    v = vectors()
    blocks = re.findall(r"^```(\w+)\n(.*?)\n```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    texts = [one["text"].rstrip("\n") for one in v["decisions"]]
    assert len(blocks) >= 6
    for language, block in blocks:
        if language == "json":
            assert block in v["leaves"]
        elif language == "text":
            assert block in texts
        else:
            assert language == "toml"
            assert block in (SPEC / "examples/square.toml").read_text("utf-8")


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n", "utf-8")
    VECTORS_FILE.write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", "utf-8")
