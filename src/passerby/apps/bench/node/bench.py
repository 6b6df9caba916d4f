"""The rounds of ``passerby bench node``."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from passerby.apps.assets.cache import cache_folder
from passerby.apps.assets.entries import find
from passerby.apps.bench.edge.stream import STREAMS, make
from passerby.apps.bench.node.town import PICTURE, TownCamera, found_town
from passerby.apps.detectors import present
from passerby.apps.node.memory import give_back
from passerby.apps.runtimes import prepare, way_for
from passerby.datatypes.errors import PasserbyError
from passerby.edge.detection import REFERENCE
from passerby.edge.measurement import FLOW

CLIP = "pets09-s2l1"
FIRST, SECONDS = 560, 36.0
"""Of the clip, what the cameras play: longer than a busy machine needs until memory is read."""
LOOKS = 20
"""Looks of each camera before memory is read."""
READINGS = 6
MORE = 12
ASLEEP, AWAKE = 995, 5
PATIENCE = 300.0
MB = 1e6

Tell = Callable[[str], None]


class NodeFailedError(PasserbyError):
    """The node of the bench did not come so far."""


def bench(tell: Tell, *, more: int = MORE, asleep: int = ASLEEP, detector: str = "embedded") -> Mapping[str, object]:
    """Memory of one worker with 1 and with 1 + ``more`` cameras of 1080p, and of a second worker; and how long a node
    with ``asleep`` cameras outside their mandated hours, and 5 at work, takes to know the state of each.

    Memory is the sum of PSS over all processes of the node, MB, with the detector run in the way that is cheapest here
    (``runtime``) and in the reference way. Other processes with the same libraries would make it less: this one gives
    its own back.
    """
    entry = present(detector)
    prepare(entry, [PICTURE], Console(stderr=True))
    backend = way_for(entry, PICTURE, FLOW.seconds)[1]
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as temporary:
        folder = Path(temporary)
        tell("node: making the clip …")
        seconds = {stream.name: SECONDS if stream.name == "main-gop50" else 0.1 for stream in STREAMS}
        clip = make(find(CLIP).path, FIRST, seconds, folder)["main-gop50"]

        def held(awake: int, workers: int, cache: Path | None = None) -> float:
            town = folder / f"{awake}-{workers}"
            found_town(town, cameras(clip, awake), entry, workers=workers)
            give_back()
            found = _memory(town, cache)
            tell(f"node: {awake} cameras, {workers} workers, {REFERENCE if cache else backend}: {found:.0f} MB")
            return found

        one, many, two = held(1, 1), held(1 + more, 1), held(2, 2)
        per_camera = (many - one) / more
        nothing_measured = folder / "cache"
        nothing_measured.mkdir()
        (nothing_measured / "detectors").symlink_to(cache_folder() / "detectors")
        plain = held(1, 1, nothing_measured)
        found_town(folder / "large", cameras(clip, AWAKE, asleep), entry, workers=os.cpu_count() or 1)
        start = _start(folder / "large", AWAKE, asleep)
        tell(f"node: {AWAKE + asleep} cameras: start {start['start_s']:.1f} s")
        return {
            "memory_mb_per_camera": round(per_camera, 1),
            "memory_mb_base": round(one - per_camera, 1),
            "runtime": str(backend),
            f"memory_mb_base_{REFERENCE.runtime}": round(plain - per_camera, 1),
            "memory_mb_for_another_worker": round(two - one - per_camera, 1),
            "memory_mb": {"1 camera": round(one, 1), f"{1 + more} cameras": round(many, 1)},
            "cameras_of_the_start": AWAKE + asleep,
            **start,
        }


def cameras(clip: Path, awake: int, asleep: int = 0) -> list[TownCamera]:
    """So many that play the clip, and so many on the network whose mandated hours are not now."""
    play = f'recording = {{ file = "{clip}" }}'
    return [TownCamera(f"awake-{number}", play) for number in range(awake)] + [
        TownCamera(f"asleep-{number}", f'rtsp = {{ url = "rtsp://192.0.2.1/{number}" }}', awake=False)
        for number in range(asleep)
    ]


def _memory(town: Path, cache: Path | None) -> float:
    """MB, median of ``READINGS``, once every camera has looked ``LOOKS`` times and every worker has said so since.
    ``cache``: folder instead of the user's."""
    readings: list[float] = []
    with _at_work(town, cache) as reports:
        for report in reports:
            if report["states"].get("ended"):
                raise NodeFailedError("the clip ended before memory was read", remedy="Run it on a quieter machine.")
            if report["least_frames"] >= LOOKS and report["memory"]:
                readings.append(report["memory"] / MB)
            if len(readings) == 2 * READINGS:
                return median(readings[READINGS:])
    raise NodeFailedError("the node ended early", expected=f"{LOOKS} looks of every camera")


def _start(town: Path, awake: int, asleep: int) -> dict[str, float]:
    """``start_s``: until every sleeper's reason is known and whoever is awake counts. ``start_cpu_s``: of the process
    of the gate until then. ``idle_cpu_share``: what it needs after that, of one core."""
    began = time.monotonic()
    with _at_work(town) as reports:
        for report in reports:
            if report["states"].get("asleep", 0) >= asleep and report["measuring"] >= awake:
                start, cpu, known = time.monotonic() - began, report["cpu"], time.monotonic()
                break
        for report in reports:
            if time.monotonic() - known > 10.0:
                idle = (report["cpu"] - cpu) / (time.monotonic() - known)
                return {"start_s": round(start, 2), "start_cpu_s": round(cpu, 2), "idle_cpu_share": round(idle, 3)}
    raise NodeFailedError("the node ended early", expected="cameras asleep and at work")


@contextmanager
def _at_work(town: Path, cache: Path | None = None) -> Iterator[Iterator[Any]]:
    """Reports of a node that runs until the block ends. Raises NodeFailedError after ``PATIENCE``."""
    command = [sys.executable, "-P", "-m", "passerby.apps.bench.node.at_work", str(town / "city.toml")]
    environment = os.environ | ({"PASSERBY_CACHE": str(cache)} if cache else {})
    node = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert node.stdout is not None
    end = time.monotonic() + PATIENCE

    def reports(lines: Iterator[str]) -> Iterator[Any]:
        for line in lines:
            if time.monotonic() > end:
                raise NodeFailedError("the node takes too long", expected=f"less than {PATIENCE:.0f} s")
            yield json.loads(line)

    try:
        yield reports(iter(node.stdout))
    finally:
        node.kill()
        node.communicate()
