"""Keys that sign notes, their text forms, and opening a note with trusted keys. https://c2sp.org/signed-note

A verifier key (public)   ``name+hex(key ID)+base64(type‖public key)``
A signing key (secret)    ``PRIVATE+KEY+name+hex(key ID)+base64(type‖seed)``, the form of Go's ``note``; files that hold
one are for their owner alone (mode 0600).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from passerby.tlog.canonical import format_base64, parse_base64
from passerby.tlog.checkpoint import TreeHead
from passerby.tlog.errors import ParseError, TlogError, VerificationError
from passerby.tlog.note import KeyNameError, Note, NoteSignature, check_name

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:  # pragma: no cover
    MLDSA44PublicKey = None  # type: ignore[assignment,misc]


def _offers_ml_dsa() -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(bytes(1312))
    except (UnsupportedAlgorithm, AttributeError):  # pragma: no cover
        return False
    return True


class KeyTextError(ParseError):
    """Text that is not a key in its one form."""


class KeyIdError(ParseError):
    """A key whose ID does not belong to its name and public key."""


class KeyTypeError(TlogError):
    """A key of a kind that cannot do what was asked."""


class KeyClashError(TlogError):
    """Two trusted keys with one name and ID."""


class BadSignatureError(VerificationError):
    """A signature by a known key that does not fit the text: somebody changed one of them."""


class NoKnownSignatureError(VerificationError):
    """A note that none of the trusted keys signed."""


class KeyType(IntEnum):
    """Signature types that are understood; notes may carry others, which are ignored."""

    ED25519 = 1
    COSIGNATURE = 4
    ML_DSA_44 = 6


OFFERED = frozenset(KeyType) if _offers_ml_dsa() else frozenset(KeyType) - {KeyType.ML_DSA_44}
"""Types whose signatures can be checked here: ML-DSA-44 needs OpenSSL 3.5 or newer behind ``cryptography``."""

_PUBLIC_BYTES = {KeyType.ED25519: 32, KeyType.COSIGNATURE: 32, KeyType.ML_DSA_44: 1312}
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name. ``public``: 32 bytes (Ed25519) or 1312 (ML-DSA-44)."""

    name: str
    type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _PUBLIC_BYTES[self.type]:
            raise KeyTextError("public key has the wrong length", expected=f"{_PUBLIC_BYTES[self.type]} bytes")

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
        return sha256(self.name.encode("utf-8") + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key as text."""
        return f"{self.name}+{self.key_id.hex()}+{format_base64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a vkey. Raises KeyTextError, KeyIdError, KeyNameError, Base64Error."""
        match = _VKEY.fullmatch(text)
        data = parse_base64(match[3]) if match else b""
        if not match or data[0] not in KeyType.__members__.values():
            raise KeyTextError(
                "text is no verifier key", expected="name+hex+base64 of a known type", came=repr(text[:80])
            )
        key = cls(match[1], KeyType(data[0]), data[1:])
        if key.key_id.hex() != match[2]:
            raise KeyIdError("key ID does not fit the key", expected=key.key_id.hex(), came=match[2])
        return key

    def matches(self, signature: NoteSignature) -> bool:
        """Whether the line claims to be by this key."""
        return signature.name == self.name and signature.key_id == self.key_id

    def verify(self, text: str, signature: NoteSignature) -> int | None:
        """Check a line by this key; the time of a cosignature (seconds since 1970) or None.

        Raises BadSignatureError, KeyTypeError.
        """
        blob = signature.signature
        if self.type is KeyType.ED25519:
            self._check_ed25519(text.encode("utf-8"), blob)
            return None
        time = int.from_bytes(blob[:8], "big")
        if len(blob) < 9 or time >= 2**63:
            raise self._bad()
        if self.type is KeyType.ML_DSA_44 and time == 0:
            raise self._bad()  # time 0 signs a subtree and says nothing about when this tree was the largest
        if self.type is KeyType.COSIGNATURE:
            self._check_ed25519(cosigned_text(text, time), blob[8:])
        elif self.type in OFFERED:
            self._check_ml_dsa(subtree_message(self.name, text, time), blob[8:])
        else:
            raise KeyTypeError("ML-DSA-44 is not offered by this installation", remedy="Update cryptography.")
        return time

    def _check_ed25519(self, message: bytes, signature: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise self._bad() from error

    def _check_ml_dsa(self, message: bytes, signature: bytes) -> None:
        try:
            MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise self._bad() from error

    def _bad(self) -> BadSignatureError:
        return BadSignatureError(
            f"signature of {self.name} does not fit the text", remedy="Keep the bytes: they are evidence of a change."
        )


class SigningKey:
    """A secret Ed25519 key with its name; shows only what is public."""

    __slots__ = ("_private", "_seed", "verifier")

    def __init__(self, name: str, type: KeyType, seed: bytes) -> None:
        if type not in (KeyType.ED25519, KeyType.COSIGNATURE):
            raise KeyTypeError("cannot sign with this type of key", expected="Ed25519", came=type.name)
        if len(seed) != 32:
            raise KeyTextError("secret key has the wrong length", expected="a seed of 32 bytes")
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, type, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, type: KeyType = KeyType.ED25519) -> "SigningKey":
        """A fresh key from the operating system's randomness; witnesses need ``KeyType.COSIGNATURE``."""
        return cls(name, type, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Read a signing key; messages never repeat it. Raises KeyTextError, KeyIdError, KeyNameError, Base64Error."""
        match = _VKEY.fullmatch(text.removeprefix("PRIVATE+KEY+"))
        try:
            data = parse_base64(match[3]) if match and text.startswith("PRIVATE+KEY+") else b""
        except ParseError:
            data = b""
        if not match or len(data) != 33 or data[0] not in KeyType.__members__.values():
            raise KeyTextError("text is no signing key", expected="PRIVATE+KEY+name+hex+base64")
        key = cls(match[1], KeyType(data[0]), data[1:])
        if key.verifier.key_id.hex() != match[2]:
            raise KeyIdError("key ID does not fit the key", expected=key.verifier.key_id.hex(), came=match[2])
        return key

    @property
    def secret_text(self) -> str:
        """The secret as text; whoever writes it down keeps it to its owner (0600)."""
        v = self.verifier
        return f"PRIVATE+KEY+{v.name}+{v.key_id.hex()}+{format_base64(bytes([v.type]) + self._seed)}"

    @property
    def name(self) -> str:
        """Name of the key."""
        return self.verifier.name

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier.text})"

    def sign(self, text: str) -> NoteSignature:
        """Sign note text. Raises KeyTypeError where this is a cosigner's key."""
        if self.verifier.type is not KeyType.ED25519:
            raise KeyTypeError(f"{self.name} is a cosigner's key", remedy="Use cosign().")
        return NoteSignature(self.name, self.verifier.key_id, self._private.sign(text.encode("utf-8")))

    def cosign(self, text: str, time: int) -> NoteSignature:
        """Cosign the text of a checkpoint at a time in seconds since 1970 (cosignature/v1). Raises KeyTypeError."""
        if self.verifier.type is not KeyType.COSIGNATURE:
            raise KeyTypeError(f"{self.name} is no cosigner's key", remedy="Generate one with KeyType.COSIGNATURE.")
        blob = time.to_bytes(8, "big") + self._private.sign(cosigned_text(text, time))
        return NoteSignature(self.name, self.verifier.key_id, blob)


def cosigned_text(text: str, time: int) -> bytes:
    """What an Ed25519 cosignature covers: https://c2sp.org/tlog-cosignature"""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def subtree_message(cosigner: str, text: str, time: int) -> bytes:
    """What an ML-DSA-44 cosignature covers: ``cosigned_message`` over the first three lines of a checkpoint.

    Raises KeyNameError where a name is longer than 255 bytes, and those of ``TreeHead.parse``.
    """
    head = TreeHead.parse(text)
    name, origin = cosigner.encode("utf-8"), head.origin.encode("utf-8")
    if max(len(name), len(origin)) > 255:
        raise KeyNameError(
            "name is too long for ML-DSA-44", expected="at most 255 bytes", came=str(max(len(name), len(origin)))
        )
    parts = [b"subtree/v1\n\0", bytes([len(name)]), name, time.to_bytes(8, "big"), bytes([len(origin)]), origin]
    return b"".join([*parts, (0).to_bytes(8, "big"), head.size.to_bytes(8, "big"), head.root])


@dataclass(frozen=True, slots=True)
class Verified:
    """A trusted key whose signature on a note holds; ``time`` of its cosignature in seconds since 1970, or None."""

    key: VerifierKey
    time: int | None


def open_note(note: Note, trusted: Iterable[VerifierKey]) -> tuple[Verified, ...]:
    """Who of the trusted signed the note, in the order of its lines; unknown keys, and keys of a type that is not
    ``OFFERED``, are ignored.

    Raises BadSignatureError where one of them fails, NoKnownSignatureError where there is none, KeyClashError.
    """
    keys: dict[tuple[str, bytes], VerifierKey] = {}
    for key in trusted:
        if keys.setdefault((key.name, key.key_id), key) != key:
            raise KeyClashError(f"two trusted keys are called {key.name} and share an ID", remedy="Rename one of them.")
    found = []
    for signature in note.signatures:
        known = keys.get((signature.name, signature.key_id))
        if known is not None and known.type in OFFERED:
            found.append(Verified(known, known.verify(note.text, signature)))
    if not found:
        names = ", ".join(sorted({key.name for key in keys.values()})) or "nobody"
        raise NoKnownSignatureError("nobody who is trusted signed this", expected=f"a signature by {names}")
    return tuple(found)
