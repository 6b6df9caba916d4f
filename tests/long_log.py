"""``python -m tests.long_log FOLDER [LEAVES]``: a cosigned log, its policy, and a checkpoint from half its length."""

import sys
from pathlib import Path

from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.key import KeyType, SigningKey
from passerby.tlog.policy import Policy

BATCH = 5_000


def main(folder: Path, leaves: int) -> None:
    """Write ``log/``, ``policy.txt`` and ``seen`` into a new folder."""
    log = SigningKey("log.long.example", KeyType.ED25519, bytes([7] * 32))
    keys = [SigningKey(f"w{n}.example", KeyType.COSIGNATURE, bytes([n] * 32)) for n in (1, 2)]
    policy = Policy.of(log.verifier, [key.verifier for key in keys], 2)
    folder.mkdir(parents=True)
    (folder / "policy.txt").write_text(policy.text, "utf-8")
    witnesses = [LocalWitness(folder / key.name, key, [log.verifier]) for key in keys]
    with Ledger.open(folder / "log", log, policy, witnesses) as ledger:
        for first in range(0, leaves, BATCH):
            ledger.append([f"leaf {index}".ljust(100).encode() for index in range(first, min(first + BATCH, leaves))])
            note = ledger.publish().note.encode()
            if first < leaves / 2:
                (folder / "seen").write_bytes(note)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
