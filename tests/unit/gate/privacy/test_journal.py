"""The journal by itself: what it takes back, and what it refuses."""

from pathlib import Path

import pytest

from passerby.gate.privacy.journal import Journal, JournalError

RECORDS = [{"n": n, "text": "a line\nof ünïcode"} for n in range(5)]


def write(path: Path) -> None:
    journal = Journal(path)
    journal.rewrite(RECORDS[:2])
    for record in RECORDS[2:]:
        journal.append(record)
    journal.close()


def read(path: Path) -> list[object]:
    journal = Journal(path)
    journal.close()
    return list(journal.records)


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    write(tmp_path / "journal")
    assert read(tmp_path / "journal") == RECORDS
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_is_left_out_wherever_it_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path)
    whole = path.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        assert read(path) == RECORDS[:-1]
        path.write_bytes(whole[:cut] + bytes(len(whole) - cut))
        assert read(path) == RECORDS[:-1]
        path.write_bytes(whole[:last] + bytes(cut - last) + whole[cut:])
        assert read(path) == (RECORDS if cut == last else RECORDS[:-1])


def test_a_line_that_was_changed_moved_or_taken_out_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    edits = [lines[:k] + lines[k + 1 :] for k in range(3)]
    edits += [[*lines[:k], lines[k].replace(b'"n":', b'"m":'), *lines[k + 1 :]] for k in range(4)]
    edits += [[*lines[:k], lines[k + 1], lines[k], *lines[k + 2 :]] for k in range(3)]
    edits += [[*lines[:2], b"\n", *lines[2:]], [b"x", *lines]]
    for edit in edits:
        path.write_bytes(b"".join(edit))
        with pytest.raises(JournalError, match="does not fit at line"):
            Journal(path)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal")
    first.rewrite([])
    with pytest.raises(JournalError, match="another node"):
        Journal(tmp_path / "journal")
    first.rewrite(RECORDS)
    with pytest.raises(JournalError, match="another node"):
        Journal(tmp_path / "journal")
    first.close()
    assert read(tmp_path / "journal") == RECORDS


def test_nothing_is_appended_before_the_journal_was_rewritten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with pytest.raises(JournalError):
        journal.append({})
    journal.close()
