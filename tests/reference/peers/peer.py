# mypy: ignore-errors
"""Reads, writes and feeds logs with aics-tlog and aics-witness, which need Python 3.12; run by its own interpreter.

peer.py verify DIR LOGKEY [WITNESSKEY ...]        every tile and bundle; consistency with DIR/older/*
peer.py write  DIR ORIGIN ENTRIES STEP            a log of that many entries, signed and cosigned at every STEP entries
peer.py feed   URL WITNESSKEY ORIGIN SEED SIZE…   has a witness cosign a log at these sizes, one after the other
"""

import json
import sys
from pathlib import Path

from aics_tlog import (
    Checkpoint,
    DirectoryTileStore,
    FileSystemTileReader,
    IncrementalTileWriter,
    MerkleTree,
    Note,
    VerifiedTileReader,
    audit_tiles,
    consistency_proof_from_tiles,
    cosignature_vkey,
    format_vkey,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    sign_checkpoint,
    sign_cosignature,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
    vkey_from_ed25519,
)
from aics_tlog.tiles import inclusion_proof_from_tiles
from aics_witness.feeder import WitnessClient
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def verify(folder, log_key, *witness_keys):
    keys = [parse_vkey(key) for key in witness_keys]

    def head(file):
        note = parse_note(file.read_bytes())
        result = verify_checkpoint(note, parse_vkey(log_key), keys, len(keys))
        assert result.ok, result.error
        return parse_checkpoint(note.text)

    last = head(Path(folder, "checkpoint"))
    reader = FileSystemTileReader(folder)
    audited = audit_tiles(reader, last.size, last.root)
    tiles = VerifiedTileReader(reader, last.size, last.root)
    indices = range(0, last.size, 1 + last.size // 100)
    for index in indices:
        proof = inclusion_proof_from_tiles(tiles, index, last.size)
        assert verify_leaf_inclusion(tiles.entry(index), index, last.size, proof, last.root)
    older = [head(file) for file in Path(folder, "older").iterdir()]
    for old in older:
        proof = consistency_proof_from_tiles(tiles, old.size, last.size)
        assert verify_consistency(old.size, last.size, old.root, last.root, proof)
    return {"size": last.size, "bundles": audited.bundles, "inclusions": len(indices), "consistencies": len(older)}


def write(folder, origin, count, step):
    log, witness = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    store = DirectoryTileStore(folder, fsync=False)
    writer = IncrementalTileWriter(store)
    Path(folder, "older").mkdir()
    while writer.size < int(count):
        more = min(int(step), int(count) - writer.size)
        writer.append([b"entry %d" % n for n in range(writer.size, writer.size + more)])
        note = sign_checkpoint(Checkpoint(origin, writer.size, writer.root()), log, origin)
        _, line = sign_cosignature(witness, "w.example", 1_700_000_000, origin, writer.size, writer.root())
        data = Note(text=note.text, signatures=(*note.signatures, line)).to_bytes()
        store.write_checkpoint(data)
        Path(folder, "older", str(writer.size)).write_bytes(data)
    keys = vkey_from_ed25519(origin, log.public_key()), cosignature_vkey("w.example", witness.public_key())
    return {"size": writer.size, "key": format_vkey(keys[0]), "witness": format_vkey(keys[1])}


def feed(url, witness_key, origin, seed, *sizes):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    tree = MerkleTree([b"entry %d" % n for n in range(max(map(int, sizes)))])
    lines = []
    with WitnessClient(url, witness_key) as client:
        for size in map(int, sizes):
            note = sign_checkpoint(Checkpoint(origin, size, tree.root(size)), key, origin)
            lines.append(client.submit(note.to_bytes(), tree.consistency_proof))
    return {"lines": lines}


if __name__ == "__main__":
    print(json.dumps({"verify": verify, "write": write, "feed": feed}[sys.argv[1]](*sys.argv[2:])))
