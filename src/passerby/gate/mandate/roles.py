"""Who may approve, and how many of them it takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from passerby.datatypes.errors import PasserbyError
from passerby.tlog.key import VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature


class RolesError(PasserbyError):
    """The roles of a city are not usable."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Role keys by name, how many distinct ones approve a mandate, and which may suspend one alone.

    Every node and every verifier is given them beside the log's policy; the log's ``roles`` leaf must equal them.
    """

    keys: Mapping[str, VerifierKey]
    threshold: int
    oversight: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.keys):
            raise RolesError("threshold fits no roles", expected=f"1 to {len(self.keys)}", came=str(self.threshold))
        if len({key.public for key in self.keys.values()}) != len(self.keys):
            raise RolesError("two roles share a key", expected="a key of its own for each role")
        if set(self.oversight) - set(self.keys) or any(name != key.name for name, key in self.keys.items()):
            raise RolesError(
                "roles do not fit their keys", expected="keys named after their roles; oversight among them"
            )

    def signers(self, text: str, lines: Iterable[str]) -> tuple[str, ...]:
        """Roles whose signature on the text holds, sorted. Raises what ``tlog`` raises where one of theirs fails."""
        note = Note(text, tuple(NoteSignature.parse(line) for line in lines))
        return tuple(sorted({verified.key.name for verified in open_note(note, self.keys.values())}))

    def values(self) -> dict[str, object]:
        """As JSON values, for the log."""
        return {
            "roles": {name: key.text for name, key in self.keys.items()},
            "threshold": self.threshold,
            "oversight": sorted(self.oversight),
        }
