"""The client against a real server."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from passerby.client import City, CityError, NotProvenError
from passerby.public.store.bulk import Batch


@pytest.fixture
def reader(address: str) -> Iterator[City]:
    with City(address + "/") as opened:
        yield opened


def test_lists_are_whole(reader: City, batches: tuple[Batch, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerby.client._PAGE", 7)
    assert reader.about()["name"] == "Testville"
    assert [sensor["id"] for sensor in reader.sensors()] == ["mill-1", "mill-2", "plaza"]
    assert [batch["root"] for batch in reader.batches()] == [batch.root for batch in batches]
    assert [mandate["id"] for mandate in reader.mandates()] == ["footfall"]
    found = list(reader.releases(sensor="plaza", resolution=86_400))
    assert len(found) == 12
    assert {one["sensor"] for one in found} == {"plaza"}


def test_a_series_has_nan_where_there_was_an_outage(reader: City) -> None:
    series = reader.series(
        "plaza", "area_entries", "square", "person", 3600, start="2026-03-02T00:00:00Z", end="2026-03-02T04:00:00Z"
    )
    assert (series.unit, series.resolution, len(series)) == ("entries", 3600, 4)
    assert series.start[0] == np.datetime64("2026-03-02T00:00:00")
    np.testing.assert_array_equal(series.value, [-3, 7, np.nan, 27])
    np.testing.assert_array_equal(series.half_width, [12] * 4)
    np.testing.assert_array_equal(series.coverage, [1, 1, 0, 1])
    assert series.outage == (None, None, "no-signal", None)


def test_files_and_batches(reader: City, batches: tuple[Batch, ...]) -> None:
    assert reader.day("2026-03-02").startswith(b"sensor,family")
    assert reader.day("2026-03-02", "parquet")[:4] == b"PAR1"
    assert reader.batch(batches[3].root) == tuple(batches[3].lines)


def test_a_forged_batch_is_noticed(batches: tuple[Batch, ...]) -> None:
    forged = "\n".join(batches[0].lines).replace("-3,", "900,", 1)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=forged))
    with City("http://city.example", http=httpx.Client(transport=transport)) as city, pytest.raises(NotProvenError):
        city.batch(batches[0].root)


def test_it_waits_where_the_city_asks_to(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("passerby.client.time.sleep", waited.append)
    answers = [httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(200, json={"name": "Calm"})]
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    with City("http://city.example", http=httpx.Client(transport=transport)) as city:
        assert city.about() == {"name": "Calm"}
    assert waited == [3.0]


def test_what_cannot_be_had_says_why(reader: City) -> None:
    with pytest.raises(CityError, match="nothing was published for this day"):
        reader.day("1999-01-01")
    with City("http://127.0.0.1:9") as nobody, pytest.raises(CityError, match="does not answer"):
        nobody.about()
