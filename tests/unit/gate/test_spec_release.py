"""Every example of spec/release.md is what the software reads and writes."""

import json
import re
from pathlib import Path
from typing import Any

from passerby.datatypes.release import HEADER
from passerby.gate.gate import Gate
from passerby.gate.manifest import batch_root, budget_leaves, manifest_leaf, signed_by
from passerby.gate.privacy.book import Book
from passerby.gate.privacy.journal import Journal
from passerby.gate.privacy.mechanism import half_width, scale_of
from passerby.public.store.record import parse
from passerby.tlog.key import KeyType, SigningKey, VerifierKey

SPEC = (Path(__file__).parents[3] / "spec/release.md").read_text("utf-8")


def blocks(kind: str) -> list[list[str]]:
    return [text.splitlines() for text in re.findall(rf"```{kind}\n(.*?)```", SPEC, re.S)]


((HEAD, *LINES),) = blocks("csv")
((BUDGET, MANIFEST),) = blocks("json")
(JOURNAL,) = blocks("journal")
(VKEY,), TEXT = blocks("text")


def test_the_lines_are_canonical_and_their_noise_follows_from_the_mandate(house: Any) -> None:
    mandate = house.mandate()
    assert HEAD == HEADER
    for line in LINES:
        record = parse(line)
        assert record.line() == line
        family, finest = record.cell.family, mandate.resolutions[0]
        scale = scale_of(mandate.sensitivity(family), mandate.budgets[family].epsilon * finest.share)
        assert (f"{record.scale:.6f}", record.half_width) == (f"{scale:.6f}", half_width(scale))


def test_the_manifest_has_the_root_and_the_signature() -> None:
    manifest = json.loads(MANIFEST)
    assert (manifest["count"], manifest["root"]) == (len(LINES), batch_root(LINES))
    assert signed_by(manifest, VerifierKey.parse(VKEY))
    key = SigningKey("node.city.example", KeyType.ED25519, bytes([9] * 32))
    assert key.verifier.text == VKEY
    written = manifest_leaf(key, 0, manifest["mandate"], len(LINES), manifest["root"])
    assert written.decode("utf-8") == MANIFEST
    assert TEXT == ["passerby-manifest/v1", "<node>", "<sequence>", "<mandate>", "<count>", "<root>"]


def test_the_journal_is_read_and_gives_the_budget_leaf(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("\n".join([*JOURNAL, ""]), "ascii")
    journal = Journal(path)
    records = journal.records
    book = Book("node.city.example", records)
    journal.close()
    assert len(records) == len(JOURNAL)
    assert records[2]["lines"] == LINES
    debits = list(book.accountant.own())
    assert [leaf.decode("utf-8") for leaf in budget_leaves("node.city.example", records[1]["mandate"], debits)] == [
        BUDGET
    ]
    assert (book.sequence, book.pending) == (1, {})


def test_every_kind_of_record_is_in_the_table(house: Any, noon: Any) -> None:
    """What a gate writes over its life has no fields that the page does not name."""
    mandate, gate = house.mandate(), house.open()
    batch = gate.release(house.measures(mandate, noon), house.authorizations(mandate))
    gate.acknowledge([batch.sequence])
    kinds = {tuple(json.loads(line[33:])) for line in house.journal.read_text("ascii").splitlines()}
    house.open()
    kinds |= {tuple(json.loads(line[33:])) for line in house.journal.read_text("ascii").splitlines()}
    table = {tuple(re.findall(r"`(\w+)`", row.split("|")[1])) for row in SPEC.split("| record |")[1].splitlines()[2:7]}
    assert kinds == table
    assert isinstance(gate, Gate)
