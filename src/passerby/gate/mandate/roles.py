"""What a city agreed on at its key ceremony: who may approve, how many it takes, and what no mandate may exceed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.tlog.errors import TlogError
from passerby.tlog.key import VerifierKey, open_note
from passerby.tlog.note import Note, NoteSignature


class RolesError(PasserbyError):
    """The roles of a city are not usable."""


class LimitsError(PasserbyError):
    """A mandate goes beyond what the city agreed on, whoever approves it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What no mandate of the city may exceed. The defaults limit next to nothing: a city sets its own.

    ``least_notice_seconds``: of the notice period. ``longest_days``: from start to expiry. ``least_tracks``: K that a
    mandate must protect. ``most_epsilon``: for a sensor and day over all mandates, for those K tracks.
    """

    least_notice_seconds: int = 1
    longest_days: int = 1827
    least_tracks: int = 1
    most_epsilon: Fraction = Fraction(10)

    def __post_init__(self) -> None:
        if min(self.least_notice_seconds, self.longest_days, self.least_tracks) < 1 or self.most_epsilon <= 0:
            raise RolesError("limits of the city limit nothing", expected="numbers above 0")

    def check(self, mandate: Mandate) -> None:
        """Raise LimitsError where the mandate goes beyond."""
        faults = list(self.faults(mandate))
        if faults:
            raise LimitsError(
                f"mandate {mandate.id} goes beyond the city's limits",
                expected="; ".join(expected for expected, _ in faults),
                came="; ".join(came for _, came in faults),
                remedy="The limits stand in the roles leaf of the log; no approval lifts them.",
            )

    def faults(self, mandate: Mandate) -> Iterator[tuple[str, str]]:
        """What the limit is and what the mandate asks, where it asks for more."""
        if mandate.notice_seconds < self.least_notice_seconds:
            yield f"a notice of at least {self.least_notice_seconds} s", f"{mandate.notice_seconds} s"
        if mandate.expires - mandate.starts > timedelta(days=self.longest_days):
            yield f"at most {self.longest_days} days", f"{(mandate.expires - mandate.starts).days} days"
        if mandate.tracks < self.least_tracks:
            yield f"K of at least {self.least_tracks}", f"K = {mandate.tracks}"
        if mandate.sensor_cap / mandate.tracks > self.most_epsilon / self.least_tracks:
            most = self.most_epsilon / self.least_tracks * mandate.tracks
            yield f"a sensor's cap of at most ε {float(most):g}", f"ε {float(mandate.sensor_cap):g}"

    def values(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "least_notice_seconds": self.least_notice_seconds,
            "longest_days": self.longest_days,
            "least_tracks": self.least_tracks,
            "most_epsilon": f"{float(self.most_epsilon):g}",
        }


@dataclass(frozen=True, slots=True)
class Roles:
    """Role keys by name, how many distinct ones approve a mandate, and which may suspend one alone.

    Every node and every verifier is given them beside the log's policy; the log's ``roles`` leaf must equal both.
    """

    keys: Mapping[str, VerifierKey]
    threshold: int
    oversight: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.keys):
            raise RolesError("threshold fits no roles", expected=f"1 to {len(self.keys)}", came=str(self.threshold))
        if len({key.public for key in self.keys.values()}) != len(self.keys):
            raise RolesError("two roles share a key", expected="a key of its own for each role")
        if set(self.oversight) - set(self.keys) or any(name != key.name for name, key in self.keys.items()):
            raise RolesError(
                "roles do not fit their keys", expected="keys named after their roles; oversight among them"
            )

    @classmethod
    def of_values(cls, values: Mapping[str, Any]) -> "Roles":
        """From what ``values`` gives, as the log's ``roles`` leaf holds it. Raises RolesError."""
        try:
            keys = {str(name): VerifierKey.parse(text) for name, text in values["roles"].items()}
            limits = dict(values["limits"]) | {"most_epsilon": Fraction(values["limits"]["most_epsilon"])}
            return cls(keys, int(values["threshold"]), tuple(values["oversight"]), Limits(**limits))
        except (KeyError, TypeError, ValueError, AttributeError, TlogError) as error:
            raise RolesError("leaf names no roles", expected="a roles leaf of spec/mandate.md") from error

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
            "limits": self.limits.values(),
        }
