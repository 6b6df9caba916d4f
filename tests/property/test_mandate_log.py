"""Whatever somebody writes into the log, the view reads on, and nothing comes into force that roles did not approve."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.datatypes.standing import State
from passerby.gate.mandate import (
    LeafRefusedError,
    LogView,
    Roles,
    approval_leaf,
    end_leaf,
    mandate_leaf,
    notice_leaf,
    parse_toml,
    sign_decision,
)
from passerby.gate.mandate.leaf import roles_leaf
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, SigningKey
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy
from passerby.tlog.tile import WIDTH, Tile, TileBuilder, encode_bundle
from passerby.tlog.tree import leaf_hash

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PUBLIC = NOW - timedelta(days=30)
LOG = SigningKey("log.example", KeyType.ED25519, bytes([1] * 32))
WITNESS = SigningKey("w.example", KeyType.COSIGNATURE, bytes([2] * 32))
POLICY = Policy.of(LOG.verifier, [WITNESS.verifier], 1)
KEYS = {name: SigningKey(name, KeyType.ED25519, bytes([3 + n] * 32)) for n, name in enumerate(("a", "b", "oversight"))}
ROLES = Roles({name: key.verifier for name, key in KEYS.items()}, 2, ("oversight",))
MANDATE = parse_toml((Path(__file__).parents[2] / "spec/examples/square.toml").read_text("utf-8"))


def checkpoint(leaves: list[bytes], at: datetime) -> bytes:
    builder = TileBuilder()
    builder.add(map(leaf_hash, leaves))
    text = TreeHead(LOG.name, builder.size, builder.root()).text
    return Note(text, (LOG.sign(text), WITNESS.cosign(text, int(at.timestamp())))).encode()


def view_of(leaves: list[bytes]) -> LogView:
    """A log in memory that holds these leaves."""
    files = {"checkpoint": checkpoint(leaves, NOW)}
    builder = TileBuilder()
    for tile, data in builder.add(map(leaf_hash, leaves)):
        files[tile.path] = data
    for at in range(0, len(leaves), WIDTH):
        part = leaves[at : at + WIDTH]
        files[Tile(None, at // WIDTH, len(part)).path] = encode_bundle(part)
    view = LogView(Client(files.__getitem__, POLICY), ROLES)
    view.refresh()
    return view


def good(mandate: str, *roles: str, verb: str = "approve", reason: str = "") -> list[str]:
    return sign_decision(verb, mandate, [KEYS[role] for role in roles], reason)


BASE = [roles_leaf(ROLES, POLICY), mandate_leaf(MANDATE)]
NOTICE = notice_leaf(MANDATE.hash, checkpoint(BASE, PUBLIC))
APPROVAL = approval_leaf(MANDATE.hash, good(MANDATE.hash, "a", "b"))

texts = st.one_of(
    st.text(max_size=20), st.sampled_from([MANDATE.hash, "approve", "— a AAAA", *good(MANDATE.hash, "a")])
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**52), 2**52),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        texts,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["mandate", "approval", "notice", "suspension", "revocation", "manifest", "budget-day", ""])
names = st.sampled_from(["mandate", "signatures", "checkpoint", "reason", "document", "node", "sensors"])
objects = st.builds(
    lambda kind, rest: {**rest, "type": kind}, kinds, st.dictionaries(names, values | texts, max_size=4)
)
leaves = st.one_of(
    st.binary(max_size=40),
    objects.map(rfc8785.dumps),
    objects.map(lambda one: json.dumps(one, indent=1).encode()),
    st.sampled_from([NOTICE, mandate_leaf(MANDATE), approval_leaf(MANDATE.hash, good(MANDATE.hash, "a"))]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(leaves, max_size=6))
def test_nothing_written_by_others_breaks_the_view_or_brings_a_mandate_into_force(written: list[bytes]) -> None:
    view = view_of([*BASE, *written])
    standings = view.standings(NOW)
    assert [s.mandate.hash for s in standings] == [MANDATE.hash]
    assert standings[0].state in (State.LOGGED, State.SUSPENDED)


@settings(max_examples=60, deadline=None)
@given(st.lists(leaves, max_size=4), st.permutations([NOTICE, APPROVAL]))
def test_what_was_approved_stands_whatever_is_written_around_it(written: list[bytes], decided: list[bytes]) -> None:
    view = view_of([*BASE, *written, *decided, *written])
    assert view.standing(MANDATE.hash, NOW).state is State.IN_FORCE
    assert view.authorize(MANDATE.hash, "square", NOW, NOW).covers(NOW)


def _flip(leaf: bytes) -> Iterator[bytes]:
    for at in range(0, len(leaf), 7):
        yield leaf[:at] + bytes([leaf[at] ^ 1]) + leaf[at + 1 :]


@pytest.mark.parametrize(
    ("leaf", "still"),
    [
        (APPROVAL, State.LOGGED),
        (NOTICE, State.LOGGED),
        (
            end_leaf("suspension", MANDATE.hash, "why", good(MANDATE.hash, "oversight", verb="suspend", reason="why")),
            State.IN_FORCE,
        ),
    ],
    ids=["approval", "notice", "suspension"],
)
def test_a_flipped_bit_makes_a_decision_nothing(leaf: bytes, still: State) -> None:
    around = [one for one in (NOTICE, APPROVAL) if one != leaf]
    for broken in _flip(leaf):
        assert view_of([*BASE, *around, broken]).standing(MANDATE.hash, NOW).state is still, broken


@pytest.mark.parametrize("lines", [[], ["— a AAAA"], ["— a"], good("0" * 64, "a")])
def test_admit_says_why_the_view_would_ignore_it(lines: list[str]) -> None:
    with pytest.raises(LeafRefusedError, match="is not signed"):
        view_of(BASE).admit(approval_leaf(MANDATE.hash, lines))


@pytest.mark.parametrize("more", [{"by": "the council"}, {"padding": "x" * 70_000}, {"reason": "none"}])
def test_a_decision_has_its_fields_and_no_others(more: dict[str, str]) -> None:
    leaf = rfc8785.dumps({**json.loads(APPROVAL), **more})
    with pytest.raises(LeafRefusedError, match="no decision"):
        view_of(BASE).admit(leaf)
    if len(leaf) < 2**16:
        assert view_of([*BASE, NOTICE, leaf]).standing(MANDATE.hash, NOW).state is State.LOGGED


def test_what_admit_takes_the_view_takes() -> None:
    leaf = approval_leaf(MANDATE.hash, good(MANDATE.hash, "a"))
    view_of(BASE).admit(leaf)
    assert view_of([*BASE, leaf]).standing(MANDATE.hash, NOW).signed_by == ("a",)
