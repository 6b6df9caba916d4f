"""A log with two witnesses in a folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from passerby.public.ledger.disk import Disk
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.witness import LocalWitness
from passerby.tlog.key import KeyType, SigningKey
from passerby.tlog.policy import Policy


class House:
    """Opens the log and its witnesses in ``folder``, which tests may copy, break and open again."""

    log = SigningKey("log.city.example", KeyType.ED25519, bytes([7] * 32))
    keys = tuple(SigningKey(f"w{n}.example", KeyType.COSIGNATURE, bytes([n] * 32)) for n in (1, 2))
    policy = Policy.of(log.verifier, [key.verifier for key in keys], 2)

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.now = 1_700_000_000.0

    @property
    def directory(self) -> Path:
        return self.folder / "log"

    def witnesses(self, disk: Disk | None = None) -> list[LocalWitness]:
        found = []
        for key in self.keys:
            one = LocalWitness(self.folder / key.name, key, [self.log.verifier], clock=lambda: self.now, disk=disk)
            self.stack.callback(one.close)
            found.append(one)
        return found

    def open(self, disk: Disk | None = None) -> Ledger:
        ledger = Ledger.open(self.directory, self.log, self.policy, self.witnesses(disk), disk=disk)
        self.stack.callback(ledger.close)
        return ledger


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(tmp_path, stack)


@pytest.fixture
def new_house() -> Iterator[Callable[[Path], House]]:
    with ExitStack() as stack:
        yield lambda folder: House(folder, stack)
