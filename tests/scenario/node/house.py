"""A house of two rooms: a log that knows every mandate, and a gate that keeps what comes."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from passerby.apps.city import CameraSection, Rtsp
from passerby.apps.node.fleet import Fleet
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.standing import Standing, State
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import NotAuthorizedError, parse_toml
from passerby.gate.mandate.authorize import authorize

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, str(Path(__file__).with_name("program.py")))
WINDOW = 2
PICTURE = (160, 120)
POLYGON = "[[0, 0], [160, 0], [160, 120], [0, 120]]"


def section(name: str, url: str, substream: str | None = None) -> CameraSection:
    """A camera at the address; the picture of each is its own, as a city must have it."""
    return CameraSection(
        id=name,
        name=name,
        latitude=51.0,
        longitude=0.0,
        zone="UTC",
        picture=PICTURE,
        rtsp=Rtsp(url=url, substream=substream),
    )


def mandate_for(name: str) -> Mandate:
    """Entries into the whole picture, every two seconds; speeds for a camera whose name begins with ``metres``."""
    now = datetime.now(UTC).replace(microsecond=0)
    head, _, rest = (ROOT / "demo/mandates/junction.toml").read_text("utf-8").partition("[[camera]]")
    privacy = rest[rest.index("[privacy]") : rest.index('[[privacy.family]]\nname = "line_crossings"')]
    tail = rest[rest.index("[[privacy.resolution]]") :].replace("background_plate = true", "background_plate = false")
    text = f"""{head}
[[camera]]
id = "{name}"
place = [51.0, 0.0]
picture = [{PICTURE[0]}, {PICTURE[1]}]

[[measure]]
sensor = "{name}"
family = "area_entries"
subject = "all"
categories = ["person"]
polygon = {POLYGON}

{privacy}
{tail}"""
    if name.startswith("metres"):
        text = text.replace("area_entries", "speed").replace('["person"]', '["0.0-1.0", "1.0-up"]')
        text = text.replace(f"polygon = {POLYGON}", "")
    for field, value in (
        ("starts", utc_text(now - timedelta(minutes=1))),
        ("expires", utc_text(now + timedelta(hours=1))),
        ("notice_seconds", "1"),
        ("seconds", str(WINDOW)),
        ("zone", '"UTC"'),
    ):
        lines = [f"{field} = {value}" if line.startswith(f"{field} = ") else line for line in text.splitlines()]
        text = "\n".join(lines)
    return parse_toml(text)


class House:
    """``released``: what came to the gate, by camera, in order. ``suspended``: hashes that nothing covers any more."""

    def __init__(self, state: Path) -> None:
        self.city = SimpleNamespace(camera=(), workers=1, state=state)
        self.gate = self
        self.released: dict[str, list[Measure]] = {}
        self.mandates: dict[str, Mandate] = {}
        self.suspended: set[str] = set()

    def authorize(self, mandate: str, sensor: str, instant: datetime) -> Authorization:
        now = datetime.now(UTC)
        if mandate in self.suspended:
            raise NotAuthorizedError("it is suspended")
        one = self.mandates[mandate]
        standing = Standing(one, State.IN_FORCE, now, 0, (), one.starts, one.starts)
        return authorize(standing, sensor, instant, now, tree_size=1, log_as_of=now)

    def standing(self, mandate: str) -> Any:
        return SimpleNamespace(state=State.SUSPENDED if mandate in self.suspended else State.IN_FORCE)

    def release(self, measures: Sequence[Measure], _proofs: Sequence[Authorization]) -> Sequence[Measure]:
        return measures

    def publish(self, batches: Sequence[Sequence[Measure]]) -> None:
        for batch in batches:
            for measure in batch:
                self.released.setdefault(measure.cell.sensor, []).append(measure)

    def charged(self, _sensor: str, _day: str) -> Fraction:
        return Fraction(0)

    def released_until(self, _mandate: str, sensor: str, _seconds: int) -> str:
        mine = self.released.get(sensor)
        return utc_text(mine[-1].window.end) if mine else ""


@contextmanager
def fleet_of(
    names: Sequence[str],
    url: str,
    *,
    workers: int = 1,
    substream: str | None = None,
    state: Path = Path("nowhere"),
) -> Iterator[tuple[Fleet, House, StatusBoard]]:
    """Cameras at work, all at one address. ``state``: the city's folder."""
    house, board = House(state), StatusBoard(tuple(names))
    fleet = Fleet(house, board, workers, PROGRAM)  # type: ignore[arg-type]
    try:
        for name in names:
            mandate = mandate_for(name)
            house.mandates[mandate.hash] = mandate
            fleet.take(section(name, url, substream), mandate)
        yield fleet, house, board
    finally:
        fleet.close()


def main() -> None:
    """``house.py URL``: a node with two cameras that tells its workers' process numbers and waits to be killed."""
    with fleet_of(["fine-a", "fine-b"], sys.argv[1], workers=2) as (fleet, house, _):
        while len(house.released) < 2:
            time.sleep(0.05)
        print(*sorted(set(fleet.pids().values())), flush=True)
        time.sleep(600)


if __name__ == "__main__":
    main()
