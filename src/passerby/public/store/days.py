"""Releases of one UTC day as a file: CSV or Parquet, written once for each state of the day."""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from passerby.public.store.query import fetch
from passerby.public.store.schema import INDEX_BITS, MAX_BATCH, OUTAGES
from passerby.public.store.store import Store

DAY_SECONDS = 86_400
MAX_FILES = 400
Format = Literal["csv", "parquet"]
_SQL = """
    SELECT s.sensor, s.family, s.subject, s.category, {start} AS start, {end} AS "end", r.value, r.scale, r.half_width,
           r.coverage, CASE r.outage {outages} END AS outage, b.mandate, s.resolution, b.manifest, b.root AS batch,
           r.id & {mask} AS "index"
    FROM releases r JOIN streams s ON s.stream = r.stream JOIN batches b ON b.manifest = r.id >> {bits}
    WHERE {condition} ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class Day:
    """``releases`` windows start in this UTC day; ``last_id`` is the newest of them and changes with the content."""

    day: date
    releases: int
    last_id: int

    @property
    def tag(self) -> str:
        """Names this state of the day."""
        return f"{self.releases:x}-{self.last_id:x}"


def days(store: Store, *, after: date | None = None, limit: int = 100) -> tuple[Day, ...]:
    """Days with releases, in order."""
    first = -1 if after is None else _number(after)
    rows = fetch(store, "SELECT day, releases, last_id FROM days WHERE day > $1 ORDER BY day LIMIT $2", [first, limit])
    return tuple(Day(_day(number), count, last) for number, count, last in rows)


def day(store: Store, wanted: date) -> Day | None:
    """One day, None where nothing was published for it."""
    rows = fetch(store, "SELECT day, releases, last_id FROM days WHERE day = $1", [_number(wanted)])
    return Day(wanted, rows[0][1], rows[0][2]) if rows else None


class DayFiles:
    """Writes files of days into a folder and keeps at most ``MAX_FILES`` of them."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()

    def path(self, wanted: Day, form: Format) -> Path:
        """The file of a day as it is now; written if it is not there yet."""
        path = self._folder / f"{wanted.day.isoformat()}.{wanted.tag}.{form}"
        with self._lock:
            if not path.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                for stale in self._folder.glob(f"{wanted.day.isoformat()}.*.{form}"):
                    stale.unlink()
                self._write(wanted, form, path)
                self._forget()
        return path

    def _write(self, wanted: Day, form: Format, path: Path) -> None:
        low = _number(wanted.day) * DAY_SECONDS
        partial = path.with_suffix(".partial")
        copy_to(self._store, f"r.start >= {low} AND r.start < {low + DAY_SECONDS}", form, partial)
        partial.replace(path)

    def _forget(self) -> None:
        files = sorted(self._folder.glob("????-??-??.*"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MAX_FILES]:
            path.unlink()


def copy_to(store: Store, condition: str, form: Format, path: Path) -> None:
    """Write the releases ``r`` that an SQL condition admits, with where the log proves each, in the order of ids."""
    text = "strftime(make_timestamp(({}) * 1000000), '%Y-%m-%dT%H:%M:%SZ')"
    instant = text if form == "csv" else "to_timestamp({})"
    outages = " ".join(f"WHEN {code} THEN '{o.value}'" for code, o in enumerate(OUTAGES) if o is not None)
    sql = _SQL.format(
        start=instant.format("r.start"),
        end=instant.format("r.start + r.seconds"),
        outages=outages,
        mask=MAX_BATCH - 1,
        bits=INDEX_BITS,
        condition=condition,
    )
    options = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet, COMPRESSION zstd"
    target = str(path).replace("'", "''")
    fetch(store, f"COPY ({sql}) TO '{target}' ({options})", [])


def _number(wanted: date) -> int:
    return (datetime(wanted.year, wanted.month, wanted.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)
