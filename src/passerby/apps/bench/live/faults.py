"""A camera that stops in the middle of a packet, a worker that somebody kills, a camera that crashes its worker."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.apps.bench.live.alone import FAMILY, LOOKS
from passerby.apps.bench.live.street import Street, found
from passerby.apps.bench.live.watched import FRAGILE, Look, Watched, at_work, looked

WINDOW, PHASE = 10, 7.0
"""Windows of so many seconds; each fault comes so long after the begin of one."""
STEADY_SECONDS = 5.0
BROKEN_SECONDS = 6.0
OTHERS = 2
STOPS, CRASHES = "stops", "crashes"


@dataclass(frozen=True, slots=True)
class Fault:
    """From ``begin`` until ``end`` (s, POSIX), when all cameras that are not to blame counted (again)."""

    name: str
    begin: float
    end: float
    others: Sequence[str]
    facts: dict[str, object]


def faults(street: Street, town: Path, entry: Entry, core: frozenset[int]) -> dict[str, object]:
    """One after the other, on one worker with four cameras, by their small streams: there is room for them."""
    names = [*(f"calm-{number}" for number in range(OTHERS)), STOPS, CRASHES]
    found(town, [street.camera(name, small=True) for name in names], entry, window=WINDOW)
    with at_work(town, names, core, FRAGILE) as node:
        node.settle(LOOKS)
        steady = len(node.looks)
        time.sleep(STEADY_SECONDS)
        pace = {name: looked(node.looks[steady:], name) / _seconds(node.looks[steady:]) for name in names}
        done = [_stops(node, street, names), _killed(node, names), _crashes(node, town, names)]
        until = done[-1].end + 2 * WINDOW
        node.wait(lambda _: len(_windows(node, names[0], done[-1].end, until)) > 1, "the last window")
    return {fault.name: _told(node, fault, pace) for fault in done}


def _stops(node: Watched, street: Street, names: Sequence[str]) -> Fault:
    begin = _phase()
    server = street.servers[STOPS]
    server.break_off()
    time.sleep(BROKEN_SECONDS)
    server.kill()
    server.start()
    returned, before = time.time(), node.now.cameras[STOPS]["frames"]
    again = node.wait(lambda look: look.cameras[STOPS]["frames"] > before, "the camera that stopped")
    others = [name for name in names if name != STOPS]
    return Fault("stops in mid-packet", begin, returned, others, {"back_after_s": round(again.at - returned, 1)})


def _killed(node: Watched, names: Sequence[str]) -> Fault:
    begin, before = _phase(), node.now
    os.kill(before.cameras[names[0]]["pid"], signal.SIGKILL)
    again = node.wait(lambda look: _count_again(look, names, before), "all cameras")
    return Fault("worker killed (-9)", begin, again.at, names, {})


def _crashes(node: Watched, town: Path, names: Sequence[str]) -> Fault:
    begin, before = _phase(), node.now
    others = [name for name in names if name != CRASHES]
    order = town / "crash"
    order.write_text(CRASHES, "utf-8")
    node.wait(lambda look: look.cameras[CRASHES]["pid"] != before.cameras[CRASHES]["pid"], "the crash")
    order.unlink()
    again = node.wait(lambda look: _count_again(look, others, before), "the others")
    itself = node.wait(lambda look: _count_again(look, [CRASHES], before), "the culprit")
    cameras = itself.cameras
    facts: dict[str, object] = {
        "culprit_back_after_s": round(itself.at - begin, 1),
        "culprit_alone": all(cameras[CRASHES]["pid"] != cameras[name]["pid"] for name in others),
    }
    return Fault("camera crashes its worker", begin, again.at, others, facts)


def _phase() -> float:
    """Wait for the moment of a fault, in a window that no other fault meets; returns it."""
    time.sleep(WINDOW - time.time() % WINDOW + PHASE)
    return time.time()


def _count_again(look: Look, cameras: Sequence[str], before: Look) -> bool:
    """Whether each looked in another process: what the one that is gone told last stands until then."""
    return all(
        look.cameras[name]["pid"] not in (0, before.cameras[name]["pid"])
        and 0 < look.cameras[name]["frames"] < before.cameras[name]["frames"]
        for name in cameras
    )


def _told(node: Watched, fault: Fault, pace: dict[str, float]) -> dict[str, object]:
    """``others_blind_s``: seconds that were not looked at, the most of any camera that is not to blame, by its looks.
    ``others_uncovered_s``: what was missing from the coverage that was published, the most of any."""
    looks = [look for look in node.looks if fault.begin <= look.at <= fault.end]
    blind = [_seconds(looks) - looked(looks, name) / pace[name] for name in fault.others]
    missing = [sum(_windows(node, name, fault.begin, fault.end)) for name in fault.others]
    return {
        "others_blind_s": round(max(0.0, *blind), 1),
        "others_uncovered_s": round(max(missing), 1),
        "seconds": round(fault.end - fault.begin, 1),
        **fault.facts,
    }


def _seconds(looks: Sequence[Look]) -> float:
    return looks[-1].at - looks[0].at


def _windows(node: Watched, camera: str, begin: float, end: float) -> list[float]:
    """Seconds that are missing of each window of a camera that meets an interval."""
    return [
        (1 - record.coverage / 1000) * WINDOW
        for record in tuple(node.records)
        if record.cell.sensor == camera
        and record.cell.family == FAMILY
        and record.window.end.timestamp() > begin
        and record.window.start.timestamp() < end
    ]
