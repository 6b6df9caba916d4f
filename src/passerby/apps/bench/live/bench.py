"""The parts of ``passerby bench live``."""

import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from rich.console import Console

from passerby.apps.assets.entries import find
from passerby.apps.bench.camera import encoded
from passerby.apps.bench.edge.stream import RATE, STREAMS, SUB_RATE, make
from passerby.apps.bench.live.alone import alone
from passerby.apps.bench.live.faults import faults
from passerby.apps.bench.live.overload import flood, overload
from passerby.apps.bench.live.street import CLIP_SECONDS, beside, street
from passerby.apps.detectors import present
from passerby.apps.runtimes import prepare, processor

CLIP, FIRST = "pets09-s2l1", 60
PARTS = ("substream", "overload", "flood", "faults")
WINDOWS = {"substream": 1, "overload": 2, "flood": 1}

Tell = Callable[[str], None]


def bench(
    tell: Tell,
    *,
    parts: Collection[str] = PARTS,
    scale: float = 1.0,
    detector: str = "embedded",
    cameras: int | None = None,
    keep: Path | None = None,
) -> Mapping[str, object]:
    """A node whose worker has one core, with cameras that it sees by RTSP.

    ``scale``: more windows of 40 s. ``cameras``: of the overload; without it, as many as need 1.4 times what the core
    gives. ``keep``: folder in which the streams stay for the next run. What a camera needs is
    measured in any case.
    """
    entry = present(detector)
    sizes = {stream.size for stream in STREAMS}
    prepare(entry, sorted(sizes), Console(stderr=True))
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as temporary, beside() as (core, cores):
        folder = Path(temporary)
        tell("live: making the streams …")
        seconds = dict.fromkeys((stream.name for stream in STREAMS), float(CLIP_SECONDS)) | {"main-gop25": 0.1}
        files = make(find(CLIP).path, FIRST, seconds, keep or folder)
        windows = {part: max(1, round(scale * count)) for part, count in WINDOWS.items()}
        with street(encoded(files["main-gop50"], RATE), encoded(files["sub"], SUB_RATE)) as served:
            tell("live: cameras with a main stream alone, and the same with a substream …")
            one = alone(served, folder / "alone", entry, cores, windows["substream"])
            results: dict[str, object] = {"substream": one.result}
            tell(f"live: {one.result['cpu_ms_per_camera_second']} ms for a camera's second")
            if "overload" in parts:
                tell("live: more cameras than the core can carry …")
                results["overload"] = overload(served, folder / "over", entry, core, one, windows["overload"], cameras)
            if "flood" in parts:
                tell("live: one camera that sends ten times as many pictures …")
                results["flood"] = flood(served, folder / "flood", entry, core, one, windows["flood"])
            if "faults" in parts:
                tell("live: a camera that stops in mid-packet, a worker that is killed, a camera that crashes it …")
                results["faults"] = faults(served, folder / "faults", entry, core)
    return {**results, "detector": entry.name, "processor": f"{processor()}, core {', '.join(map(str, core))}"}
