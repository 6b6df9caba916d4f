"""How the store answers: the plans of the statements behind the pages, as DuckDB ran them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import duckdb

from passerby.public.api.sensorthings import observations
from passerby.public.store import query
from passerby.public.store.select import Condition, select
from passerby.public.store.store import Store, connect


class _Explaining:
    """A cursor that explains each statement before it runs it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, plans: list[str]) -> None:
        self._cursor, self._plans = cursor, plans

    def execute(self, sql: str, values: Any) -> duckdb.DuckDBPyConnection:
        plan = self._cursor.execute(f"EXPLAIN ANALYZE {sql}", values).fetchall()[0][1]
        self._plans.append(f"{' '.join(sql.split())}\n{plan}")
        return self._cursor.execute(sql, values)


class ExplainingStore(Store):
    """A store that keeps the plan of each statement in ``plans``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.plans: list[str] = []
        super().__init__(connection)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that explains."""
        with super().cursor() as cursor:
            yield cast(duckdb.DuckDBPyConnection, _Explaining(cursor, self.plans))


def explain(path: Path, sensor: str) -> str:
    """Statements and plans behind a page of releases, those of a sensor, its year, its newest, its Observations."""
    found = []
    store = ExplainingStore(connect(path, threads=1))
    with store:
        stream = store.streams.of_sensor(sensor)[0]
        middle = store.last_id // 2
        newest_first = observations.order([(("phenomenonTime",), True)])
        for name, ask in (
            ("page of releases", lambda: query.releases(store, query.Filter(), after=middle)),
            ("year of a sensor", lambda: query.series(store, stream.cell, stream.resolution)),
            ("releases of a sensor", lambda: query.releases(store, query.Filter(sensor=sensor))),
            ("latest of a sensor", lambda: query.latest(store, sensor)),
            ("SensorThings Observations", lambda: select(store, [stream.number], Condition(), newest_first, 101, 0)),
        ):
            store.plans.clear()
            ask()
            found += [f"== {name}", *store.plans]
    return "\n".join(found)
