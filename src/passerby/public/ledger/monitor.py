"""Follow a log: read every new leaf, and raise the alarm where the log contradicts itself or its witnesses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import LedgerError
from passerby.public.ledger.leaf import parse_leaf
from passerby.tlog.checkpoint import Checkpoint, TreeHead
from passerby.tlog.client import Client, InconsistentLogError
from passerby.tlog.errors import ParseError, VerificationError
from passerby.tlog.key import open_note
from passerby.tlog.note import Note
from passerby.tlog.policy import Policy, WitnessEntry
from passerby.tlog.tiled import Fetch, ResourceMissingError


class AlarmError(LedgerError):
    """The log cheated or was damaged. ``evidence``: folder with the two signed checkpoints."""

    def __init__(self, what: str, evidence: Path) -> None:
        super().__init__(f"ALARM: {what}", remedy=f"Both signed checkpoints are kept in {evidence}: publish them.")
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class News:
    """A new leaf in plain words; ``kind`` is its type, or ``foreign`` where it has no known form."""

    index: int
    kind: str
    text: str


class Monitor:
    """Remembers in ``folder`` the last checkpoint that it saw.

    ``views``: how to read each witness's own copy; ``unseen``: witnesses whose copy proved nothing at the last poll,
    and why. A witness that answers nonsense cannot stop the monitor.
    """

    def __init__(self, folder: Path, fetch: Fetch, policy: Policy, views: Mapping[str, Fetch] | None = None) -> None:
        self._folder = folder
        self._policy = policy
        self._disk = Disk()
        self._disk.make_directory(folder)
        self._views = views or {}
        seen = folder / "seen.checkpoint"
        self._seen = policy.verify(seen.read_bytes()) if seen.exists() else None
        self._client = Client(fetch, policy, self._seen)
        self.unseen: dict[str, str] = {}

    @property
    def seen(self) -> Checkpoint | None:
        """The newest checkpoint that was read to its end."""
        return self._seen

    def poll(self) -> Iterator[News]:
        """News since the last poll; what was yielded to the end is not told again.

        Raises AlarmError, and what the fetcher and ``Policy.verify`` raise where the log is merely ill.
        """
        try:
            new = self._client.checkpoint()
        except InconsistentLogError as error:
            evidence = self._keep(error.problem, error.seen.note, error.later.note)
            raise AlarmError(error.problem, evidence) from error
        self.unseen = {}
        for name, fetch in self._views.items():
            try:
                self._compare(name, fetch, new)
            except (ParseError, VerificationError) as error:
                self.unseen[name] = str(error)
        start = self._seen.size if self._seen else 0
        for index, entry in enumerate(self._client.entries(start, new.size), start):
            yield _news(index, entry)
        self._disk.write_files([(self._folder / "seen.checkpoint", new.note.encode())])
        self._seen = new

    def _compare(self, name: str, fetch: Fetch, ours: Checkpoint) -> None:
        witness = next(entry for entry in self._policy.witnesses if entry.name == name)
        for note in self._views_of(witness, fetch, ours):
            head = TreeHead.parse(note.text)
            root = ours.root if head.size == ours.size else self._client.tree.root_at(head.size)
            if head.root != root:
                what = f"{ours.origin} shows {name} another tree of size {head.size} than it shows here"
                raise AlarmError(what, self._keep(what, note, ours.note))

    def _views_of(self, witness: WitnessEntry, fetch: Fetch, ours: Checkpoint) -> list[Note]:
        """Checkpoints of the witness that ours must contain; a larger one is kept until the log gets there."""
        later = self._folder / f"{sha256(witness.key.public).hexdigest()[:16]}.checkpoint"
        try:
            data = fetch(f"{sha256(ours.origin.encode()).hexdigest()}/checkpoint")
        except (ResourceMissingError, LedgerError):
            data = b""
        found = []
        for known in filter(None, (data, later.read_bytes() if later.exists() else b"")):
            note = Note.parse(known)
            open_note(note, self._policy.log_of(ours.origin))
            open_note(note, [witness.key])
            if TreeHead.parse(note.text).size <= ours.size:
                found.append(note)
            elif not later.exists():
                self._disk.write_files([(later, known)])
        if later.exists() and TreeHead.parse(Note.parse(later.read_bytes()).text).size <= ours.size:
            self._disk.remove(later)
        return found

    def _keep(self, what: str, earlier: Note, later: Note) -> Path:
        digest = sha256(earlier.encode() + later.encode()).hexdigest()[:12]
        folder = self._folder / f"evidence-{digest}"
        files = {
            "earlier.checkpoint": earlier.encode(),
            "later.checkpoint": later.encode(),
            "what.txt": f"{what}\n".encode(),
        }
        self._disk.write_files((folder / name, data) for name, data in files.items())
        return folder


def _news(index: int, entry: bytes) -> News:
    try:
        leaf = parse_leaf(entry)
    except ParseError as error:
        return News(index, "foreign", f"a leaf that no city should log: {error.problem}")
    return News(index, leaf.type, leaf.plain_words())
