"""``passerby log watch`` tells a newspaper by webhook and by mail, from a log and to servers that are really there."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from typer.testing import CliRunner

from passerby.apps.cli import log
from passerby.apps.server.serve import serving
from passerby.apps.watch.alarm import Bell
from passerby.apps.witness.server import witness_app
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.key import KeyType, SigningKey
from passerby.tlog.policy import LogEntry, Policy, WitnessEntry

LOG = SigningKey("log.city.example", KeyType.ED25519, bytes([7] * 32))
WITNESS = SigningKey("w.example", KeyType.COSIGNATURE, bytes([1] * 32))
MANDATE = rfc8785.dumps({"type": "mandate", "document": {"mandate": {"title": "Count the junction"}}})


@contextmanager
def running(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def web(folder: Path) -> Iterator[str]:
    """Any static web server will do for a log."""

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, *_: object) -> None:
            pass

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Files)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def webhook(got: list[Any]) -> Iterator[str]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Hook)) as port:
        yield f"http://127.0.0.1:{port}/hook"


@contextmanager
def mailbox(got: list[tuple[str, str, str]]) -> Iterator[str]:
    """Enough of RFC 5321 to take a message."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 mail.example")
            while line := self.rfile.readline().strip().upper():
                if line == b"DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    message = message_from_bytes(b"".join(lines), policy=default)
                    got.append((message["to"], message["subject"], message.get_content().strip()))
                self.say("221 bye" if line == b"QUIT" else "250 fine")
                if line == b"QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        yield f"127.0.0.1:{port}"


def watch(where: str, folder: Path, *more: str) -> Any:
    arguments = ["watch", where, "--policy", str(folder / "policy"), "--state", str(folder / "seen"), "--once", *more]
    return CliRunner().invoke(log.app, arguments)


def test_a_newspaper_follows_the_log(tmp_path: Path) -> None:
    hooks: list[Any] = []
    mails: list[tuple[str, str, str]] = []
    with (
        web(tmp_path / "log") as where,
        LocalWitness(tmp_path / "memory", WITNESS, [LOG.verifier]) as witness,
        serving(witness_app(witness, ""), "127.0.0.1", _port()) as at,
        webhook(hooks) as hook,
        mailbox(mails) as smtp,
    ):
        policy = Policy((LogEntry(LOG.verifier, where),), (WitnessEntry("w", WITNESS.verifier, at),), (), "w")
        (tmp_path / "policy").write_text(policy.text)
        bells = ["--webhook", hook, "--mail", "desk@paper.example", "--smtp", smtp]
        with Ledger.open(tmp_path / "log", LOG, policy, [witness]) as ledger:
            ledger.append([MANDATE])
            first = ledger.publish()
            said = watch(where, tmp_path, *bells)
            assert said.exit_code == 0, said.output
            text = "new mandate 681c6048139f: Count the junction"
            assert said.output == f"       0  {text}\n1 leaves, root {first.root.hex()}: consistent.\n"
            assert hooks == [{"kind": "news", "text": text}]
            assert mails == [("desk@paper.example", "Passerby log: news", text)]

            ledger.append([b"x"])
            ledger.publish()
            assert watch(where, tmp_path, *bells).exit_code == 0
            (tmp_path / "log/checkpoint").write_bytes(first.note.encode())
        hooks.clear()
        mails.clear()
        caught = watch(where, tmp_path, *bells)
        assert caught.exit_code == 2
        assert "ALARM: log.city.example shrank from 2 to 1 leaves" in caught.output
        assert [(one["kind"], one["text"][:6]) for one in hooks] == [("alarm", "ALARM:")]
        assert [subject for _, subject, _ in mails] == ["Passerby log: alarm"]
        (evidence,) = (tmp_path / "seen").glob("evidence-*")
        kept = [policy.verify((evidence / f"{name}.checkpoint").read_bytes()).size for name in ("earlier", "later")]
        assert kept == [2, 1]


def test_a_bell_that_nobody_hears_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for bell in (Bell(webhook="http://127.0.0.1:1"), Bell(mail="a@b.example", smtp="127.0.0.1:1"), Bell("http://[")):
        bell.ring("news", "text")
    assert capsys.readouterr().err.count("could not send the news") == 3
    Bell().ring("news", "text")


def _port() -> int:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as probe:
        port: int = probe.server_address[1]
        return port
