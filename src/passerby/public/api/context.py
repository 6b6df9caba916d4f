"""What every resource may read: the store, and the city as it is now."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from fastapi import Request

from passerby.public.api.geography import Bounds, Geography
from passerby.public.api.listing import Listing
from passerby.public.api.problem import NotFoundError
from passerby.public.directory import City, Sensor, Sources
from passerby.public.store.store import Store


class Index:
    """The sensors of one city description, found by id and paged in the order of ids."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.sensors = tuple(sorted(city.sensors, key=lambda sensor: sensor.id))
        self._ids = [sensor.id for sensor in self.sensors]
        self._by_id = dict(zip(self._ids, self.sensors, strict=True))

    def find(self, sensor: str) -> Sensor:
        """Raises NotFoundError."""
        try:
            return self._by_id[sensor]
        except KeyError as error:
            raise NotFoundError("there is no such sensor", remedy="See /api/v1/sensors.") from error

    def get(self, sensor: str) -> Sensor | None:
        """The sensor, None where the city does not list it any more."""
        return self._by_id.get(sensor)

    def page(
        self, after: str, limit: int, words: str = "", bounds: Bounds | None = None
    ) -> tuple[tuple[Sensor, ...], str | None]:
        """Sensors above the id ``after`` whose name or id holds ``words`` and that stand inside ``bounds``, and the id
        after which the rest comes.
        """
        first, wanted = bisect_right(self._ids, after), words.casefold()
        hits: Sequence[int] = range(first, len(self.sensors))
        if bounds is not None:
            inside = self.geography.within(bounds)
            hits = inside[inside.searchsorted(first) :].tolist()
        named = (n for n in hits if wanted in self._names[n]) if wanted else iter(hits)
        found = tuple(self.sensors[n] for n in islice(named, limit + 1))
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    @cached_property
    def geography(self) -> Geography:
        """Where the sensors are."""
        return Geography(self.sensors)

    @cached_property
    def _names(self) -> list[str]:
        return [f"{sensor.name}\n{sensor.id}".casefold() for sensor in self.sensors]


@dataclass(slots=True)
class Context:
    """Handed to the router of each resource. ``base``: public address of the site, if it is known.

    ``exports``: folder for the files of days; may be emptied at any time.
    """

    store: Store
    sources: Sources
    base: str | None
    exports: Path
    _index: Index | None = field(default=None, repr=False)
    _listing: tuple[Index, Listing] | None = field(default=None, repr=False)

    @property
    def slug(self) -> str:
        """The city's name for file names."""
        name = re.sub(r"[^a-z0-9]+", "-", self.sources.city().name.lower()).strip("-")
        return name or "city"

    def address(self, request: Request) -> str:
        """Where the public finds the site, without a slash at its end."""
        return (self.base or str(request.base_url)).rstrip("/")

    @property
    def index(self) -> Index:
        """The sensors; made anew only where the description of the city is another object."""
        city = self.sources.city()
        index = self._index
        if index is None or index.city is not city:
            index = self._index = Index(city)
        return index

    @property
    def listing(self) -> Listing:
        """The streams of the listed sensors."""
        index, known = self.index, self._listing
        if known is None or known[0] is not index or known[1].size != len(self.store.streams):
            known = self._listing = index, Listing(index.sensors, self.store.streams)
        return known[1]
