"""The nouns: an objection, what it is about, and the city's answer."""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785

from passerby.datatypes.errors import PasserbyError

MAX_TEXT = 4000
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class TextError(PasserbyError):
    """A text that cannot be published as it is."""


@dataclass(frozen=True, slots=True)
class About:
    """A mandate by its hash; or one number by its line, under the mandate that the line names."""

    mandate: str
    release: str | None = None

    def document(self) -> Mapping[str, str]:
        """As it is hashed and shown."""
        return {"mandate": self.mandate} if self.release is None else {"release": self.release}


@dataclass(frozen=True, slots=True)
class Statement:
    """A public text. ``at``: RFC 3339, UTC. ``salt``: 32 random hex digits. ``leaf``: of the log, None until logged.

    ``text`` and ``salt`` are None once the text was withheld.
    """

    at: str
    text: str | None
    salt: str | None
    hash: str
    leaf: int | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """A request with its answer. ``withheld``: why its text is not shown, None where it is."""

    id: int
    about: About
    request: Statement
    answer: Statement | None
    withheld: str | None


def request_of(about: About, text: str, at: str) -> Statement:
    """A new request; its hash covers the canonical JSON of about, at, salt and text. Raises TextError."""
    return _statement({"about": about.document()}, text, at)


def answer_to(objection: Objection, text: str, at: str) -> Statement:
    """A new answer; its hash covers the canonical JSON of at, objection (its hash), salt and text. Raises TextError."""
    return _statement({"objection": objection.request.hash}, text, at)


def clean(text: str) -> str:
    """The text with plain line ends and nothing around it. Raises TextError."""
    text = "\n".join(text.splitlines()).strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise TextError("text has no usable length", expected=f"1 to {MAX_TEXT} characters", came=str(len(text)))
    for sign in text:
        if (unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t") or sign in _OVERRIDES:
            raise TextError("text has a sign that cannot be shown", expected="plain text", came=f"U+{ord(sign):04X}")
    return text


def _statement(subject: Mapping[str, Any], text: str, at: str) -> Statement:
    said = {"at": at, "salt": secrets.token_hex(16), "text": clean(text)}
    digest = sha256(rfc8785.dumps({**subject, **said})).hexdigest()
    return Statement(said["at"], said["text"], said["salt"], digest)
