"""The catalogue: what can be fetched, from where, and how it is recognised."""

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from passerby.apps.assets.cache import cache_folder, is_whole
from passerby.apps.assets.errors import AssetError

EMBEDDED = "nanodet"
_FIELDS = ("name", "kind", "title", "licence", "file", "sha256")


@dataclass(frozen=True, slots=True)
class Entry:
    """A detector or clip. ``source``: pip, npm or url, and where; nothing for a file of the user's own.

    ``text``: its TOML, which describes detectors. ``folder``: where a user keeps the file; the cache by default.
    """

    name: str
    kind: str
    title: str
    licence: str
    file: str
    sha256: str
    source: dict[str, Any]
    text: str
    folder: Path | None = None

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return (self.folder or cache_folder() / f"{self.kind}s") / self.file

    @property
    def identity(self) -> dict[str, str]:
        """What a mandate must say of a detector: the digest of its file, and of a description of the user's own."""
        if self.folder is None:
            return {"sha256": self.sha256}
        return {"sha256": self.sha256, "description": hashlib.sha256(self.text.encode("utf-8")).hexdigest()}

    @property
    def present(self) -> bool:
        """Whether it is there, whole."""
        return is_whole(self.path, self.sha256)

    @property
    def older(self) -> list[Path]:
        """Files that earlier versions of Passerby kept in its place."""
        return [old for name in self.source.get("replaces", ()) if (old := self.path.with_name(name)).exists()]


def entries() -> tuple[Entry, ...]:
    """All entries, by name."""
    folder = files("passerby.apps.assets") / "catalogue"
    texts = [item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".toml")]
    return tuple(sorted((read_entry(text) for text in texts), key=lambda entry: entry.name))


def read_entry(text: str, folder: Path | None = None) -> Entry:
    """An entry from its TOML; ``folder`` holds the file of one that has no source. Raises AssetError."""
    try:
        document = tomllib.loads(text)
        name, kind, title, licence, file, sha256 = (str(document[key]) for key in _FIELDS)
        source = document.get("source", {}) if folder else document["source"]
        return Entry(name, kind, title, licence, file, sha256, dict(source), text, folder)
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise AssetError(
            "entry of the catalogue is not readable",
            expected="name, kind, title, licence, file, sha256, source",
            came=str(error),
        ) from error


def find(name: str) -> Entry:
    """The entry of a name, or of a path to a TOML with the file beside it. Raises AssetError.

    ``embedded`` is the detector that comes with Passerby.
    """
    if name.endswith(".toml"):
        return _own(Path(name))
    wanted = EMBEDDED if name == "embedded" else name
    for entry in entries():
        if entry.name == wanted:
            return entry
    raise AssetError(
        f"catalogue has no {name!r}",
        expected=", ".join(entry.name for entry in entries()),
        came=name,
        remedy="See passerby models list.",
    )


def _own(description: Path) -> Entry:
    try:
        return read_entry(description.read_text("utf-8"), description.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise AssetError(
            f"cannot read {description}",
            expected="the TOML of a detector, such as those that passerby models list shows",
            came=getattr(error, "strerror", None) or "no UTF-8",
        ) from error
