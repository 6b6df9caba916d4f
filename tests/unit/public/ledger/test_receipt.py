"""Receipts are saved today and checked in ten years, without a network and with the policy alone."""

import socket
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from typer.testing import CliRunner

from passerby.apps.cli import log
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.receipt import (
    NotInLogError,
    ReceiptError,
    find_mandate,
    leaf_receipt,
    release_receipt,
    verify_receipt,
    verify_receipts,
)
from passerby.public.ledger.verify import BatchMismatchError, batch_lines, verify_log
from passerby.tlog.canonical import format_base64, parse_base64
from passerby.tlog.client import Client
from passerby.tlog.key import NoKnownSignatureError, SigningKey
from passerby.tlog.policy import Policy, QuorumError, UnknownLogError
from passerby.tlog.proof import InclusionError
from passerby.tlog.proof_file import ProofHeaderError
from passerby.tlog.tree import leaf_hash, tree_root

DOCUMENT = {"mandate": {"title": "Count the junction"}}
MANDATE = sha256(rfc8785.dumps(DOCUMENT)).hexdigest()
LINES = [b'{"cell":%d,"value":%d}' % (n, n * 3) for n in range(11)]
MANIFEST: dict[str, Any] = {
    "type": "manifest",
    "node": "north",
    "sequence": 4,
    "mandate": MANDATE,
    "count": len(LINES),
    "root": tree_root(map(leaf_hash, LINES)).hex(),
    "signature": "— north …",
}


@pytest.fixture
def client(house: Any) -> Client:
    ledger = house.open()
    ledger.append([b"%d" % n for n in range(300)])
    ledger.append([rfc8785.dumps({"type": "mandate", "document": DOCUMENT}), rfc8785.dumps(MANIFEST)])
    ledger.publish()
    found = Client(directory_fetch(house.directory), house.policy)
    found.checkpoint()
    return found


@pytest.fixture
def years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "create_connection", no_network)


@pytest.mark.usefixtures("years_later")
def test_a_mandate(client: Client, house: Any, tmp_path: Path) -> None:
    data = leaf_receipt(client, find_mandate(client, MANDATE))
    assert len(data) < 2_000
    policy, receipt = tmp_path / "policy", tmp_path / "mandate.tlog-proof"
    policy.write_text(house.policy.text)
    receipt.write_bytes(data)
    said = CliRunner().invoke(log.app, ["verify", str(receipt), "--policy", str(policy)])
    assert said.exit_code == 0
    assert said.output == (
        f"Proven: new mandate {MANDATE[:12]}: Count the junction. Leaf 300 of log.city.example at 302 leaves, "
        "cosigned by w1.example, w2.example, public since 2023-11-14 22:13 UTC.\n"
    )


@pytest.mark.usefixtures("years_later")
def test_a_released_number(client: Client, house: Any) -> None:
    for line in LINES:
        found = verify_receipt(release_receipt(client, LINES, line), house.policy)
        assert (found.line, found.index, found.leaf.mandate) == (line.decode(), 301, MANDATE)
    assert "released number «" in found.text


def test_a_time_beyond_every_calendar_is_told_as_it_is(client: Client, house: Any) -> None:
    found = verify_receipt(leaf_receipt(client, 300), house.policy)
    late = replace(found, checkpoint=replace(found.checkpoint, public_since=2**62))
    assert f"public since second {2**62} since 1970." in late.text


def test_what_is_not_logged_has_no_receipt(client: Client) -> None:
    with pytest.raises(NotInLogError):
        find_mandate(client, "0" * 64)
    with pytest.raises(NotInLogError):
        release_receipt(client, LINES, b'{"cell":1,"value":4}')
    with pytest.raises(NotInLogError):
        release_receipt(client, LINES[:-1], LINES[0])


def test_a_receipt_proves_nothing_to_somebody_who_trusts_others(client: Client, house: Any) -> None:
    data = leaf_receipt(client, 300)
    log_key, witness_keys = house.log.verifier, [key.verifier for key in house.keys]
    stranger = SigningKey.generate("log.city.example").verifier
    with pytest.raises(NoKnownSignatureError):
        verify_receipt(data, Policy.of(stranger, witness_keys, 2))
    with pytest.raises(UnknownLogError):
        verify_receipt(data, Policy.of(SigningKey.generate("other.example").verifier, witness_keys, 2))
    more = SigningKey("w3.example", house.keys[0].verifier.type, bytes([3] * 32)).verifier
    with pytest.raises(QuorumError):
        verify_receipt(data, Policy.of(log_key, [*witness_keys, more], 3))


def test_a_changed_receipt_proves_nothing(client: Client, house: Any) -> None:
    data = release_receipt(client, LINES, LINES[3])
    head, extra, rest = data.split(b"\n", 2)
    plain = parse_base64(extra.decode().removeprefix("extra "))
    for before, after, error in (
        (b'value\\":9', b'value\\":8', InclusionError),
        (b'"index":3', b'"index":4', InclusionError),
        (b'node\\":\\"north', b'node\\":\\"south', InclusionError),
        (b'"index":3,', b'"index": 3,', ReceiptError),
        (b'"line"', b'"lime"', ReceiptError),
    ):
        assert plain.count(before) == 1
        changed = format_base64(plain.replace(before, after)).encode()
        with pytest.raises(error):
            verify_receipt(b"\n".join([head, b"extra " + changed, rest]), house.policy)


@pytest.mark.usefixtures("client")
def test_every_published_number_is_the_logged_one(house: Any) -> None:
    served = b"".join(line + b"\n" for line in LINES)
    fetch = directory_fetch(house.directory)
    heard: list[tuple[int, int]] = []
    batches = {MANIFEST["root"]: served}
    report = verify_log(
        fetch, house.policy, read_batch=batches.__getitem__, tell=lambda done, size: heard.append((done, size))
    )
    assert heard == [(0, 302), (256, 302)]
    assert (report.released, report.compared, len(report.foreign)) == (11, 11, 300)
    assert batch_lines(served) == LINES
    for wrong in (served.replace(b":9}", b":8}"), served.replace(LINES[2] + b"\n", b""), served + b"\n", b""):
        with pytest.raises(BatchMismatchError):
            verify_log(fetch, house.policy, read_batch={MANIFEST["root"]: wrong}.__getitem__)


@pytest.mark.usefixtures("years_later")
def test_a_file_holds_many_receipts_and_one_that_does_not_hold_spoils_it(
    client: Client, house: Any, tmp_path: Path
) -> None:
    made = [release_receipt(client, LINES, line) for line in LINES[:3]]
    assert [one.line for one in verify_receipts(b"".join(made), house.policy)] == [line.decode() for line in LINES[:3]]
    policy, file = tmp_path / "policy", tmp_path / "some.receipts.txt"
    policy.write_text(house.policy.text)
    file.write_bytes(b"".join(made))
    said = CliRunner().invoke(log.app, ["verify", str(file), "--policy", str(policy)])
    assert said.output.endswith("All 3 receipts hold.\n")
    head, extra, rest = made[2].split(b"\n", 2)
    changed = format_base64(parse_base64(extra.decode().removeprefix("extra ")).replace(b'"index":2', b'"index":1'))
    with pytest.raises(InclusionError):
        verify_receipts(made[0] + b"\n".join([head, b"extra " + changed.encode(), rest]), house.policy)
    with pytest.raises(ProofHeaderError):
        verify_receipts(b"", house.policy)
