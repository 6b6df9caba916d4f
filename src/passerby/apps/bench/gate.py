"""What the gate costs, window by window, against the same bytes in SQLite; and its journal after many windows."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median

from passerby.apps.attack.door import Door
from passerby.apps.attack.target import FIRST_DAY, Target
from passerby.apps.mandates.files import read_mandate
from passerby.datatypes.window import Window
from passerby.gate.privacy.journal import Disk

MANDATE = Path("spec/examples/square.toml")
WINDOWS = 4_000


def bench(tell: Callable[[str], None], windows: int = WINDOWS) -> Mapping[str, object]:
    """One camera's windows, each debited, drawn, journalled, acknowledged and synced; medians in ms, sizes in bytes.

    ``release`` is the gate's work, ``sqlite`` one transaction with the same lines (WAL, synchronous=FULL), interleaved.
    ``open``: taking up the journal, after a tenth of the windows and after all.
    """
    target = Target.of(read_mandate(MANDATE))
    released, kept, sizes, opened = [], [], [0], []
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as name:
        folder = Path(name)
        door = Door(target, folder / "node", disk=Disk())
        with closing(sqlite3.connect(folder / "lines.db")) as base:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("PRAGMA synchronous=FULL")
            base.execute("CREATE TABLE line (text TEXT NOT NULL)")
            for number, window in enumerate(_windows(target, windows), 1):
                measures = target.measures(window, {})
                begin = time.perf_counter()
                lines = door.release(measures)
                between = time.perf_counter()
                with base:
                    base.executemany("INSERT INTO line VALUES (?)", [(line.text,) for line in lines])
                kept.append(time.perf_counter() - between)
                released.append(between - begin)
                sizes.append((door.folder / "journal").stat().st_size)
                door.log.clear()
                if number in (max(1, windows // 10), windows):
                    opened.append(_reopen(door))
                    tell(f"gate: {number:,} of {windows:,} windows")
        door.close()
    return {
        "windows": windows,
        "release_ms": round(1000 * median(released), 3),
        "sqlite_ms": round(1000 * median(kept), 3),
        "release_to_sqlite": round(median(released) / median(kept), 2),
        "journal_largest_bytes": max(sizes),
        "journal_reopened_bytes": opened[-1][1],
        "open_after_a_tenth_ms": round(1000 * opened[0][0], 2),
        "open_after_all_ms": round(1000 * opened[-1][0], 2),
    }


def _windows(target: Target, count: int) -> Iterator[Window]:
    day, given = FIRST_DAY, 0
    while True:
        for window in target.whole_day(day):
            if given == count:
                return
            given += 1
            yield window
        day += timedelta(days=1)


def _reopen(door: Door) -> tuple[float, int]:
    """Seconds that opening takes, and the size of the journal after it."""
    door.close()
    begin = time.perf_counter()
    door.reopen(Disk())
    return time.perf_counter() - begin, (door.folder / "journal").stat().st_size
