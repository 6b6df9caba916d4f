"""How detectors are run on this machine: measured once, remembered in the user's cache."""

import hashlib
import json
import math
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
from passerby.datatypes.cadence import SELDOM_SECONDS
from passerby.datatypes.errors import PasserbyError
from passerby.edge.detection import (
    PLAIN,
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
AFFORDABLE = 0.05
"""CPU seconds that a detector may take for a second of stream with a larger input than it needs: less than decoding
1080p25 takes."""
OFTEN, SELDOM = 0.75, 1.4
"""Sizes of the larger input, for looks that are often and for those that are seldom: share of the pixels of the input
that a detector was trained with. More find more of the people who are far away, and cost more."""
Tell = Callable[[str], None]


def way_for(entry: Entry, picture: tuple[int, int], seconds: float) -> tuple[float, Backend]:
    """The share (of the pixels that the detector was trained with) and the backend for looks at pictures of this shape
    (width and height, px) every ``seconds``: the larger input where it was measured to be affordable here, the cheapest
    backend that was measured; the plain input and the reference where none was. Raises DetectorSpecError."""
    larger = SELDOM if seconds >= SELDOM_SECONDS else OFTEN
    for share, most in ((larger, AFFORDABLE * seconds), (PLAIN, math.inf)):
        trials = remembered(entry, picture, share) or []
        backend = best(trials)
        if any(trial.backend == backend and trial.cpu_seconds <= most for trial in trials):
            return share, backend
    return PLAIN, REFERENCE


def inputs(entry: Entry, picture: tuple[int, int]) -> dict[tuple[int, int], float]:
    """Sizes of the input, px, that may serve pictures of this shape, and their shares. Raises DetectorSpecError."""
    spec, found = read_spec(entry.text), dict[tuple[int, int], float]()
    for share in (PLAIN, OFTEN, SELDOM):
        fit = fitted_spec(spec, picture, share)
        found.setdefault((fit.width, fit.height), share)
    return found


def remembered(entry: Entry, picture: tuple[int, int], share: float) -> list[Trial] | None:
    """What was measured here; None where nothing was, or with another model, library or processor, or where the file is
    not readable: then it is to be measured anew."""
    key, path = _key(entry, picture, share)
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["key"] != key:
            return None
        return [Trial(**{**trial, "backend": Backend(**trial["backend"])}) for trial in document["trials"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def measure(entry: Entry, picture: tuple[int, int], share: float, tell: Tell, *, repeats: int = 20) -> list[Trial]:
    """Try every backend with an input of this share, with more threads where one is too slow, and remember. Takes a few
    seconds.

    Raises AssetError, DetectorError, DetectorSpecError."""
    spec, model = fitted(read_spec(entry.text), entry.path.read_bytes(), picture, share)

    def tell_of(backend: Backend) -> None:
        tell(f"{entry.name} {spec.width}×{spec.height}: tries {backend}")

    trials = try_all(spec, model, picture, backends(), repeats=repeats, tell=tell_of)
    if not any(trial.quick and trial.agrees for trial in trials) and (threads := os.cpu_count() or 1) > 1:
        several = [backend for backend in backends(threads) if backend.threads > 1]
        trials += try_all(spec, model, picture, several, repeats=repeats, tell=tell_of)
    key, path = _key(entry, picture, share)
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
    for picture, size, share in [(each, *one) for each in pictures for one in inputs(entry, each).items()]:
        if remembered(entry, picture, share) is not None:
            continue
        with console.status(f"{entry.name}: measures what runs it best here …") as status:
            try:
                trials = measure(entry, picture, share, status.update)
            except (AssetError, OSError) as error:
                console.print(f"{entry.name}: not measured, run by {REFERENCE}. {error}")
                return
        shape = f"{picture[0]}×{picture[1]} as {size[0]}×{size[1]}"
        console.print(f"[green]✓[/] {entry.name}, {shape}: {_gain(trials)}")


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
    for share in inputs(entry, picture).values():
        _key(entry, picture, share)[1].unlink(missing_ok=True)


def processor() -> str:
    """What the machine calls its processor."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text("utf-8").splitlines() if facts.exists() else []
    named = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _key(entry: Entry, picture: tuple[int, int], share: float) -> tuple[dict[str, Any], Path]:
    """What a measurement depends on, and where it is kept."""
    spec = fitted_spec(read_spec(entry.text), picture, share)
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
