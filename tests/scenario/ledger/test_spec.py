"""spec/ledger.md: its examples are one log, each says what the page says of it, and its commands run."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from passerby.apps.cli import log
from passerby.gate.mandate.leaf import decision_text
from passerby.public.ledger.disk import Disk
from passerby.public.ledger.leaf import FIELDS, parse_leaf
from passerby.public.ledger.ledger import journal_folder
from passerby.public.ledger.receipt import verify_receipt
from passerby.tlog.key import VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature
from passerby.tlog.policy import Policy
from passerby.tlog.tile import Tile, TileBuilder, encode_bundle
from passerby.tlog.tree import leaf_hash

PAGE = (Path(__file__).parents[3] / "spec/ledger.md").read_text("utf-8")
LEAVES = re.findall(r"### `([a-z-]+)`\n\n.*?```json\n(.*?)\n```\n\n> (.*?)\n", PAGE, re.DOTALL)


def block(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


POLICY = Policy.parse(block("policy").encode())


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The log of the page as static files."""
    entries = [leaf.encode() for _, leaf, _ in LEAVES]
    builder = TileBuilder()
    tiles = builder.add(map(leaf_hash, entries))
    files = {tile.path: data for tile, data in tiles} | {
        Tile(None, 0, len(entries)).path: encode_bundle(entries),
        "checkpoint": block("checkpoint").encode(),
    }
    Disk().write_files((tmp_path / "log" / path, data) for path, data in files.items())
    (tmp_path / "policy").write_text(block("policy"))
    return tmp_path / "log"


def test_every_type_of_leaf_has_its_example() -> None:
    assert {kind for kind, _, _ in LEAVES} == set(FIELDS)


@pytest.mark.parametrize(("kind", "leaf", "words"), LEAVES, ids=[kind for kind, _, _ in LEAVES])
def test_a_leaf(kind: str, leaf: str, words: str) -> None:
    found = parse_leaf(leaf.encode())
    assert (found.type, found.plain_words()) == (kind, words)


def test_the_signatures_are_those_of_the_roles() -> None:
    leaves = {kind: json.loads(leaf) for kind, leaf, _ in LEAVES}
    keys = [VerifierKey.parse(text) for text in leaves["roles"]["roles"].values()]
    for kind, verb in (("approval", "approve"), ("suspension", "suspend"), ("revocation", "revoke")):
        leaf = leaves[kind]
        text = decision_text(verb, leaf["mandate"], leaf.get("reason", ""))
        lines = tuple(map(NoteSignature.parse, leaf["signatures"]))
        assert len(open_note(Note(text, lines), keys)) == len(lines)


def test_the_checkpoint_is_that_of_the_examples() -> None:
    checkpoint = POLICY.verify(block("checkpoint").encode())
    builder = TileBuilder()
    builder.add(leaf_hash(leaf.encode()) for _, leaf, _ in LEAVES)
    assert (checkpoint.size, checkpoint.root) == (builder.size, builder.root())
    assert json.loads(LEAVES[0][1])["policy"] == block("policy")


def test_the_receipt() -> None:
    receipt = verify_receipt(block("receipt").encode(), POLICY)
    assert f"```receipt\n{block('receipt')}```\n\n> {receipt.text}\n" in PAGE


def test_the_files(published: Path) -> None:
    listed = [line.split("  ")[0] for line in block("text").splitlines()]
    ours = {f"log/{file.relative_to(published)}" for file in published.rglob("*") if file.is_file()}
    assert {path for path in listed if path.startswith("log/")} == ours
    assert {path.split("/")[0] for path in listed} == {"log", journal_folder(published).name}


def test_the_commands(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(published.parent)
    said: list[Any] = []
    for script in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in script.splitlines():
            program, command, *arguments = shlex.split(line.replace("WHERE", str(published)), comments=True)
            assert (program, command) == ("passerby", "log")
            result = CliRunner().invoke(log.app, arguments)
            assert result.exit_code == 0, (line, result.output, result.exception)
            said.append(result.output)
    receipt = verify_receipt(block("receipt").encode(), POLICY)
    assert said[1] == f"{receipt.text}\n"
    assert Path("mandate.tlog-proof").read_text() == block("receipt")
    assert f"{len(LEAVES)} leaves, root" in said[2]
    assert "signed as council, oversight: The study is over." in said[3]
