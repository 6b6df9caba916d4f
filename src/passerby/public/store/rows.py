"""A stored release, as it is read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passerby.datatypes.window import Window
from passerby.public.store.record import Record
from passerby.public.store.schema import OUTAGES, place_of
from passerby.public.store.streams import Stream

COLUMNS = "id, stream, start, seconds, value, scale, half_width, coverage, outage"


@dataclass(frozen=True, slots=True)
class Published:
    """A release and where the log proves it: ``root`` of its batch, whose manifest is leaf ``manifest``."""

    id: int
    stream: Stream
    record: Record
    root: str

    @property
    def manifest(self) -> int:
        """Leaf index of the manifest."""
        return place_of(self.id)[0]

    @property
    def index(self) -> int:
        """Place of the line in its batch, from 0."""
        return place_of(self.id)[1]


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """A stored batch; ``start`` and ``until`` bound its windows."""

    manifest: int
    root: str
    mandate: str
    releases: int
    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """Columns of one stream in the order of time; ``start``: s since 1970, UTC. Others as in ``Record``."""

    start: Sequence[int]
    value: Sequence[int | None]
    half_width: Sequence[int]
    coverage: Sequence[int]
    outage: Sequence[str | None]


def record_of(row: Sequence[Any], stream: Stream, mandate: str) -> Record:
    """A row of ``COLUMNS`` as a record."""
    _, _, start, seconds, value, scale, half_width, coverage, outage = row
    window = Window(instant(start), instant(start + seconds))
    return Record(stream.cell, window, value, scale, half_width, coverage, OUTAGES[outage], mandate)


def instant(seconds: int) -> datetime:
    """UTC instant of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
