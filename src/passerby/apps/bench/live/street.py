"""Cameras of the bench, served on this machine."""

import hashlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.apps.bench.camera import Clip, RtspServer
from passerby.apps.bench.node.town import Asked, TownCamera, found_town

GOP, SUB_GOP = 50, 20
CLIP_SECONDS, WINDOW = 20, 40
"""The clip twice: every whole window shows the same people."""
ASKED = Asked({"person_seconds": 20, "area_entries": 2}, window=WINDOW, epsilon=1000)
"""Entries only so that four looks a second are needed. At such an ε the numbers are exact: nobody lives in the town."""
BUSY_THREADS, BUSY_SECONDS = 4, 2.0


class Street:
    """Serves one clip from many cameras, each from another moment on. ``servers``: by camera."""

    def __init__(self, main: Clip, sub: Clip) -> None:
        """The same pictures twice, key pictures every two seconds."""
        self._main, self._sub = main, sub
        self.servers: dict[str, RtspServer] = {}
        self._all: list[RtspServer] = []

    def camera(self, name: str, *, times: int = 1, substream: bool = False, small: bool = False) -> TownCamera:
        """A camera that sends ``times`` as many pictures as it should. ``substream``: it offers one. ``small``: it has
        nothing else."""
        number = len(self.servers) % (len(self._sub.pictures) // SUB_GOP)
        main, sub = self._main.turned(GOP * number), self._sub.turned(SUB_GOP * number)
        server = self.servers[name] = self._serve(sub if small else replace(main, rate=times * main.rate))
        source = f'url = "{server.url}"'
        if substream:
            source += f', substream = "{self._serve(sub).url}"'
        return TownCamera(name, f"rtsp = {{ {source} }}")

    def close(self) -> None:
        """End all of them."""
        for server in self._all:
            server.kill()

    def _serve(self, clip: Clip) -> RtspServer:
        server = RtspServer(clip)
        self._all.append(server)
        return server


@contextmanager
def street(main: Clip, sub: Clip) -> Iterator[Street]:
    """Cameras that end with the block."""
    made = Street(main, sub)
    try:
        yield made
    finally:
        made.close()


def found(
    town: Path, cameras: Sequence[TownCamera], detector: Entry, *, workers: int = 1, window: int = WINDOW
) -> list[str]:
    """A town of these cameras; their names."""
    found_town(town, cameras, detector, workers=workers, asked=replace(ASKED, window=window))
    return [camera.id for camera in cameras]


@contextmanager
def beside() -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """The core of the node, and all that there are; this process keeps to the others where there are any. Nothing where
    the system does not say."""
    if not hasattr(os, "sched_setaffinity"):
        yield frozenset(), frozenset()
        return
    allowed = os.sched_getaffinity(0)
    core = max(allowed)
    os.sched_setaffinity(0, allowed - {core} or allowed)
    try:
        yield frozenset({core}), frozenset(allowed)
    finally:
        os.sched_setaffinity(0, allowed)


def given(core: frozenset[int]) -> float:
    """CPU seconds a second that a core gives to a few threads that are always busy; less than 1 where others use it."""
    begin = time.monotonic()
    with ThreadPoolExecutor(BUSY_THREADS) as pool:
        spent = sum(pool.map(_busy, [core] * BUSY_THREADS))
    return min(1.0, spent / (time.monotonic() - begin))


def _busy(core: frozenset[int]) -> float:
    if core:
        os.sched_setaffinity(threading.get_native_id(), core)
    block, end = bytes(2**20), time.monotonic() + BUSY_SECONDS
    while time.monotonic() < end:
        hashlib.sha256(block)
    return time.thread_time()
