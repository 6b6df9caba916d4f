"""How detectors are run on this machine: measured once, remembered in the user's cache."""

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from passerby.apps.assets.cache import cache_folder, workplace
from passerby.apps.assets.entries import Entry, find
from passerby.apps.assets.errors import AssetError
from passerby.apps.city import City
from passerby.datatypes.errors import PasserbyError
from passerby.edge.detection import (
    REFERENCE,
    Backend,
    Trial,
    backends,
    best,
    fitted,
    fitted_spec,
    read_spec,
    try_all,
    versions,
)

PICTURES = ((1920, 1080), (768, 576))
"""Shapes that most cameras have, px."""
Tell = Callable[[str], None]


def backend_for(entry: Entry, picture: tuple[int, int]) -> Backend:
    """The cheapest backend that was measured for a detector on pictures of this shape (width and height, px); the
    reference where none was. Raises DetectorSpecError."""
    trials = remembered(entry, picture)
    return REFERENCE if trials is None else best(trials)


def remembered(entry: Entry, picture: tuple[int, int]) -> list[Trial] | None:
    """What was measured here; None where nothing was, or with another model, library or processor, or where the file is
    not readable: then it is to be measured anew."""
    key, path = _key(entry, picture)
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["key"] != key:
            return None
        return [Trial(**{**trial, "backend": Backend(**trial["backend"])}) for trial in document["trials"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def measure(entry: Entry, picture: tuple[int, int], tell: Tell, *, repeats: int = 20) -> list[Trial]:
    """Try every backend, with more threads where one is too slow, and remember. Takes a few seconds.

    Raises AssetError, DetectorError, DetectorSpecError."""
    spec, model = fitted(read_spec(entry.text), entry.path.read_bytes(), picture)

    def tell_of(backend: Backend) -> None:
        tell(f"{entry.name} {spec.width}×{spec.height}: tries {backend}")

    trials = try_all(spec, model, picture, backends(), repeats=repeats, tell=tell_of)
    if not any(trial.quick and trial.agrees for trial in trials) and (threads := os.cpu_count() or 1) > 1:
        several = [backend for backend in backends(threads) if backend.threads > 1]
        trials += try_all(spec, model, picture, several, repeats=repeats, tell=tell_of)
    key, path = _key(entry, picture)
    with workplace(1) as folder:
        made = folder / path.name
        made.write_text(json.dumps({"key": key, "trials": [asdict(trial) for trial in trials]}, indent=1), "utf-8")
        with made.open("rb") as file:
            os.fsync(file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        made.replace(path)
    return trials


def prepare(entry: Entry, pictures: Iterable[tuple[int, int]], console: Console) -> None:
    """Measure a detector for pictures of these shapes where nothing is remembered, and tell of it.

    Where nothing can be kept the reference is used, which always works. Raises DetectorError, DetectorSpecError.
    """
    if entry.kind != "detector":
        return
    for picture in pictures:
        if remembered(entry, picture) is not None:
            continue
        with console.status(f"{entry.name}: measures what runs it best here …") as status:
            try:
                trials = measure(entry, picture, status.update)
            except (AssetError, OSError) as error:
                console.print(f"{entry.name}: not measured, run by {REFERENCE}. {error}")
                return
        console.print(f"[green]✓[/] {entry.name}, {picture[0]}×{picture[1]}: {_gain(trials)}")


def prepare_city(city: City, console: Console) -> None:
    """Measure for every camera whose detector is here; what is wrong with one is told where it is put to work."""
    wanted: dict[str, set[tuple[int, int]]] = {}
    for section in city.camera:
        wanted.setdefault(section.detector, set()).add(section.picture)
    for name, pictures in wanted.items():
        with suppress(PasserbyError):
            entry = find(name)
            if entry.present:
                prepare(entry, sorted(pictures), console)


def _gain(trials: Sequence[Trial]) -> str:
    costs = {trial.backend: 1e3 * trial.cpu_seconds for trial in trials}
    used = best(trials)
    beside = "" if used == REFERENCE else f" ({costs[REFERENCE]:.1f} with {REFERENCE})"
    return f"run by {used}, {costs[used]:.1f} ms of CPU a picture{beside}"


def forget(entry: Entry, picture: tuple[int, int]) -> None:
    """Drop what is remembered, so that it is measured anew."""
    _key(entry, picture)[1].unlink(missing_ok=True)


def processor() -> str:
    """What the machine calls its processor."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text("utf-8").splitlines() if facts.exists() else []
    named = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _key(entry: Entry, picture: tuple[int, int]) -> tuple[dict[str, Any], Path]:
    """What a measurement depends on, and where it is kept."""
    spec = fitted_spec(read_spec(entry.text), picture)
    description = hashlib.sha256(entry.text.encode("utf-8")).hexdigest()
    key = {
        "model": entry.sha256,
        "description": description,
        "input": [spec.width, spec.height],
        "versions": versions(),
        "processor": processor(),
        "cores": os.cpu_count(),
    }
    return key, cache_folder() / "runtimes" / f"{description[:16]}-{spec.width}x{spec.height}.json"
