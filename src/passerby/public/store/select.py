"""Free questions to the releases: a condition and an order, for the query languages of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from passerby.public.store.query import by_stream, fetch, page_of
from passerby.public.store.rows import COLUMNS, Published
from passerby.public.store.store import Store


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over ``COLUMNS`` with ``?`` for each of ``values``; code makes it from a closed set of pieces."""

    sql: str = "TRUE"
    values: tuple[object, ...] = ()


def select(
    store: Store, streams: Sequence[int] | None, condition: Condition, order: str, limit: int, offset: int
) -> tuple[Published, ...]:
    """Releases of some streams (None: of all) under a condition. ``order``: SQL over ``COLUMNS``."""
    source, values = _source(store, streams, condition)
    rows = fetch(store, f"SELECT {COLUMNS} FROM {source} ORDER BY {order} LIMIT {limit} OFFSET {offset}", values)
    return page_of(store, rows, len(rows)).items


def count(store: Store, streams: Sequence[int] | None, condition: Condition) -> int:
    """How many releases ``select`` would give without a limit."""
    source, values = _source(store, streams, condition)
    return int(fetch(store, f"SELECT count(*) FROM {source}", values)[0][0])


def _source(store: Store, streams: Sequence[int] | None, condition: Condition) -> tuple[str, list[Any]]:
    numbered = condition.sql
    for place in range(len(condition.values)):
        numbered = numbered.replace("?", f"${1 + place}", 1)
    table = "releases" if streams is None else by_stream(store, streams)
    return f"{table} WHERE {numbered}", list(condition.values)
