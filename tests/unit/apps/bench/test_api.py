"""The generated city is one that the API answers for; the bench measures what it says."""

from pathlib import Path

import pytest

from passerby.apps.bench.api.bench import serving_apart
from passerby.apps.bench.api.large_city import DAYS, WEEK_HOURS, Size, build, camera_id, sources
from passerby.apps.bench.api.load import WrongAnswerError, measure, pages, percentile
from passerby.apps.bench.api.plans import explain
from passerby.public.store import days, query
from passerby.public.store.store import Store

SIZE = Size(30)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "city.duckdb"
    build(file, SIZE, lambda _: None)
    return file


def test_the_city_has_its_year(path: Path) -> None:
    with Store.open(path, threads=1) as store:
        assert len(store) == SIZE.rows == 30 * DAYS + 3 * WEEK_HOURS
        daily, hourly = store.streams.of_sensor(camera_id(2))
        assert len(query.series(store, daily.cell, 86_400).start) == DAYS
        assert len(query.series(store, hourly.cell, 3600).start) == WEEK_HOURS
        assert {item.stream.resolution for item in query.latest(store, camera_id(2))} == {3600, 86_400}
        assert len(days.days(store, limit=1000)) == DAYS
        covered = {standing.mandate.hash for standing in sources(SIZE).standings()}
        assert {entry.mandate for entry in query.batches(store, limit=1000)} == covered


def test_plans_are_those_of_the_statements(path: Path) -> None:
    text = explain(path, camera_id(7))
    assert text.count("== ") == 5
    assert "FROM history" in text
    assert "Row Groups Scanned" in text


def test_every_page_answers(path: Path) -> None:
    with serving_apart(path, SIZE) as address:
        timings = measure(address, pages(SIZE), clients=2, requests=2)
        assert {len(timing.milliseconds) for timing in timings.values()} == {2}
        assert all(spent > 0 for timing in timings.values() for spent in timing.cpu)
        with pytest.raises(WrongAnswerError, match="404"):
            measure(address, {"nothing": lambda _: "/api/v1/nothing"}, clients=1, requests=1)


def test_percentiles_are_nearest_ranks() -> None:
    ranked = [float(n) for n in range(1, 101)]
    assert [percentile(ranked, share) for share in (0.5, 0.95, 1)] == [51, 96, 100]
