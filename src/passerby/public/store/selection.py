"""Exactly the releases that somebody looks at, as a file."""

from pathlib import Path

from passerby.datatypes.errors import PasserbyError
from passerby.public.store.days import Format, copy_to
from passerby.public.store.query import Filter, fetch
from passerby.public.store.store import Store

MAX_STREAMS = 1_000
MAX_ROWS = 500_000


class SelectionTooLargeError(PasserbyError):
    """More than one file of a selection may hold."""


def write_selection(store: Store, wanted: Filter, form: Format, path: Path) -> int:
    """Write the releases that ``wanted`` admits, in the order of publication; returns how many there are.

    Raises SelectionTooLargeError; then nothing was written.
    """
    streams = store.streams
    numbers = range(len(streams)) if wanted.sensor is None else [s.number for s in streams.of_sensor(wanted.sensor)]
    chosen = [number for number in numbers if wanted.admits(streams[number])]
    if len(chosen) > MAX_STREAMS:
        raise _too_large(f"{len(chosen)} series", f"at most {MAX_STREAMS}")
    low, high = wanted.bounds
    condition = f"r.start >= {low} AND r.start < {high} AND r.stream IN ({', '.join(map(str, chosen)) or '-1'})"
    ((count,),) = fetch(store, f"SELECT count(*) FROM releases r WHERE {condition}", [])
    if count > MAX_ROWS:
        raise _too_large(f"{count} releases", f"at most {MAX_ROWS}")
    copy_to(store, condition, form, path)
    return int(count)


def _too_large(came: str, expected: str) -> SelectionTooLargeError:
    return SelectionTooLargeError(
        "selection is too large", expected=expected, came=came, remedy="Ask for less, or take the files of /data/days."
    )
