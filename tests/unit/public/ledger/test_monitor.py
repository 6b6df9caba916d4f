"""The monitor tells news once, and catches a rollback, a fork and a split view with evidence that verifies."""

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.leaf import parse_leaf
from passerby.public.ledger.monitor import AlarmError, Monitor
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.key import NoKnownSignatureError
from passerby.tlog.policy import QuorumError
from passerby.tlog.tiled import Fetch, ResourceMissingError, TileMismatchError

OLDER = "cd" * 32
MANDATE = rfc8785.dumps({"type": "mandate", "document": {"mandate": {"title": "Count  the\njunction"}}})
HASH = sha256(rfc8785.dumps({"mandate": {"title": "Count  the\njunction"}})).hexdigest()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"mandate": {"title": "T", "supersedes": OLDER}}, f"T (replaces {OLDER[:12]})"),
        ({"mandate": {"title": "T", "supersedes": "\n"}}, "T"),
        ({"mandate": {"title": 7}}, "without a title"),
        ({"mandate": "T"}, "without a title"),
        ({}, "without a title"),
    ],
)
def test_a_mandate_in_plain_words(document: Any, words: str) -> None:
    leaf = parse_leaf(rfc8785.dumps({"type": "mandate", "document": document}))
    assert leaf.plain_words() == f"new mandate {(leaf.mandate or '')[:12]}: {words}"


def leaves(start: int, end: int, word: str = "n") -> list[bytes]:
    return [b'{"%s":%d}' % (word.encode(), n) for n in range(start, end)]


def monitor(house: Any, views: dict[str, Fetch] | None = None) -> Monitor:
    return Monitor(house.folder / "monitor", directory_fetch(house.directory), house.policy, views)


def grow(house: Any, upto: int, word: str = "n") -> Checkpoint:
    ledger = house.open()
    ledger.append(leaves(ledger.size, upto, word))
    checkpoint: Checkpoint = ledger.publish()
    ledger.close()
    house.stack.close()
    return checkpoint


def alarm(watching: Monitor, house: Any) -> tuple[str, list[Checkpoint]]:
    with pytest.raises(AlarmError) as caught:
        list(watching.poll())
    kept = [caught.value.evidence / name for name in ("earlier.checkpoint", "later.checkpoint")]
    assert (caught.value.evidence / "what.txt").read_text() in f"{caught.value.problem}\n".removeprefix("ALARM: ")
    return caught.value.problem, [house.policy.verify(file.read_bytes()) for file in kept]


@pytest.fixture
def other(new_house: Callable[[Path], Any], tmp_path: Path) -> Any:
    """The same log with the same keys, told differently, by an operator whose witnesses forgot everything."""
    (tmp_path / "other").mkdir()
    return new_house(tmp_path / "other")


def test_news_is_told_once_in_plain_words(house: Any) -> None:
    ledger = house.open()
    ledger.append([MANDATE, b'{"n":1}'])
    ledger.publish()
    watching = monitor(house)
    assert [(n.index, n.kind, n.text) for n in watching.poll()] == [
        (0, "mandate", f"new mandate {HASH[:12]}: Count the junction"),
        (1, "foreign", "a leaf that no city should log: leaf has no known form"),
    ]
    assert list(watching.poll()) == []
    ledger.append([rfc8785.dumps({"type": "revocation", "mandate": HASH, "reason": "done", "signatures": []})])
    ledger.publish()
    again = monitor(house)
    assert again.seen is not None
    assert again.seen.size == 2
    assert [n.text for n in again.poll()] == [f"revocation of mandate {HASH[:12]}, signed as nobody: done"]


def test_a_rollback_is_caught(house: Any) -> None:
    old = grow(house, 5)
    new = grow(house, 300)
    watching = monitor(house)
    list(watching.poll())
    (house.directory / "checkpoint").write_bytes(old.note.encode())
    what, kept = alarm(monitor(house), house)
    assert "shrank from 300 to 5" in what
    assert kept == [new, old]


@pytest.mark.parametrize("size", [300, 700])
def test_a_fork_is_caught(house: Any, other: Any, size: int) -> None:
    honest = grow(house, 300)
    list(monitor(house).poll())
    forked = grow(other, size, "forked")
    shutil.rmtree(house.directory)
    shutil.copytree(other.directory, house.directory)
    what, kept = alarm(monitor(house), house)
    assert "rewritten" in what
    assert kept == [honest, forked]


def test_growth_that_nothing_proves_is_an_alarm(house: Any, other: Any) -> None:
    grow(house, 300)
    list(monitor(house).poll())
    grow(other, 700, "forked")
    shutil.copytree(other.directory, house.directory, dirs_exist_ok=True)
    tile = house.directory / "tile/0/001"
    tile.write_bytes(tile.read_bytes()[::-1])
    what, _ = alarm(monitor(house), house)
    assert "does not prove that it only grew" in what


def view(house: Any, note: bytes | None) -> dict[str, Fetch]:
    def fetch(path: str) -> bytes:
        assert path == f"{sha256(b'log.city.example').hexdigest()}/checkpoint"
        if note is None:
            raise ResourceMissingError("nothing was cosigned")
        return note

    return {house.policy.witnesses[0].name: fetch}


@pytest.mark.parametrize("size", [200, 300])
def test_a_split_view_is_caught(house: Any, other: Any, size: int) -> None:
    shown = grow(house, 300)
    to_the_witness = grow(other, size, "forked")
    what, kept = alarm(monitor(house, view(house, to_the_witness.note.encode())), house)
    assert f"another tree of size {size}" in what
    assert kept == [to_the_witness, shown]


def test_a_split_view_ahead_of_us_is_caught_when_the_log_gets_there(house: Any, other: Any) -> None:
    grow(house, 300)
    ahead = grow(other, 400, "forked")
    list(monitor(house, view(house, ahead.note.encode())).poll())
    shown = grow(house, 500)
    _, kept = alarm(monitor(house, view(house, None)), house)
    assert kept == [ahead, shown]


def test_honest_witnesses_ahead_and_behind_are_fine(house: Any) -> None:
    behind, _ = grow(house, 200), grow(house, 300)
    assert len(list(monitor(house, view(house, behind.note.encode())).poll())) == 300
    ahead = grow(house, 400)
    (house.directory / "checkpoint").write_bytes(grow(house, 350 + 50).note.encode())
    watching = monitor(house, view(house, ahead.note.encode()))
    assert len(list(watching.poll())) == 100
    assert watching.unseen == {}
    assert not list((house.folder / "monitor").glob("evidence-*"))


def test_a_witness_that_serves_nonsense_does_not_stop_the_monitor(house: Any) -> None:
    grow(house, 3)
    watching = monitor(house, view(house, b"<html>"))
    assert len(list(watching.poll())) == 3
    assert list(watching.unseen) == ["w1.example"]


def test_an_ill_log_is_no_alarm(house: Any) -> None:
    grow(house, 300)
    whole = (house.directory / "checkpoint").read_bytes()
    cosigned = whole.splitlines(keepends=True)
    watching = monitor(house)
    (house.directory / "checkpoint").write_bytes(b"".join(cosigned[:-1]))
    with pytest.raises(QuorumError):
        list(watching.poll())
    (house.directory / "checkpoint").write_bytes(b"".join([*cosigned[:4], *cosigned[5:]]))
    with pytest.raises(NoKnownSignatureError):
        list(watching.poll())
    (house.directory / "checkpoint").write_bytes(whole)
    bundle = house.directory / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b"7", b"8", 1))
    with pytest.raises(TileMismatchError):
        list(watching.poll())
    assert watching.seen is None
