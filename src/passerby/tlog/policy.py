"""Whom to believe about a log: its key, the witnesses, and how many of them. https://c2sp.org/tlog-policy

log log.city.example+…
witness university university.example/w1+…  https://university.example/witness
witness newspaper newspaper.example/w1+…
group both all university newspaper
quorum both
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from passerby.tlog.canonical import ControlCharacterError, parse_text
from passerby.tlog.checkpoint import Checkpoint, Cosigned, EmptyTreeError, TreeHead
from passerby.tlog.errors import ParseError, VerificationError
from passerby.tlog.key import KeyType, NoKnownSignatureError, VerifierKey, open_note
from passerby.tlog.note import Note


class PolicyError(ParseError):
    """A policy line that says nothing that can be followed."""


class PolicyNameError(ParseError):
    """A name that is used twice, or before it is defined."""


class PolicyKeyError(ParseError):
    """A key that is listed twice or cannot do what it is listed for."""


class PolicyQuorumError(ParseError):
    """A policy without exactly one quorum line, or a group that can never be complete."""


class UnknownLogError(VerificationError):
    """A checkpoint of a log that the policy does not list."""


class QuorumError(VerificationError):
    """A checkpoint that too few witnesses cosigned."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A log: its key, whose name is the origin, and where it is served (maybe nowhere)."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class WitnessEntry:
    """A witness under the name that the policy gives it."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Complete when at least ``threshold`` members (witnesses or groups) are."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups in order of definition, and the name of the quorum (None asks for nobody)."""

    logs: tuple[LogEntry, ...]
    witnesses: tuple[WitnessEntry, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str | None = None
    _known: Mapping[str, WitnessEntry | Group] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known: dict[str, WitnessEntry | Group] = {}
        items: tuple[WitnessEntry | Group, ...] = (*self.witnesses, *self.groups)
        for item in items:
            if item.name in known or item.name == "none":
                raise PolicyNameError(f"name {item.name} is taken", expected="one definition for each name")
            if isinstance(item, Group):
                _check_group(item, known)
            known[item.name] = item
        used = [name for group in self.groups for name in group.members]
        if len(used) != len(set(used)):
            raise PolicyNameError("a name is a member twice", expected="each name in one group at most")
        if self.quorum is not None and self.quorum not in known:
            raise PolicyNameError(f"quorum {self.quorum} is not defined", expected="a witness or group above it")
        _check_keys([entry.key for entry in self.logs], (KeyType.ED25519,))
        _check_keys([entry.key for entry in self.witnesses], (KeyType.COSIGNATURE, KeyType.ML_DSA_44))
        object.__setattr__(self, "_known", known)

    @classmethod
    def of(
        cls,
        log: VerifierKey,
        witnesses: Sequence[VerifierKey],
        quorum: int,
        *,
        urls: Mapping[str, str] = MappingProxyType({}),
    ) -> "Policy":
        """The usual policy: one log and any ``quorum`` of these witnesses, each called by its key's name.

        ``urls``: addresses by key name, so that monitors can compare what each witness saw.
        """
        entries = tuple(WitnessEntry(key.name, key, urls.get(key.name)) for key in witnesses)
        logs = (LogEntry(log, urls.get(log.name)),)
        if quorum == 0:
            return cls(logs, entries)
        names = tuple(key.name for key in witnesses)
        return cls(logs, entries, (Group("witnesses", quorum, names),), "witnesses")

    @property
    def text(self) -> str:
        """The policy as a file, without comments."""
        lines = [f"log {entry.key.text}{_tail(entry.url)}" for entry in self.logs]
        lines += [f"witness {entry.name} {entry.key.text}{_tail(entry.url)}" for entry in self.witnesses]
        lines += [f"group {g.name} {g.threshold} {' '.join(g.members)}" for g in self.groups]
        return "\n".join([*lines, f"quorum {self.quorum or 'none'}", ""])

    @classmethod
    def parse(cls, data: bytes) -> "Policy":
        """Read a policy file. Raises PolicyError, PolicyNameError, PolicyKeyError, PolicyQuorumError, or a vkey's."""
        return _parse(data)

    def log_of(self, origin: str) -> tuple[VerifierKey, ...]:
        """Keys of the log with that origin. Raises UnknownLogError."""
        keys = tuple(entry.key for entry in self.logs if entry.key.name == origin)
        if not keys:
            names = " or ".join(sorted(entry.key.name for entry in self.logs)) or "no log at all"
            raise UnknownLogError(f"the log {origin[:80]!r} is not known", expected=names)
        return keys

    def complete(self, cosigners: Iterable[VerifierKey]) -> bool:
        """Whether these cosigners make the quorum."""
        publics = {key.public for key in cosigners}
        return self.quorum is None or self._complete(self.quorum, publics)

    def _complete(self, name: str, publics: set[bytes]) -> bool:
        item = self._known[name]
        if isinstance(item, WitnessEntry):
            return item.key.public in publics
        return sum(self._complete(member, publics) for member in item.members) >= item.threshold

    def verify(self, data: bytes) -> Checkpoint:
        """Read a checkpoint and believe it only if the log signed it and the quorum cosigned it.

        Raises ParseError, UnknownLogError, NoKnownSignatureError, BadSignatureError, EmptyTreeError, QuorumError.
        """
        note = Note.parse(data)
        head = TreeHead.parse(note.text)
        logs = self.log_of(head.origin)
        verified = open_note(note, [*logs, *(entry.key for entry in self.witnesses)])
        if not any(v.key in logs for v in verified):
            raise NoKnownSignatureError(
                f"{head.origin} did not sign this checkpoint", expected="a signature by its key"
            )
        if not head.fits_its_size:
            raise EmptyTreeError("checkpoint of an empty tree has a root", came=head.root.hex())
        found = [(v.time, v.key) for v in verified if v.time is not None]
        found.sort(key=lambda item: (item[0], item[1].name))
        keys = [key for _, key in found]
        if not self.complete(keys):
            raise QuorumError(
                f"too few witnesses cosigned {head.origin} at size {head.size}",
                expected=f"the quorum {self.quorum}",
                came=", ".join(key.name for key in keys) or "nobody",
                remedy="Ask again later; until then believe the last checkpoint that had its quorum.",
            )
        since = seen = None
        if self.quorum is not None:
            since = next(time for n, (time, _) in enumerate(found, 1) if self.complete(keys[:n]))
            seen = next(found[n][0] for n in reversed(range(len(found))) if self.complete(keys[n:]))
        cosigned = tuple(Cosigned(key.name, time) for time, key in found)
        return Checkpoint(head.origin, head.size, head.root, cosigned, since, seen, note)


def _tail(url: str | None) -> str:
    return f" {url}" if url else ""


def _check_keys(keys: Sequence[VerifierKey], types: Sequence[KeyType]) -> None:
    if len({key.public for key in keys}) != len(keys):
        raise PolicyKeyError("a key is listed twice", expected="each key once")
    if any(key.type not in types for key in keys):
        raise PolicyKeyError("a key is of the wrong type", expected=" or ".join(t.name for t in types))


def _check_group(group: Group, known: Mapping[str, WitnessEntry | Group]) -> None:
    missing = [name for name in group.members if name not in known]
    if missing:
        raise PolicyNameError(f"group {group.name} has members that are not defined above it", came=", ".join(missing))
    if not 1 <= group.threshold <= len(group.members):
        raise PolicyQuorumError(
            f"group {group.name} can never be complete",
            expected=f"between 1 and {len(group.members)}",
            came=str(group.threshold),
        )


def _parse(data: bytes) -> Policy:
    logs: list[LogEntry] = []
    defined: list[WitnessEntry | Group] = []
    quorums: list[str] = []
    text = parse_text(data.replace(b"\t", b" "))
    if "\x7f" in text:
        raise ControlCharacterError("policy has a control character", came="0x7f")
    if text and not text.endswith("\n"):
        raise PolicyError("last line has no end", expected="a newline")
    for line in text.split("\n"):
        words = [word for word in line.split(" ") if word]
        if not words or words[0].startswith("#"):
            continue
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                logs.append(LogEntry(VerifierKey.parse(vkey), words[2] if len(words) == 3 else None))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                url = words[3] if len(words) == 4 else None
                defined.append(WitnessEntry(name, VerifierKey.parse(vkey), url))
            case ["group", name, threshold, *members] if members:
                defined.append(Group(name, _threshold(threshold, len(members)), tuple(members)))
            case ["quorum", name]:
                _check_defined(name, defined)
                quorums.append(name)
            case _:
                raise PolicyError(
                    "policy line is not understood", expected="log, witness, group or quorum", came=repr(line[:80])
                )
        if words[0] == "group":
            _check_group(defined[-1], {item.name: item for item in defined[:-1]})  # type: ignore[arg-type]
    if len(quorums) != 1:
        raise PolicyQuorumError("policy has no single quorum", expected="one quorum line", came=str(len(quorums)))
    witnesses = tuple(item for item in defined if isinstance(item, WitnessEntry))
    groups = tuple(item for item in defined if isinstance(item, Group))
    return Policy(tuple(logs), witnesses, groups, None if quorums[0] == "none" else quorums[0])


def _check_defined(name: str, defined: Sequence[WitnessEntry | Group]) -> None:
    if name != "none" and name not in {item.name for item in defined}:
        raise PolicyNameError(f"quorum {name} is not defined above it", expected="a witness, a group or none")


def _threshold(text: str, members: int) -> int:
    if text in ("all", "any"):
        return members if text == "all" else 1
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise PolicyError("group has no threshold", expected="all, any or a number", came=repr(text[:20]))
    return int(text)
