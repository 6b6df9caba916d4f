"""A node at work in a process of its own, as the bench sees it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from passerby.apps.bench.live.fragile import FOLDER
from passerby.datatypes.errors import PasserbyError
from passerby.public.store.record import Record, parse

WORKER, FRAGILE = "passerby.apps.node.worker", "passerby.apps.bench.live.fragile"
PATIENCE = 120.0
RELEASED_LATE = 2.0
"""Seconds after its end at which a window is released, when all goes well."""


class NodeFailedError(PasserbyError):
    """The node of the bench did not come so far."""


@dataclass(frozen=True, slots=True)
class Look:
    """The node at ``at`` (s, POSIX). ``cpu``: CPU seconds of each worker so far. ``told``: what the operator reads."""

    at: float
    cameras: Mapping[str, Mapping[str, Any]]
    cpu: Mapping[str, float]
    told: Sequence[str]

    def spent(self, since: "Look", camera: str | None = None) -> float:
        """CPU seconds since another look: of all workers, or of the one that a camera is in."""
        pids = self.cpu if camera is None else (str(self.cameras[camera]["pid"]),)
        return sum(self.cpu[pid] - since.cpu.get(pid, 0.0) for pid in pids if pid in self.cpu)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole windows. ``records``: of one family, every camera and window. ``looks``: of the node, in that time."""

    seconds: float
    records: Sequence[Record]
    looks: Sequence[Look]

    def of(self, camera: str) -> list[Record]:
        """Of one camera."""
        return [record for record in self.records if record.cell.sensor == camera]

    def coverage(self, camera: str) -> float:
        """Of one camera, as it was published."""
        mine = self.of(camera)
        return sum(record.coverage for record in mine) / 1000 / len(mine)

    def mean_coverage(self, cameras: Sequence[str]) -> float:
        """Of several."""
        return sum(map(self.coverage, cameras)) / len(cameras)


class Watched:
    """``looks``, ``records``: all that the node told so far."""

    def __init__(self, cameras: Sequence[str]) -> None:
        self.cameras = tuple(cameras)
        self.looks: list[Look] = []
        self.records: list[Record] = []

    @property
    def now(self) -> Look:
        """The last look."""
        return self.looks[-1]

    def wait(self, holds: Callable[[Look], bool], what: str, patience: float = PATIENCE) -> Look:
        """The first look from now on of which this holds. Raises NodeFailedError."""
        end, seen = time.monotonic() + patience, len(self.looks)
        while time.monotonic() < end:
            for look in self.looks[seen:]:
                seen += 1
                if holds(look):
                    return look
            time.sleep(0.05)
        raise NodeFailedError("the node of the bench does not come on", expected=what, came=f"not in {patience:.0f} s")

    def settle(self, looks: int, cameras: Sequence[str] | None = None) -> None:
        """Wait until every camera, or those that are named, looked so often."""
        names = self.cameras if cameras is None else cameras
        self.wait(lambda look: all(look.cameras[name]["frames"] >= looks for name in names), "looks of all cameras")

    def windows(self, count: int, seconds: int, family: str) -> Span:
        """Watch so many whole windows of so many seconds, until they are released."""
        begin = (time.time() // seconds + 1) * seconds
        end = begin + count * seconds
        patience = end + RELEASED_LATE - time.time() + PATIENCE

        def there(_: Look) -> bool:
            ended = {r.cell.sensor for r in tuple(self.records) if r.window.end.timestamp() >= end}
            return ended >= set(self.cameras)

        self.wait(there, "every window released", patience)
        mine = [
            record
            for record in self.records
            if record.cell.family == family and begin <= record.window.start.timestamp() < end
        ]
        looks = [look for look in self.looks if begin <= look.at <= end]
        return Span(looks[-1].at - looks[0].at, mine, looks)


def looked(looks: Sequence[Look], camera: str) -> int:
    """Pictures of a camera that were looked at from the first look to the last, in however many processes."""
    frames = [look.cameras[camera]["frames"] for look in looks]
    return sum(b - a if b >= a else b for a, b in pairwise(frames))


@contextmanager
def at_work(town: Path, cameras: Sequence[str], cores: Collection[int], program: str = WORKER) -> Iterator[Watched]:
    """A node on these cores, on any where there are none, until the block ends. Its orders (``fragile``) lie in
    ``town``."""
    command = [sys.executable, "-P", "-m", "passerby.apps.bench.live.at_work", str(town / "city.toml")]
    node = subprocess.Popen(
        [*command, ",".join(map(str, sorted(cores))), program],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {FOLDER: str(town)},
    )
    assert node.stdout is not None
    watched = Watched(cameras)
    listener = threading.Thread(target=_listen, args=(node.stdout, watched), daemon=True)
    listener.start()
    try:
        yield watched
    finally:
        node.kill()
        node.wait()
        listener.join()
        node.stdout.close()


def _listen(lines: Iterator[str], watched: Watched) -> None:
    for line in lines:
        told = json.loads(line)
        watched.records += map(parse, told.pop("released"))
        watched.looks.append(Look(**told))
