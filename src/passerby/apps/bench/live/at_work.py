"""``python -m passerby.apps.bench.live.at_work CITY CORES PROGRAM``: a node on these cores (``0,1``; any where it
is empty) that tells four times a second how it is, as JSON lines. ``PROGRAM``: module that its workers run."""

import json
import os
import queue
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from passerby.apps.city import City, read_city
from passerby.apps.node.advice import machine_of, sentences
from passerby.apps.node.confinement import leave_no_core
from passerby.apps.node.desk import Desk
from passerby.apps.node.fleet import Fleet
from passerby.apps.node.house import House
from passerby.apps.node.node import Node
from passerby.apps.node.status import StatusBoard
from passerby.gate.gate import Batch
from passerby.machine import cores

TELL_SECONDS = 0.25
TICKS = os.sysconf("SC_CLK_TCK")


class Telling(House):
    """``lines``: what was released and is not yet told."""

    def __init__(self, city: City) -> None:
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        super().__init__(city)

    def publish(self, batches: Sequence[Batch]) -> None:
        super().publish(batches)
        for batch in batches:
            for line in batch.lines:
                self.lines.put(line)


def main(path: Path, pinned: str, program: str) -> None:
    """Work until the other end of standard output is closed or this is killed."""
    leave_no_core()
    if pinned:
        os.sched_setaffinity(0, map(int, pinned.split(",")))
    city = read_city(path)
    board = StatusBoard(tuple(section.id for section in city.camera))
    house = Telling(city)
    with house, Desk(house):
        fleet = Fleet(house, board, city.workers or cores(), (sys.executable, "-P", "-m", program))
        Node(house, board, fleet).start()
        while True:
            pids = fleet.pids()
            status = board.all()
            cameras = {
                name: {
                    "pid": pids.get(name, 0),
                    "state": one.state,
                    "frames": one.frames,
                    "rested": one.rested_seconds,
                    "stream": one.stream,
                    "why": one.why,
                    "note": one.note,
                }
                for name, one in status.items()
            }
            print(
                json.dumps(
                    {
                        "at": time.time(),
                        "cameras": cameras,
                        "cpu": {pid: _cpu_seconds(pid) for pid in sorted({*pids.values()})},
                        "told": sentences(machine_of(status, cores())),
                        "released": [house.lines.get() for _ in range(house.lines.qsize())],
                    }
                ),
                flush=True,
            )
            time.sleep(TELL_SECONDS)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, ``proc(5)``; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
