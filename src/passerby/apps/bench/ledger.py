"""Leaves a second, durable batch by batch, against SQLite and pymerkle fed the same bytes in the same run."""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Protocol

from passerby.datatypes.errors import PasserbyError
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.key import KeyType, SigningKey
from passerby.tlog.policy import Policy

LEAVES = 400_000
BYTES = 100
BATCH = 1_000
SEAL_EVERY = 20
STRETCHES = 10


class BenchError(PasserbyError):
    """Something that was measured did not do its work."""


class System(Protocol):
    """Whatever keeps leaves."""

    def append(self, leaves: list[bytes]) -> None:
        """Add a batch; it is durable on return."""

    def seal(self) -> bytes | None:
        """Bring the root up to date (and publish it, where it is published); None where there is no root."""


class OpenLog:
    """Ours: journal, tiles, entry bundles and a checkpoint that two witnesses cosign."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        key = SigningKey.generate("bench.example")
        cosigners = [SigningKey.generate(f"w{n}.example", KeyType.COSIGNATURE) for n in (1, 2)]
        witnesses = [
            stack.enter_context(LocalWitness(folder / one.name, one, [key.verifier], clock=lambda: 1))
            for one in cosigners
        ]
        policy = Policy.of(key.verifier, [one.verifier for one in cosigners], 2)
        self._ledger = stack.enter_context(Ledger.open(folder / "log", key, policy, witnesses))

    def append(self, leaves: list[bytes]) -> None:
        self._ledger.append(leaves)

    def seal(self) -> bytes | None:
        return self._ledger.publish().root


class Sqlite:
    """A table of blobs, one transaction a batch, forced to the disk (WAL, synchronous=FULL); no tree."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._db = sqlite3.connect(folder / "leaves.db")
        stack.callback(self._db.close)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE leaf (id INTEGER PRIMARY KEY, entry BLOB NOT NULL)")

    def append(self, leaves: list[bytes]) -> None:
        with self._db:
            self._db.executemany("INSERT INTO leaf (entry) VALUES (?)", [(leaf,) for leaf in leaves])

    def seal(self) -> bytes | None:
        return None


class Pymerkle:
    """pymerkle's tree in SQLite as it comes (forced to the disk at each batch), and its root; nothing is published."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        import pymerkle

        self._tree = pymerkle.SqliteTree(str(folder / "tree.db"))
        stack.callback(self._tree.close)

    def append(self, leaves: list[bytes]) -> None:
        self._tree.append_entries(leaves)

    def seal(self) -> bytes | None:
        root: bytes = self._tree.get_root()
        return root


SYSTEMS: Mapping[str, Callable[[Path, ExitStack], System]] = {
    "passerby": OpenLog,
    "pymerkle": Pymerkle,
    "sqlite": Sqlite,
}


def bench(tell: Callable[[str], None], leaves: int = LEAVES) -> Mapping[str, object]:
    """Append ``leaves`` leaves of 100 bytes to each system in ten stretches, taking turns; seal every 20 batches.

    ``growth``: seconds of the last stretch over those of the first. pymerkle (a development dependency) is left out
    where it is not installed.
    """
    batches = max(1, leaves // STRETCHES // BATCH // SEAL_EVERY) * SEAL_EVERY
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as temporary, ExitStack() as stack:
        systems: dict[str, System] = {}
        for name, make in SYSTEMS.items():
            folder = Path(temporary) / name
            folder.mkdir()
            try:
                systems[name] = make(folder, stack)
            except ImportError:
                tell(f"ledger: {name} is not installed and left out")
        seconds: dict[str, list[float]] = {name: [] for name in systems}
        roots: dict[str, bytes | None] = {}
        for stretch in range(STRETCHES):
            order = list(systems)
            for name in order[stretch % len(order) :] + order[: stretch % len(order)]:
                spent, roots[name] = _time(systems[name], _batches(stretch, batches))
                seconds[name].append(spent)
            tell(f"ledger: {(stretch + 1) * batches * BATCH:,} leaves; {_rates(seconds, batches)} leaves a second")
    if len({root for root in roots.values() if root}) != 1:
        raise BenchError("two trees of the same leaves have different roots")
    rates = {name: batches * BATCH / median(spent) for name, spent in seconds.items()}
    return {
        "leaves": batches * BATCH * STRETCHES,
        "bytes": BYTES,
        "batch": BATCH,
        "leaves_per_second": {name: round(rate) for name, rate in rates.items()},
        "ratio": {
            f"passerby/{name}": round(rates["passerby"] / rates[name], 2) for name in rates if name != "passerby"
        },
        "growth": {name: round(spent[-1] / spent[0], 2) for name, spent in seconds.items()},
    }


def _batches(stretch: int, count: int) -> Iterator[list[bytes]]:
    dice = random.Random(stretch)
    for _ in range(count):
        text = dice.randbytes(BATCH * BYTES // 2).hex().encode("ascii")
        yield [text[at : at + BYTES] for at in range(0, len(text), BYTES)]


def _time(system: System, batches: Iterator[list[bytes]]) -> tuple[float, bytes | None]:
    """Seconds that the system took, without the making of the leaves, and its last root."""
    spent, root = 0.0, None
    for number, batch in enumerate(batches, 1):
        started = time.perf_counter()
        system.append(batch)
        if number % SEAL_EVERY == 0:
            root = system.seal()
        spent += time.perf_counter() - started
    return spent, root


def _rates(seconds: Mapping[str, list[float]], batches: int) -> str:
    return ", ".join(f"{name} {batches * BATCH / spent[-1]:,.0f}" for name, spent in seconds.items())
