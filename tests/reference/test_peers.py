"""Other people's implementations read our log, write logs that we read, witness ours, and are witnessed by ours.

Go's sumdb/note and sumdb/tlog (Debian: golang-go, golang-golang-x-mod-dev), and aics-tlog and aics-witness
(``peers/install.sh``). Each test is skipped, with the reason, where its peer is not installed.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from passerby.apps.server.serve import serving
from passerby.apps.witness.server import witness_app
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import HttpWitness, LocalWitness
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, SigningKey, VerifierKey
from passerby.tlog.policy import LogEntry, Policy, WitnessEntry
from passerby.tlog.proof import verify_inclusion
from passerby.tlog.tree import leaf_hash

HERE = Path(__file__).parent
AICS = HERE.parents[1] / ".venv-peers/bin"
GO_SOURCES = Path("/usr/share/gocode")
LOG = SigningKey("log.city.example", KeyType.ED25519, bytes([7] * 32))
WITNESSES = [SigningKey(f"w{n}.example", KeyType.COSIGNATURE, bytes([n] * 32)) for n in (1, 2)]
POLICY = Policy.of(LOG.verifier, [key.verifier for key in WITNESSES], 2)
SIZES = (1, 255, 256, 257, 5_000, 65_535, 65_537, 66_000)


def run(command: Sequence[str | Path], **more: Any) -> Any:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=200, check=False, **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout) if done.stdout else None


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None or not (GO_SOURCES / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("Go is not here: apt-get install golang-go golang-golang-x-mod-dev")
    program = tmp_path_factory.mktemp("go") / "peer"
    run(
        ["go", "build", "-o", program, HERE / "peers/peer.go"],
        env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOFLAGS": ""},
    )
    return program


@pytest.fixture(scope="session")
def aics() -> list[str | Path]:
    if not (AICS / "python").exists():
        pytest.skip("aics-tlog is not here: bash tests/reference/peers/install.sh (Python 3.12 or newer)")
    return [AICS / "python", HERE / "peers/peer.py"]


@pytest.fixture(params=["go", "aics"])
def peer(request: pytest.FixtureRequest) -> list[str | Path]:
    found = request.getfixturevalue(request.param)
    return found if isinstance(found, list) else [found]


@pytest.fixture(scope="session")
def our_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """66,000 leaves (three levels of tiles), published at eight sizes; ``older`` keeps each checkpoint."""
    folder = tmp_path_factory.mktemp("ours")
    witnesses = [LocalWitness(folder / key.name, key, [LOG.verifier]) for key in WITNESSES]
    with Ledger.open(folder / "log", LOG, POLICY, witnesses) as ledger:
        (folder / "log/older").mkdir()
        for size in SIZES:
            ledger.append([b'{"leaf":%d}' % n for n in range(ledger.size, size)])
            (folder / f"log/older/{size}").write_bytes(ledger.publish().note.encode())
    yield folder / "log"
    for witness in witnesses:
        witness.close()


def test_they_verify_our_log(peer: list[str | Path], our_log: Path) -> None:
    found = run([*peer, "verify", our_log, LOG.verifier.text, *(key.verifier.text for key in WITNESSES)])
    assert (found["size"], found["consistencies"]) == (66_000, len(SIZES))
    assert found["inclusions"] >= 100


def test_they_notice_a_changed_tile(peer: list[str | Path], our_log: Path, tmp_path: Path) -> None:
    shutil.copytree(our_log, tmp_path / "log")
    bundle = tmp_path / "log/tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b'{"leaf":0}', b'{"leaf":9}', 1))
    with pytest.raises(AssertionError):
        run([*peer, "verify", tmp_path / "log", LOG.verifier.text])


def test_we_verify_their_log(peer: list[str | Path], tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    wrote = run([*peer, "write", folder, "peer.example/log", "1000", "130"])
    witnesses = (WitnessEntry("w", VerifierKey.parse(wrote["witness"])),) if "witness" in wrote else ()
    policy = Policy((LogEntry(VerifierKey.parse(wrote["key"])),), witnesses, (), "w" if witnesses else None)
    seen = None
    for size in (*range(130, 1000, 130), 1000):
        head = policy.verify((folder / f"older/{size}").read_bytes())
        assert head.size == size
        client = Client(directory_fetch(folder), policy, seen or head)
        newest = client.checkpoint()
        assert client.tree.root_at(size) == head.root
        seen = head
    assert newest.size == 1000
    assert list(client.entries()) == [b"entry %d" % n for n in range(1000)]
    for index in range(0, 1000, 37):
        verify_inclusion(leaf_hash(b"entry %d" % index), index, 1000, client.inclusion(index), newest.root)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_their_witness_cosigns_our_log(aics: list[str | Path], tmp_path: Path) -> None:
    config, port = ["--config", str(tmp_path / "witness.json")], free_port()
    command = str(Path(aics[0]).with_name("aics-witness"))
    init = ["init", *config, "--name", "peer.example/w1", "--listen", f"127.0.0.1:{port}"]
    for step in (init, ["add-log", *config, "--origin", LOG.name, "--vkey", LOG.verifier.text]):
        subprocess.run([command, *step], check=True, capture_output=True, timeout=60)
    key = VerifierKey.parse(run([command, "status", *config, "--json"])["witness"]["vkey"])
    with subprocess.Popen([command, "serve", *config], stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(400):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            witness = HttpWitness(f"http://127.0.0.1:{port}")
            policy = Policy.of(LOG.verifier, [key], 1)
            for _ in range(2):  # opened anew, the log learns from a 409 what the witness has seen
                with Ledger.open(tmp_path / "log", LOG, policy, [witness]) as ledger:
                    for more in (3, 300):
                        ledger.append([b"%d" % n for n in range(more)])
                        assert [one.witness for one in ledger.publish().cosigned] == ["peer.example/w1"]
            assert ledger.size == 606
        finally:
            server.terminate()


def test_our_witness_cosigns_their_log(aics: list[str | Path], tmp_path: Path) -> None:
    seed = bytes([9] * 32)
    log = SigningKey("peer.example/log", KeyType.ED25519, seed)
    with (
        LocalWitness(tmp_path / "memory", WITNESSES[0], [log.verifier]) as witness,
        serving(witness_app(witness, "a witness\n"), "127.0.0.1", free_port()) as url,
    ):
        key = WITNESSES[0].verifier.text
        first = run([*aics, "feed", url, key, log.name, seed.hex(), "3", "300"])
        again = run([*aics, "feed", url, key, log.name, seed.hex(), "300", "777"])
        assert len(first["lines"] + again["lines"]) == 4
        with pytest.raises(AssertionError, match="WitnessAhead"):
            run([*aics, "feed", url, key, log.name, seed.hex(), "299"])
