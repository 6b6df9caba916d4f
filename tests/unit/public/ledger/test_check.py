"""``check_copy`` finds whatever is wrong with the operator's files; fetching tells missing from ill."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from passerby.datatypes.errors import PasserbyError
from passerby.public.ledger.errors import JournalDamagedError
from passerby.public.ledger.fetch import UnreachableError, fetch_from, http_fetch
from passerby.public.ledger.journal import encode_record
from passerby.public.ledger.ledger import journal_folder
from passerby.public.ledger.verify import CopyError, check_copy
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.note import Note
from passerby.tlog.tiled import ResourceMissingError


def a_log(house: Any, published: int = 700, pending: int = 5) -> Path:
    ledger = house.open()
    ledger.append([b"%d" % n for n in range(published)])
    ledger.publish()
    ledger.append([b"%d" % n for n in range(published, published + pending)])
    ledger.close()
    house.stack.close()
    directory: Path = house.directory
    return directory


def test_a_sound_log(house: Any) -> None:
    report = check_copy(a_log(house), house.policy)
    assert (report.checkpoint.size, report.unpublished, report.witnesses) == (700, 5, 2)
    assert "5 more durable and not published yet" in report.text


@pytest.mark.parametrize("file", ["tile/0/000", "tile/0/001", "tile/1/000.p/2", "tile/0/002.p/188", "tile/entries/001"])
@pytest.mark.parametrize("fault", ["gone", "short", "changed"])
def test_every_file_is_needed(house: Any, file: str, fault: str) -> None:
    path = a_log(house) / file
    data = path.read_bytes()
    path.unlink()
    if fault != "gone":
        path.write_bytes(data[:-1] if fault == "short" else data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(PasserbyError):
        check_copy(house.directory, house.policy)


def test_an_unpublished_log_is_told(house: Any) -> None:
    house.open().append([b"a"])
    with pytest.raises(CopyError, match="1 leaves that are durable"):
        check_copy(house.directory, house.policy)


def test_a_journal_with_a_hole(house: Any) -> None:
    a_log(house)
    (file,) = journal_folder(house.directory).glob("leaves-*")
    whole = file.read_bytes()
    file.write_bytes(encode_record(701, [b"after the hole"]))
    with pytest.raises(JournalDamagedError, match="leaf 700"):
        check_copy(house.directory, house.policy)
    file.write_bytes(whole[:-1] + encode_record(705, [b"after the damage"]))
    with pytest.raises(JournalDamagedError, match="a whole batch at byte 0"):
        check_copy(house.directory, house.policy)
    file.write_bytes(whole + whole[:40])
    assert check_copy(house.directory, house.policy).unpublished == 5
    assert file.read_bytes() == whole + whole[:40]


@pytest.mark.parametrize(("size", "root"), [(900, bytes(32)), (703, bytes(32))])
def test_a_signature_that_the_files_contradict(house: Any, size: int, root: bytes) -> None:
    a_log(house)
    head = TreeHead(house.log.name, size, root)
    note = Note(head.text, (house.log.sign(head.text),))
    (journal_folder(house.directory) / "signed").write_bytes(note.encode())
    with pytest.raises(CopyError):
        check_copy(house.directory, house.policy)


@pytest.fixture
def web() -> Iterator[str]:
    class Odd(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = {"/log/gone": 410, "/log/here": 200, "/log/ill": 500, "/log/moved": 302, "/log/endless": 200}
            self.send_response(status.get(self.path, 404))
            if self.path == "/log/moved":
                self.send_header("location", "/log/here")
            self.end_headers()
            try:
                for _ in range(40 if self.path == "/log/endless" else 1):
                    self.wfile.write(b"x" * (1 << 20) if self.path == "/log/endless" else b"data")
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/log"
    server.shutdown()
    thread.join()
    server.server_close()


def test_fetching(web: str) -> None:
    fetch = fetch_from(f"{web}/")
    assert fetch("here") == b"data"
    for path in ("gone", "nothing"):
        with pytest.raises(ResourceMissingError):
            fetch(path)
    for path in ("ill", "moved", "endless"):
        with pytest.raises(UnreachableError):
            fetch(path)
    for url in ("http://127.0.0.1:1", "http://[nonsense"):
        with pytest.raises(UnreachableError):
            http_fetch(url)("checkpoint")
