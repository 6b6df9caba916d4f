"""``passerby log`` as a resident and an operator type it: what it prints, as words and as JSON, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import typer
from typer.testing import CliRunner

from passerby.apps.cli import log, witness
from passerby.apps.cli.log import PolicyFileError
from passerby.public.ledger.keyfile import KeyFileError, read_key
from passerby.public.ledger.ledger import Ledger
from passerby.tlog.key import KeyType, SigningKey, VerifierKey
from passerby.tlog.policy import Policy, UnknownLogError
from passerby.tlog.tree import leaf_hash, tree_root

LOG = SigningKey("log.city.example", KeyType.ED25519, bytes([7] * 32))
LINES = [b'{"n":%d}' % n for n in range(3)]
ROOT = tree_root(map(leaf_hash, LINES)).hex()
MANIFEST: dict[str, Any] = {
    "type": "manifest",
    "node": "n",
    "sequence": 1,
    "mandate": "ab" * 32,
    "count": 3,
    "signature": "s",
}

Say = Callable[..., Any]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Types a command in a folder that holds a log of one manifest, its policy, and the batch."""
    monkeypatch.chdir(tmp_path)
    policy = Policy.of(LOG.verifier, [], 0)
    with Ledger.open(tmp_path / "log", LOG, policy) as ledger:
        ledger.append([rfc8785.dumps(MANIFEST | {"mandate": "ab" * 32, "root": ROOT})])
        ledger.publish()
        ledger.append([b"{}"])
    Path("policy").write_text(policy.text)
    Path("batch.csv").write_bytes(b"".join(line + b"\n" for line in LINES))

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(log.app, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_a_resident_verifies_a_log(say: Say) -> None:
    assert "1 leaves, root" in say("verify", "log", "--policy", "policy")
    report = json.loads(say("verify", "log", "--policy", "policy", "--json"))
    assert (report["size"], report["types"], report["released"], report["cosigned"]) == (1, {"manifest": 1}, 3, [])


def test_an_operator_checks_the_files(say: Say) -> None:
    assert "1 more durable and not published yet" in say("check", "log", "--policy", "policy")
    assert json.loads(say("check", "log", "--policy", "policy", "--json"))["unpublished"] == 1


def test_a_resident_keeps_the_receipt_of_a_number(say: Say) -> None:
    line = LINES[1].decode()
    said = say("receipt", "log", "--policy", "policy", "--line", line, "--batch", "batch.csv", "--out", "proof")
    assert said.startswith(f"Proven: released number «{line}». Leaf 0 of log.city.example")
    assert json.loads(say("verify", "proof", "--policy", "policy", "--json")) == {"leaf": 0, "line": line}


@pytest.mark.parametrize(
    "arguments",
    [[], ["--leaf", "0", "--mandate", "ab" * 32], ["--line", "x"], ["--leaf", "0", "--batch", "batch.csv"]],
)
def test_a_receipt_is_of_one_thing(say: Say, arguments: list[str]) -> None:
    told = say("receipt", "log", "--policy", "policy", "--out", "proof", *arguments, code=2)
    assert "--line with --batch" in told
    assert not Path("proof").exists()


def test_a_policy_is_needed_and_it_must_fit(say: Say) -> None:
    with pytest.raises(PolicyFileError, match="cannot read nothing"):
        say("verify", "log", "--policy", "nothing")
    Path("other").write_text(Policy.of(SigningKey.generate("other.example").verifier, [], 0).text)
    with pytest.raises(UnknownLogError):
        say("verify", "log", "--policy", "other")


def test_keys_are_made_once_and_stay_private(say: Say) -> None:
    made = VerifierKey.parse(say("keygen", "w.example", "key", "--witness").strip())
    assert made.type is KeyType.COSIGNATURE
    assert read_key(Path("key")).verifier == made
    with pytest.raises(KeyFileError, match="never overwritten"):
        say("keygen", "w.example", "key")
    Path("key").chmod(0o640)
    with pytest.raises(KeyFileError, match="others can read"):
        read_key(Path("key"))


@pytest.mark.parametrize("listen", ["8001", "127.0.0.1", "127.0.0.1:web"])
def test_a_witness_listens_on_an_address_and_a_port(say: Say, listen: str) -> None:
    say("keygen", "w.example", "key", "--witness")
    app = typer.Typer()
    app.command()(witness.command)
    arguments = ["--key", "key", "--log", LOG.verifier.text, "--state", "memory", "--listen", listen]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert not Path("memory").exists()
