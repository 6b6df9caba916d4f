"""The catalogue: what can be fetched, from where, and how it is recognised."""

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
    """A detector or clip. ``source``: pip, npm or url, and where. ``text``: its TOML, which describes detectors."""

    name: str
    kind: str
    title: str
    licence: str
    file: str
    sha256: str
    source: dict[str, Any]
    text: str

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return cache_folder() / f"{self.kind}s" / self.file

    @property
    def present(self) -> bool:
        """Whether it is there, whole."""
        return is_whole(self.path, self.sha256)


def entries() -> tuple[Entry, ...]:
    """All entries, by name."""
    folder = files("passerby.apps.assets") / "catalogue"
    texts = [item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".toml")]
    return tuple(sorted((read_entry(text) for text in texts), key=lambda entry: entry.name))


def read_entry(text: str) -> Entry:
    """An entry from its TOML. Raises AssetError."""
    try:
        document = tomllib.loads(text)
        name, kind, title, licence, file, sha256 = (str(document[key]) for key in _FIELDS)
        return Entry(name, kind, title, licence, file, sha256, dict(document["source"]), text)
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise AssetError(
            "entry of the catalogue is not readable",
            expected="name, kind, title, licence, file, sha256, source",
            came=str(error),
        ) from error


def find(name: str) -> Entry:
    """The entry of a name; ``embedded`` is the detector that comes with Passerby. Raises AssetError."""
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
