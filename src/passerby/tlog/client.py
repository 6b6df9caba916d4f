"""Walk a log that is served anywhere, and believe nothing that its policy and its root do not prove."""

from collections.abc import Iterator

from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.errors import VerificationError
from passerby.tlog.policy import Policy
from passerby.tlog.proof import ConsistencyError, Proof, verify_consistency
from passerby.tlog.proof_file import ProofFile
from passerby.tlog.tiled import Fetch, RangeError, TiledTree, TileMismatchError


class InconsistentLogError(VerificationError):
    """Two signed checkpoints of one log that cannot both be true; both are kept as evidence."""

    def __init__(self, problem: str, seen: Checkpoint, came: Checkpoint) -> None:
        super().__init__(
            problem,
            expected=f"a log that grows from size {seen.size}, root {seen.root.hex()}",
            came=f"size {came.size}, root {came.root.hex()}",
            remedy="Keep both checkpoints and show them to the witnesses and the oversight board.",
        )
        self.seen = seen
        self.later = came


class RollbackError(InconsistentLogError):
    """The log shows a smaller tree than it did before."""


class ForkError(InconsistentLogError):
    """The log shows a tree that the earlier one is no prefix of."""


class UnprovenGrowthError(InconsistentLogError):
    """The tiles that the log serves do not belong to its newer checkpoint, so nothing shows that it only grew."""


class NoCheckpointError(VerificationError):
    """Something was asked of a log whose checkpoint was not seen yet."""


class Client:
    """Reads one log. Every answer belongs to the latest checkpoint that ``checkpoint()`` returned.

    ``seen``: a checkpoint from before (of an earlier run, say) that the log must still honour.
    """

    def __init__(self, fetch: Fetch, policy: Policy, seen: Checkpoint | None = None) -> None:
        self._fetch = fetch
        self.policy = policy
        self._seen = seen
        self._tree: TiledTree | None = None

    def checkpoint(self) -> Checkpoint:
        """Fetch the newest checkpoint, verify signature, quorum and consistency with the one before.

        Raises those of ``Policy.verify``, RollbackError, ForkError, and what the fetcher raises.
        """
        new = self.policy.verify(self._fetch("checkpoint"))
        old = self._seen
        if old is not None and new.origin != old.origin:
            raise ForkError(f"{old.origin} is now called {new.origin}", old, new)
        if old is not None and (new.size, new.root) == (old.size, old.root):
            self._tree = self._tree or TiledTree(new.size, new.root, self._fetch)
            self._seen = new
            return new
        if old is not None and new.size < old.size:
            raise RollbackError(f"{new.origin} shrank from {old.size} to {new.size} leaves", old, new)
        tree = TiledTree(new.size, new.root, self._fetch)
        if old is not None:
            self._check_growth(tree, old, new)
        self._seen, self._tree = new, tree
        return new

    def _check_growth(self, tree: TiledTree, old: Checkpoint, new: Checkpoint) -> None:
        try:
            proof = tree.consistency(old.size)
            verify_consistency(old.size, new.size, proof, old.root, new.root)
        except ConsistencyError as error:
            raise ForkError(f"{new.origin} was rewritten", old, new) from error
        except TileMismatchError as error:
            raise UnprovenGrowthError(f"{new.origin} does not prove that it only grew", old, new) from error

    @property
    def tree(self) -> TiledTree:
        """The tree of the latest checkpoint; fetches one if none was seen."""
        if self._tree is None:
            self.checkpoint()
        assert self._tree is not None
        return self._tree

    @property
    def latest(self) -> Checkpoint:
        """The latest checkpoint that was verified here. Raises NoCheckpointError."""
        if self._seen is None:
            raise NoCheckpointError("no checkpoint was seen yet", remedy="Call checkpoint() first.")
        return self._seen

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Entries [start, end) (to the end of the checkpoint by default), each checked against the root."""
        tree = self.tree
        return tree.entries(start, tree.size if end is None else end)

    def inclusion(self, index: int) -> Proof:
        """Inclusion proof of a leaf in the latest checkpoint."""
        return self.tree.inclusion(index)

    def consistency(self, old: int) -> Proof:
        """Consistency proof from an older size to the latest checkpoint."""
        return self.tree.consistency(old)

    def proof_file(self, index: int, extra: bytes | None = None) -> ProofFile:
        """An offline proof of one leaf. Raises RangeError."""
        tree = self.tree
        if not 0 <= index < tree.size:
            raise RangeError("no such leaf", expected=f"an index below {tree.size}", came=str(index))
        return ProofFile(index, tree.inclusion(index), self.latest.note.encode(), extra)
