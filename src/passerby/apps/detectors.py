"""Detectors of the catalogue, ready for a camera's picture."""

from functools import lru_cache
from pathlib import Path
from threading import Lock

from passerby.apps.assets.entries import Entry, find
from passerby.apps.assets.errors import AssetError
from passerby.apps.runtimes import backend_for
from passerby.edge.detection import Backend, Detector, fitted, read_spec

_LOADING = Lock()
"""Cameras that begin together load it once."""


def present(name: str) -> Entry:
    """The entry of a detector whose file is here. Raises AssetError."""
    entry = find(name)
    if not entry.present:
        raise AssetError(
            f"detector {entry.name} is not here",
            expected="its file in the cache",
            came="that of an earlier version" if entry.older else "",
            remedy=f"passerby models get {entry.name}",
        )
    return entry


def detector_for(entry: Entry, picture: tuple[int, int], backend: Backend | None = None) -> Detector:
    """The detector, its input in the shape of ``picture`` (width and height, px), run by ``backend``, or in the way
    that was measured to be the cheapest here. Cameras whose pictures are alike share it: it keeps nothing of any frame.

    Raises DetectorError, DetectorSpecError."""
    with _LOADING:
        return _loaded(entry.text, entry.path, picture, backend or backend_for(entry, picture))


@lru_cache(maxsize=16)
def _loaded(text: str, path: Path, picture: tuple[int, int], backend: Backend) -> Detector:
    return Detector(*fitted(read_spec(text), path.read_bytes(), picture), backend)
