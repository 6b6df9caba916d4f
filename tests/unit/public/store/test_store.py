"""The store keeps each batch whole, once, and answers the same before and after it settles."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.public.store import query
from passerby.public.store.bulk import Batch, BatchError
from passerby.public.store.query import Filter
from passerby.public.store.record import ReleaseLineError
from passerby.public.store.rows import Published
from passerby.public.store.store import Store

SQUARE = Cell("plaza", Family.AREA_ENTRIES, "square", "person")
DAY_3 = datetime(2026, 3, 3, tzinfo=UTC)


def everything(store: Store, wanted: Filter, limit: int) -> list[Published]:
    items: list[Published] = []
    after: int | None = -1
    while after is not None:
        page = query.releases(store, wanted, after=after, limit=limit)
        assert len(page.items) <= limit
        items += page.items
        after = page.next
    return items


def test_a_batch_goes_in_once(store: Store, batches: tuple[Batch, ...]) -> None:
    before = len(store)
    again = batches[3]
    assert not store.insert(again.mandate, again.root, again.manifest_index, again.lines)
    assert not store.insert(again.mandate, again.root, 9999, again.lines)
    assert store.insert_many(batches) == 0
    assert len(store) == before == sum(len(batch.lines) for batch in batches)


def test_one_bad_line_keeps_the_whole_transaction_out(batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as store:
        spoiled = replace(batches[1], lines=[*batches[1].lines[:-1], batches[1].lines[-1].replace(",12,", ",+12,")])
        with pytest.raises((ReleaseLineError, BatchError)):
            store.insert_many([batches[0], spoiled])
        assert len(store) == 0
        assert len(store.streams) == 0
        assert store.insert_many(batches[:2]) == 2


def test_lines_that_do_not_have_the_root_are_refused(batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as store, pytest.raises(BatchError, match="not those of the manifest"):
        store.insert(batches[0].mandate, batches[1].root, 7, batches[0].lines)


def test_a_leaf_is_the_manifest_of_one_batch(batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as fresh:
        fresh.insert_many(batches[:1])
        with pytest.raises(BatchError, match="another batch"):
            fresh.insert(batches[1].mandate, batches[1].root, batches[0].manifest_index, batches[1].lines)
        with pytest.raises(BatchError, match="mixes mandates"):
            fresh.insert("cd" * 32, batches[1].root, 101, batches[1].lines)


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_hold_every_release_once_and_in_order(
    store: Store, batches: tuple[Batch, ...], limit: int, settled: bool
) -> None:
    if settled:
        store.settle()
    wanted = Filter(sensor="plaza", family="line_crossings", resolution=3600)
    found = everything(store, wanted, limit)
    expected = [line for batch in batches[:-1] for line in batch.lines if line.startswith("plaza,line_crossings,")]
    assert [item.record.line() for item in found] == expected
    assert [item.id for item in found] == sorted({item.id for item in found})
    if limit > 1:
        assert [
            i.record.line() for i in everything(store, Filter(family="line_crossings", resolution=3600), limit)
        ] == (expected)


def test_a_page_does_not_shift_when_something_is_published(store: Store, batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as growing:
        growing.insert_many(batches[:10])
        first = query.releases(growing, Filter(), limit=20)
        growing.insert_many(batches[10:])
        assert first.next is not None
        rest = everything_after(growing, first.next)
    assert [item.id for item in (*first.items, *rest)] == [item.id for item in everything(store, Filter(), 1000)]


def everything_after(store: Store, after: int) -> tuple[Published, ...]:
    return query.releases(store, Filter(), after=after, limit=10_000).items


def test_time_bounds_are_half_open(store: Store) -> None:
    wanted = Filter(sensor="mill-1", resolution=3600, start=DAY_3, end=DAY_3 + timedelta(hours=2))
    found = everything(store, wanted, 100)
    assert [item.record.window.start for item in found] == [DAY_3, DAY_3 + timedelta(hours=1)]
    everywhere = everything(store, replace(wanted, sensor=None, category="person", family="counter_passages"), 100)
    assert {item.record.cell.sensor for item in everywhere} == {"mill-1", "mill-2"}


def test_a_series_shows_a_gap_as_a_gap(store: Store) -> None:
    series = query.series(store, SQUARE, 3600)
    assert len(series.start) == 72
    assert list(series.start) == sorted(series.start)
    assert series.value[26] is None
    assert series.outage[26] == "no-signal"
    assert series.value[0] == -3
    assert query.series(store, replace(SQUARE, subject="elsewhere"), 3600).start == ()


def test_latest_is_the_newest_of_each_stream(store: Store) -> None:
    found = query.latest(store, "plaza")
    assert len(found) == 8
    assert {item.record.window.start for item in found if item.stream.resolution == 3600} == {
        DAY_3 + timedelta(hours=23)
    }


def test_batches_come_back_as_the_lines_that_were_hashed(store: Store, batches: tuple[Batch, ...]) -> None:
    entries = query.batches(store, limit=1000)
    assert [entry.manifest for entry in entries] == [batch.manifest_index for batch in batches]
    for entry, batch in zip(entries, batches, strict=True):
        assert list(query.batch_lines(store, entry)) == list(batch.lines)
    assert query.batch(store, "00" * 32) is None


def test_a_file_is_read_again(tmp_path: Path, batches: tuple[Batch, ...]) -> None:
    path = tmp_path / "deep" / "store.duckdb"
    with Store.open(path) as store:
        store.insert_many(batches[:30])
        store.settle()
        store.insert_many(batches[30:])
        before = query.series(store, SQUARE, 3600)
        extent = store.streams.extent("plaza")
    with Store.open(path) as store:
        assert query.series(store, SQUARE, 3600) == before
        assert store.streams.extent("plaza") == extent
        assert store.insert_many(batches) == 0


def test_a_batch_that_comes_late_is_in_the_history_too(batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as store:
        store.insert_many([*batches[:5], *batches[6:12]])
        store.settle()
        store.insert_many(batches[5:6])
        assert len(query.series(store, SQUARE, 3600).start) == 12


def test_listeners_hear_of_new_batches_only(batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as store:
        heard: list[int] = []
        stop = store.listen(lambda: heard.append(len(store)))
        store.insert_many(batches[:2])
        store.insert_many(batches[:2])
        stop()
        store.insert_many(batches[:3])
        assert heard == [12]


def test_readers_and_a_writer_do_not_meet(batches: tuple[Batch, ...]) -> None:
    with Store.open(None) as store:
        faults: list[BaseException] = []
        done = threading.Event()

        def read() -> None:
            try:
                while not done.is_set():
                    for entry in query.batches(store, limit=1000):
                        assert len(list(query.batch_lines(store, entry))) == entry.releases
            except BaseException as error:
                faults.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for batch in batches:
            store.insert_many([batch])
        done.set()
        for reader in readers:
            reader.join()
        assert faults == []


def test_past_so_many_points_a_series_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MAX_POINTS", 71)
    with pytest.raises(query.TooManyPointsError):
        query.series(store, SQUARE, 3600)


def test_a_write_that_fails_leaves_no_stream(batches: tuple[Batch, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(None) as store:
        store.insert_many(batches[:1])
        known = len(store.streams)
        monkeypatch.setattr("passerby.public.store.store._COUNT_DAYS", "no statement")
        with pytest.raises(duckdb.Error):
            store.insert_many(batches[-1:])
        assert (len(store.streams), len(store.batches)) == (known, 1)
        assert len(store) == len(batches[0].lines)
        monkeypatch.undo()
        assert store.insert_many(batches) == len(batches) - 1
        assert len(store) == sum(len(batch.lines) for batch in batches)
