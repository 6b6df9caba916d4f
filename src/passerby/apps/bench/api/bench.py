"""``passerby bench api``: p95 of a page in a large city, and its ratio to a page from memory by the same server."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from passerby.apps.bench.api.large_city import Size, Tell, build, camera_id
from passerby.apps.bench.api.load import Asker, Timing, measure, pages, percentile
from passerby.apps.bench.api.plans import explain
from passerby.apps.bench.api.server import BASELINE

WHOLE_CITY = 200_000


def bench(
    tell: Tell,
    *,
    scale: float = 0.1,
    requests: int = 60,
    clients: int = 2,
    keep: Path | None = None,
    plans: Path | None = None,
) -> dict[str, object]:
    """Build a city of ``scale`` × 200,000 cameras, serve it, and ask for ``requests`` pages of each kind.

    ``keep``: folder in which the store stays for the next run. ``plans``: file for the query plans. Times are in ms,
    from asking to the last byte; ``cpu`` is the CPU time of the server for one answer, which other work on the machine
    does not lengthen; it is told where one client asks alone.
    """
    size = Size(max(10, round(WHOLE_CITY * scale)))
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as folder:
        path = (keep or Path(folder)) / f"city-{size.cameras}.duckdb"
        begin = time.perf_counter()
        if not path.exists():
            build(path, size, tell)
        built = time.perf_counter() - begin
        kinds: dict[str, Asker] = {"baseline": lambda _: BASELINE, **pages(size)}
        with serving_apart(path, size) as address:
            tell("large city: served; asking")
            measure(address, kinds, clients=1, requests=3, seed=0)
            alone = measure(address, kinds, clients=1, requests=requests)
            together = measure(address, kinds, clients=clients, requests=requests, seed=2)
        if plans is not None:
            plans.write_text(explain(path, camera_id(size.cameras // 2)), "utf-8")
        return {
            "cameras": size.cameras,
            "releases": size.rows,
            "store_bytes": path.stat().st_size,
            "build_seconds": round(built, 1),
            "baseline": "a page of 100 releases from memory, through the same server",
            "load_average": os.getloadavg()[0],
            "one_client": _table(alone, alone=True),
            f"{clients}_clients": _table(together, alone=False),
        }


@contextmanager
def serving_apart(path: Path, size: Size) -> Iterator[str]:
    """The server in a process of its own; yields its address."""
    command = [sys.executable, "-m", "passerby.apps.bench.api.server", str(path), str(size.cameras)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()
            server.wait(timeout=60)


def _table(timings: Mapping[str, Timing], *, alone: bool) -> dict[str, object]:
    base = percentile(timings["baseline"].milliseconds, 0.95)
    asked = [timing for kind, timing in timings.items() if kind != "baseline"]
    every = Timing(
        tuple(sorted(ms for timing in asked for ms in timing.milliseconds)),
        tuple(sorted(ms for timing in asked for ms in timing.cpu)),
    )
    rows = {}
    for name, timing in (*timings.items(), ("all pages", every)):
        p95 = percentile(timing.milliseconds, 0.95)
        rows[name] = {
            "p50_ms": round(percentile(timing.milliseconds, 0.5), 1),
            "p95_ms": round(p95, 1),
            "p95_to_baseline": round(p95 / base, 2),
        }
        if alone:
            rows[name]["cpu_p50_ms"] = round(percentile(timing.cpu, 0.5), 1)
            rows[name]["cpu_p95_ms"] = round(percentile(timing.cpu, 0.95), 1)
    return dict(rows)
