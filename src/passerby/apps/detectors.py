"""Detectors of the catalogue, ready for a camera's picture."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from threading import Lock

from rich.console import Console

from passerby.apps.assets.entries import Entry, find
from passerby.apps.assets.errors import AssetError
from passerby.apps.runtimes import prepare, way_for
from passerby.edge.detection import PLAIN, REFERENCE, Backend, Detector, DetectorSpec, fitted_spec, read_spec
from passerby.edge.detection.detector import DetectorError

READY_SECONDS = 120.0
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


def detector_for(entry: Entry, picture: tuple[int, int], seconds: float, backend: Backend | None = None) -> Detector:
    """The detector for looks every ``seconds``, its input in the shape of ``picture`` (width and height, px), and as
    large as this machine can afford; run by ``backend``, or in the way that was measured to be the cheapest here.
    Cameras whose pictures are alike share it: it keeps nothing of any frame.

    Raises DetectorError, DetectorSpecError."""
    share, cheapest = way_for(entry, picture, seconds)
    with _LOADING:
        return _loaded(entry.text, entry.path, picture, share, backend or cheapest)


def plain_detector(entry: Entry, picture: tuple[int, int]) -> Detector:
    """The detector with the input that it was trained for and the reference backend: a baseline.

    Raises DetectorError, DetectorSpecError."""
    with _LOADING:
        return _loaded(entry.text, entry.path, picture, PLAIN, REFERENCE)


def measured_detector(name: str, picture: tuple[int, int], seconds: float) -> Detector:
    """The detector of this name as a camera in production has it; its backends are measured first where none was.

    Raises AssetError, DetectorError, DetectorSpecError."""
    entry = present(name)
    prepare(entry, [picture], Console(stderr=True))
    return detector_for(entry, picture, seconds)


@lru_cache(maxsize=16)
def _loaded(text: str, path: Path, picture: tuple[int, int], share: float, backend: Backend) -> Detector:
    spec = read_spec(text)
    return Detector(fitted_spec(spec, picture, share), _ready(spec, text, path, picture, share, backend), backend)


def _ready(
    spec: DetectorSpec, text: str, path: Path, picture: tuple[int, int], share: float, backend: Backend
) -> bytes:
    """The model in the form that ``backend`` loads. It comes from a child of this process by a pipe, and is kept
    nowhere: no file could put another in its place. Raises DetectorError."""
    order = {"text": text, "path": str(path), "picture": picture, "share": share, "backend": asdict(backend)}
    command = [sys.executable, "-P", "-m", "passerby.apps.ready", str(os.getpid())]
    given = json.dumps(order).encode("utf-8")
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=READY_SECONDS)
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        came = said[-1] if said else f"exit {done.returncode}"
    except subprocess.TimeoutExpired:
        came = f"nothing in {READY_SECONDS:.0f} s"
    raise DetectorError(
        f"detector {spec.name} cannot be made ready for {backend}",
        expected="the model that the catalogue names",
        came=came,
        remedy="Fetch it again: passerby models get.",
    )
