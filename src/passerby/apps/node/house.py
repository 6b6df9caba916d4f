"""One city on one machine: keys, log, witnesses, gate and store, opened together and wired."""

import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from passerby.apps.city import City, CityFileError, WitnessSection
from passerby.apps.node.roles_file import read_roles
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.standing import Standing
from passerby.gate.gate import Batch, Gate
from passerby.gate.mandate import LogView
from passerby.gate.mandate.leaf import roles_leaf
from passerby.public.ledger.disk import Disk
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.keyfile import create_key, read_key
from passerby.public.ledger.ledger import Ledger
from passerby.public.ledger.publisher import Publisher
from passerby.public.ledger.witness import HttpWitness, LocalWitness, Witness
from passerby.public.store.bulk import Batch as StoredBatch
from passerby.public.store.store import Store
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.client import Client
from passerby.tlog.key import KeyType, SigningKey, VerifierKey
from passerby.tlog.policy import Policy

LOOK_AGAIN = timedelta(seconds=5)


class House:
    """Opens what ``city.toml`` names; a context manager. One process at a time uses a state folder.

    ``policy``: of the log. ``store``, ``ledger``, ``gate``, ``view``: the rooms.
    """

    def __init__(self, city: City) -> None:
        """Raises CityFileError, RolesError, LedgerError, JournalError."""
        self.city = city
        self._stack = ExitStack()
        self._publishing = threading.Lock()
        self._viewing = threading.RLock()
        self._looked: datetime | None = None
        self._remembered = -1
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise

    @property
    def log_folder(self) -> Path:
        """Static files of the log."""
        return self.city.state / "log"

    def publish(self, batches: Sequence[Batch]) -> None:
        """Bring released batches to log and store; acknowledged only when both have them."""
        if not batches:
            return
        with self._publishing:
            leaves = [leaf for batch in batches for leaf in batch.leaves]
            indexes = self.ledger.append(leaves)
            stored = []
            at = -1
            for batch in batches:
                at += len(batch.leaves)
                stored.append(StoredBatch(batch.mandate, batch.root, indexes[at], batch.lines))
            self.store.insert_many(stored)
            self.gate.acknowledge(batch.sequence for batch in batches)

    def publish_log(self) -> Checkpoint:
        """Have the log cosigned now, and look at it."""
        checkpoint = self.ledger.publish()
        self.look()
        return checkpoint

    def look(self) -> None:
        """Read what is new in the log."""
        with self._viewing:
            self.view.refresh()
            self._looked = datetime.now(UTC)
            if self.view.checkpoint.size != self._remembered:
                Disk().write_files([(self.city.state / "seen", self.view.checkpoint.note.encode())])
                self._remembered = self.view.checkpoint.size

    def standings(self) -> tuple[Standing, ...]:
        """Every mandate of the log and where it stands now, by a log looked at a moment ago."""
        with self._viewing:
            self._look_again()
            return self.view.standings(datetime.now(UTC))

    def standing(self, mandate: str) -> Standing:
        """Where the mandate of a hash stands now. Raises NotAuthorizedError where the log has none."""
        with self._viewing:
            self._look_again()
            return self.view.standing(mandate, datetime.now(UTC))

    def authorize(self, mandate: str, sensor: str, instant: datetime) -> Authorization:
        """Proof that the mandate covers the sensor at the instant, by a log looked at a moment ago.

        Raises NotAuthorizedError.
        """
        with self._viewing:
            self._look_again()
            return self.view.authorize(mandate, sensor, instant, datetime.now(UTC))

    def __enter__(self) -> "House":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _look_again(self) -> None:
        if self._looked is None or datetime.now(UTC) - self._looked > LOOK_AGAIN:
            self.look()

    def _open(self) -> None:
        city, state = self.city, self.city.state
        (state / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        self.roles = read_roles(city.roles)
        signer = self._key("log", city.log.origin)
        witnesses = [self._witness(section, signer.verifier) for section in city.log.witness]
        keys = [key for _, key in witnesses]
        urls = {key.name: one.url for key, one in zip(keys, city.log.witness, strict=True) if one.url}
        self.policy = Policy.of(signer.verifier, keys, city.log.quorum, urls=urls)
        (state / "policy.txt").write_text(self.policy.text, "utf-8")
        self.ledger = Ledger.open(self.log_folder, signer, self.policy, [witness for witness, _ in witnesses])
        self._stack.callback(self.ledger.close)
        if self.ledger.size == 0:
            self.ledger.append([roles_leaf(self.roles, self.policy)])
        self.store = self._stack.enter_context(Store.open(state / "store.duckdb", threads=1))
        self.gate = Gate(self._key("node", city.node), state / "journal")
        self._stack.callback(self.gate.close)
        self.publish(self.gate.pending())
        self.ledger.publish()
        self._stack.enter_context(Publisher(self.ledger, tell=_tell))
        client = Client(directory_fetch(self.log_folder), self.policy, self._seen())
        self.view = LogView(client, self.roles, listen=self.gate.learn)
        self.look()

    def _seen(self) -> Checkpoint | None:
        """The checkpoint that this node believed last: a log restored from before it is no longer its log."""
        path = self.city.state / "seen"
        return self.policy.verify(path.read_bytes()) if path.exists() else None

    def _key(self, file: str, name: str, kind: KeyType = KeyType.ED25519) -> SigningKey:
        path = self.city.state / "keys" / file
        key = read_key(path) if path.exists() else create_key(path, name, kind)
        if key.name != name:
            raise CityFileError(
                f"key {path} belongs to another name",
                expected=key.name,
                came=name,
                remedy="Names are for ever: restore it.",
            )
        return key

    def _witness(self, section: WitnessSection, log: VerifierKey) -> tuple[Witness, VerifierKey]:
        if section.url is not None:
            if section.vkey is None:
                raise CityFileError(f"witness {section.name} has no key", expected="its vkey beside its url")
            return HttpWitness(section.url), VerifierKey.parse(section.vkey)
        key = self._key(f"witness-{section.name}", section.name, KeyType.COSIGNATURE)
        witness = self._stack.enter_context(LocalWitness(self.city.state / "witnesses" / section.name, key, [log]))
        return witness, key.verifier


def _tell(text: str) -> None:
    print(f"passerby: {text}", file=sys.stderr)
