"""Keeping a log: durable, ordered, one writer, static files, nothing published without its quorum."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passerby.public.ledger.errors import (
    JournalDamagedError,
    LeavesLostError,
    LedgerBrokenError,
    LedgerInUseError,
    WitnessAheadError,
    WitnessError,
    WrongSignerError,
)
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.ledger import Ledger, journal_folder
from passerby.public.ledger.publisher import Publisher
from passerby.public.ledger.verify import check_copy
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, NoKnownSignatureError, SigningKey
from passerby.tlog.policy import LogEntry, Policy, QuorumError
from passerby.tlog.tile import EntryTooLongError
from passerby.tlog.witness import Response


def leaves(start: int, end: int) -> list[bytes]:
    return [b'{"n":%d}' % n for n in range(start, end)]


def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        threading.Event().wait(0.01)
    pytest.fail("it did not come")


def test_what_is_appended_is_published(house: Any) -> None:
    ledger = house.open()
    assert ledger.append([]) == []
    assert ledger.append(leaves(0, 3)) == [0, 1, 2]
    assert ledger.append(leaves(3, 600)) == list(range(3, 600))
    checkpoint = ledger.publish()
    assert (checkpoint.size, ledger.size, ledger.published) == (600, 600, 600)
    assert [one.witness for one in checkpoint.cosigned] == ["w1.example", "w2.example"]
    assert checkpoint.public_since == 1_700_000_000
    client = Client(directory_fetch(house.directory), house.policy)
    assert client.checkpoint() == checkpoint
    assert list(client.entries()) == leaves(0, 600)


def test_any_growth_gives_the_same_files(house: Any, new_house: Any, tmp_path: Path) -> None:
    stepwise = house.open()
    for start, end in ((0, 1), (1, 255), (255, 256), (256, 257), (257, 1000)):
        stepwise.append(leaves(start, end))
        stepwise.publish()
    other = new_house(tmp_path / "other")
    (tmp_path / "other").mkdir()
    at_once = other.open()
    at_once.append(leaves(0, 1000))
    at_once.publish()

    def current(folder: Path) -> dict[str, bytes]:
        return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}

    mine, theirs = current(house.directory), current(other.directory)
    assert theirs.items() <= mine.items()
    assert not [path for path in mine if "000.p" in path and path.startswith(("tile/0", "tile/entries"))]


def test_unpublished_leaves_survive_closing(house: Any) -> None:
    first = house.open()
    first.append(leaves(0, 300))
    first.publish()
    first.append(leaves(300, 310))
    first.close()
    house.stack.close()
    second = house.open()
    assert (second.size, second.published) == (310, 300)
    second.append(leaves(310, 311))
    assert second.publish().size == 311
    assert check_copy(house.directory, house.policy).unpublished == 0
    assert not list(journal_folder(house.directory).glob("leaves-*"))


def test_one_writer(house: Any) -> None:
    ledger = house.open()
    with pytest.raises(LedgerInUseError):
        Ledger.open(house.directory, house.log, house.policy)
    ledger.close()
    with pytest.raises(LedgerBrokenError):
        ledger.append([b"late"])
    with pytest.raises(LedgerBrokenError):
        ledger.publish()
    Ledger.open(house.directory, house.log, house.policy).close()


def test_a_leaf_that_is_too_long_changes_nothing(house: Any) -> None:
    ledger = house.open()
    with pytest.raises(EntryTooLongError):
        ledger.append([b"short", b"x" * 65_536])
    assert ledger.size == 0
    assert ledger.append([b"x" * 65_535]) == [0]
    assert ledger.publish().size == 1


def test_another_key_cannot_take_the_log_up(house: Any) -> None:
    house.open().close()
    with pytest.raises(WrongSignerError):
        Ledger.open(house.directory, SigningKey.generate("log.city.example"), house.policy)


def test_the_key_is_rotated(house: Any) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 5))
    seen = ledger.publish()
    ledger.close()
    house.stack.close()
    new = SigningKey.generate(house.log.name)
    both = Policy(
        (LogEntry(house.log.verifier), LogEntry(new.verifier)),
        house.policy.witnesses,
        house.policy.groups,
        house.policy.quorum,
    )
    witnesses = [
        house.stack.enter_context(LocalWitness(house.folder / key.name, key, [house.log.verifier, new.verifier]))
        for key in house.keys
    ]
    with Ledger.open(house.directory, new, both, witnesses) as rotated:
        rotated.append(leaves(5, 9))
        last = rotated.publish()
    assert last.note.signatures[0].key_id == new.verifier.key_id
    client = Client(directory_fetch(house.directory), both, seen)
    assert client.checkpoint().size == 9
    with pytest.raises(NoKnownSignatureError):
        house.policy.verify(last.note.encode())


def test_without_quorum_the_old_checkpoint_stays(house: Any) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 5))
    before = ledger.publish()
    ledger.append(leaves(5, 9))

    class Down:
        def add_checkpoint(self, _: bytes) -> Response:
            raise WitnessError("down")

    asked = ledger._asked
    working, asked[1].witness = asked[1].witness, Down()
    with pytest.raises(QuorumError) as caught:
        ledger.publish()
    assert any("down" in note for note in caught.value.__notes__)
    assert Client(directory_fetch(house.directory), house.policy).checkpoint() == before
    ledger.close()
    asked[1].witness = working
    again = Ledger.open(house.directory, house.log, house.policy, [one.witness for one in asked])
    house.stack.callback(again.close)
    assert (again.size, again.published) == (9, 5)
    assert again.publish().size == 9


@pytest.mark.parametrize(
    "answer",
    [
        Response(500, b"oops"),
        Response(200, b"nonsense"),
        Response(200, "— w2.example AAAAAAAAAA==\n".encode()),
        Response(409, b"x\n", "text/x.tlog.size"),
        Response(409, b"3\n", "text/x.tlog.size"),
    ],
)
def test_a_witness_that_answers_nonsense_does_not_count(house: Any, answer: Response) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 5))

    class Odd:
        def add_checkpoint(self, _: bytes) -> Response:
            return answer

    ledger._asked[1].witness = Odd()
    with pytest.raises(QuorumError):
        ledger.publish()
    assert not (house.directory / "checkpoint").exists()


def test_a_log_restored_from_an_old_backup_is_stopped_by_its_witnesses(house: Any) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 5))
    ledger.publish()
    ledger.close()
    house.stack.close()
    for folder in (house.directory, journal_folder(house.directory)):
        for file in sorted(folder.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
    restored = house.open()
    restored.append(leaves(0, 3))
    with pytest.raises(WitnessAheadError):
        restored.publish()


def test_a_log_that_lost_leaves_signs_nothing(house: Any) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 5))
    ledger.publish()
    ledger.close()
    house.stack.close()
    (house.directory / "checkpoint").unlink()
    with pytest.raises(LeavesLostError):
        house.open()


def test_a_damaged_journal_is_told_and_a_torn_end_is_cut(house: Any) -> None:
    ledger = house.open()
    for n in range(3):
        ledger.append(leaves(n * 10, n * 10 + 10))
    ledger.close()
    house.stack.close()
    (file,) = journal_folder(house.directory).glob("leaves-*")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    again = house.open()
    assert again.size == 20
    again.close()
    house.stack.close()
    damaged = bytearray(whole)
    damaged[30] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(JournalDamagedError):
        house.open()


def test_appending_goes_on_while_a_slow_witness_is_asked(house: Any) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 2))
    entered, leave = threading.Event(), threading.Event()
    inner = ledger._asked[0].witness

    class Slow:
        def add_checkpoint(self, body: bytes) -> Response:
            entered.set()
            leave.wait(20)
            answer: Response = inner.add_checkpoint(body)
            return answer

    ledger._asked[0].witness = Slow()
    thread = threading.Thread(target=ledger.publish)
    thread.start()
    assert entered.wait(20)
    assert ledger.append(leaves(2, 4)) == [2, 3]
    leave.set()
    thread.join(20)
    assert (ledger.size, ledger.published) == (4, 2)
    assert ledger.publish().size == 4


def test_a_witness_that_is_down_does_not_hold_the_log_up(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerby.public.ledger.cosigning.GRACE_SECONDS", 0.02)
    one_of_two = Policy.of(house.log.verifier, [key.verifier for key in house.keys], 1)
    working, down = house.witnesses()
    asked, leave = [], threading.Event()

    class Down:
        def add_checkpoint(self, body: bytes) -> Response:
            asked.append(body)
            leave.wait(20)
            return Response(503, b"down")

    with Ledger.open(house.directory, house.log, one_of_two, [Down(), working]) as ledger:
        for size in (3, 5):
            ledger.append(leaves(ledger.size, size))
            assert [one.witness for one in ledger.publish().cosigned] == ["w1.example"]
        assert len(asked) == 1
        ledger._asked[0].witness = down
        leave.set()
        until(lambda: not ledger._asked[0].busy.locked())
        monkeypatch.setattr("passerby.public.ledger.cosigning.GRACE_SECONDS", 20)
        ledger.append(leaves(5, 6))
        assert [one.witness for one in ledger.publish().cosigned] == ["w1.example", "w2.example"]


def test_a_witness_that_repeats_what_another_said_spoils_nothing(house: Any) -> None:
    ledger = house.open()
    ledger.append(leaves(0, 5))
    first, second = (line.line for line in ledger.publish().note.signatures[1:])

    class Parrot:
        def add_checkpoint(self, _: bytes) -> Response:
            return Response(200, f"{first}{second}".encode())

    ledger._asked[1].witness = Parrot()
    assert [one.witness for one in ledger.publish().cosigned] == ["w1.example", "w2.example"]


def test_a_publisher_publishes_what_comes(house: Any) -> None:
    ledger = house.open()
    with Publisher(ledger, seconds=0.01, heartbeat=0.02) as publisher:
        ledger.append(leaves(0, 3))
        until(lambda: ledger.published == 3)
        ledger.append(leaves(3, 4))
    assert ledger.published == 4
    assert publisher.failure is None


def test_a_publisher_tells_what_keeps_it_from_publishing_once(house: Any) -> None:
    told: list[str] = []
    ledger = house.open()

    class Down:
        def add_checkpoint(self, _: bytes) -> Response:
            raise WitnessError("the university does not answer")

    asked = ledger._asked[1]
    working, asked.witness = asked.witness, Down()
    with Publisher(ledger, seconds=0.01, heartbeat=0.01, tell=told.append) as publisher:
        until(lambda: publisher.failure is not None)
        asked.witness = working
        until(lambda: len(told) == 2)
    assert len(told) == 2
    assert told[0].startswith("The log was not published: too few witnesses cosigned log.city.example")
    assert told[0].endswith("the university does not answer.")
    assert told[1] == "The log is published again."


def test_the_policy_may_ask_for_nobody(tmp_path: Path) -> None:
    key = SigningKey.generate("alone.example", KeyType.ED25519)
    with Ledger.open(tmp_path / "log", key, Policy.of(key.verifier, [], 0)) as ledger:
        assert ledger.publish().size == 0
        ledger.append([b"x"])
        assert ledger.publish().public_since is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log-journal"]
