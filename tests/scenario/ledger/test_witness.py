"""docs/witness.md as a reader would follow it, and its witness asked every kind of question over HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from passerby.apps.server.serve import serving
from passerby.apps.witness.server import LARGEST_REQUEST, witness_app
from passerby.public.ledger.disk import Disk
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.key import KeyType, SigningKey, VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature
from passerby.tlog.proof import prove_consistency
from passerby.tlog.tree import leaf_hash, tree_root
from passerby.tlog.witness import SIZE_TYPE, AddCheckpoint

PAGE = (Path(__file__).parents[3] / "docs/witness.md").read_text("utf-8")
LOG = SigningKey("log.city.example", KeyType.ED25519, bytes([7] * 32))
HASHES = [leaf_hash(b"%d" % n) for n in range(40)]
FORKED = [*HASHES[:2], leaf_hash(b"rewritten"), *HASHES[3:]]


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def request(old: int, size: int, hashes: list[bytes] = HASHES, by: SigningKey = LOG, origin: str = LOG.name) -> bytes:
    def node(level: int, index: int) -> bytes:
        return tree_root(hashes[index << level : (index + 1) << level])

    text = TreeHead(origin, size, tree_root(hashes[:size])).text
    proof = prove_consistency(node, old, size) if old <= size else ()
    return AddCheckpoint(old, proof, Note(text, (by.sign(text),))).encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Reader:
    """Somebody who types what the page says; ``passerby`` is this source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        program = folder / "bin/passerby"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m passerby.apps.cli.main "$@"\n')
        program.chmod(0o755)
        self.env = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        self.address = f"127.0.0.1:{free_port()}"
        script = block("sh").replace("127.0.0.1:8001", self.address)
        self.log, self.keygen, self.serve = (line.split(" #")[0].strip() for line in script.splitlines())
        self.log = re.sub("'.*'", f"'{LOG.verifier.text}'", self.log)

    def make_key(self) -> VerifierKey:
        done = subprocess.run(
            ["sh", "-c", self.keygen], cwd=self.folder, env=self.env, capture_output=True, text=True, check=True
        )
        return VerifierKey.parse(done.stdout.strip())

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            ["sh", "-c", f"{self.log}\nexec {self.serve}"],
            cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(4)]
        assert told[-1] == f"listens at http://{self.address}\n", told
        return process


def ask(reader: Reader, body: bytes) -> httpx.Response:
    return httpx.post(f"http://{reader.address}/add-checkpoint", content=body, timeout=20)


def test_the_page_and_every_answer(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    key = reader.make_key()
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    process = reader.start()
    try:
        assert ask(reader, request(0, 5)).status_code == 200
        good = ask(reader, request(5, 9))
        assert good.status_code == 200
        line = NoteSignature.parse(good.text.removesuffix("\n"))
        text = TreeHead(LOG.name, 9, tree_root(HASHES[:9])).text
        assert [v.key for v in open_note(Note(text, (line,)), [key])] == [key]

        stranger = SigningKey.generate(LOG.name)
        refusals = {
            "nonsense": (b"nonsense", 400),
            "old larger than new": (request(9, 8), 400),
            "another key": (request(9, 12, by=stranger), 403),
            "another log": (request(9, 12, origin="other.example"), 404),
            "another old size": (request(5, 12), 409),
            "too large": (b"x" * (LARGEST_REQUEST + 1), 413),
            "rewritten": (request(9, 12, FORKED), 422),
            "rewritten at one size": (request(9, 9, FORKED), 422),
        }
        assert {name: ask(reader, body).status_code for name, (body, _) in refusals.items()} == {
            name: status for name, (_, status) in refusals.items()
        }
        stale = ask(reader, request(5, 12))
        assert (stale.text, stale.headers["content-type"]) == ("9\n", SIZE_TYPE)

        process.send_signal(signal.SIGKILL)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
        process = reader.start()
        assert ask(reader, request(0, 3)).text == "9\n"
        assert ask(reader, request(9, 20)).status_code == 200
        shown = httpx.get(f"http://{reader.address}/{sha256(LOG.name.encode()).hexdigest()}/checkpoint")
        note = Note.parse(shown.content)
        assert [v.key for v in open_note(note, [LOG.verifier, key])] == [LOG.verifier, key]
        assert TreeHead.parse(note.text).size == 20
        assert httpx.get(f"http://{reader.address}/{'0' * 64}/checkpoint").status_code == 404
        assert key.text in httpx.get(f"http://{reader.address}/").text
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
    statuses = set(map(int, re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)))
    assert statuses == {200, 503} | {status for _, status in refusals.values()}


def test_the_service_runs_the_same_command() -> None:
    unit = re.search(r"^ExecStart=\S+/passerby (.*)$", block("ini"), re.MULTILINE)
    log = re.search(r"LOG='(.*?)'", block("sh"))
    assert unit
    assert log
    assert f"passerby {unit[1]}" == block("sh").splitlines()[2].replace('"$LOG"', log[1])


class Recording(Disk):
    """Notes what is durable, or fails."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.steps: list[str] = []

    def sync(self, descriptor: int) -> None:
        if self.fails:
            raise OSError(28, "No space left on device")
        super().sync(descriptor)
        self.steps.append("synced")

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        self.steps.append("named")


@pytest.fixture
def local(tmp_path: Path) -> Any:
    return lambda disk: LocalWitness(
        tmp_path, SigningKey("w.example", KeyType.COSIGNATURE, bytes(32)), [LOG.verifier], disk=disk
    )


def test_what_cannot_be_remembered_is_not_cosigned(local: Any) -> None:
    with local(Recording(fails=True)) as witness, serving(witness_app(witness, ""), "127.0.0.1", free_port()) as url:
        answer = httpx.post(f"{url}/add-checkpoint", content=request(0, 5), timeout=20)
        assert answer.status_code == 503
        assert "—" not in answer.text
    with local(Recording()) as witness:
        assert witness.add_checkpoint(request(5, 6)).body == b"0\n"


def test_it_is_remembered_before_it_is_answered(local: Any) -> None:
    disk = Recording()
    with local(disk) as witness:
        assert witness.add_checkpoint(request(0, 5)).status == 200
        assert disk.steps[-2:] == ["synced", "named"]
