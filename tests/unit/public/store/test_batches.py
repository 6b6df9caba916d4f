"""Batches in memory: in the order of the log however they came, and read in runs that miss none."""

import random

import pytest

from passerby.public.store import query
from passerby.public.store.batches import Batches
from passerby.public.store.bulk import Batch
from passerby.public.store.query import Filter
from passerby.public.store.store import Store


@pytest.mark.parametrize("seed", range(20))
def test_runs_cover_what_is_wanted_and_each_batch_once(seed: int) -> None:
    rng = random.Random(seed)
    starts = [rng.randrange(0, 1000, 10) for _ in range(60)]
    rows = [
        (7 * n, rng.randbytes(32).hex(), f"{n % 3:064x}", rng.randrange(1, 40), start, start + rng.randrange(1, 30))
        for n, start in enumerate(starts)
    ]
    known, came = Batches(), list(rows)
    rng.shuffle(came)
    while came:
        size = rng.randrange(1, 9)
        known.add(came[:size])
        del came[:size]
    known.add([(3, "ab" * 32, "cd" * 32, 5, 0, 1000)])
    known.forget([3])
    assert len(known) == 60
    some = [rng.choice(rows) for _ in range(20)]
    assert known.proofs([row[0] for row in some]) == [(row[1], row[2]) for row in some]
    assert known.proofs([]) == []
    first, low, high, wish = rng.randrange(400), rng.randrange(500), rng.randrange(500, 1000), rng.randrange(1, 90)
    wanted = [row for row in rows if row[0] >= first and row[4] < high and row[5] > low]
    runs = list(known.stretches(first, low, high, wish))
    inside = [[row for row in wanted if begin <= row[0] <= end] for begin, end in runs]
    assert [row for run in inside for row in run] == wanted
    assert all(sum(row[3] for row in run[:-1]) < wish for run in inside)
    assert all(sum(row[3] for row in run) >= wish for run in inside[:-1])


@pytest.mark.parametrize("wanted", [Filter(), Filter(subject="gate", category="car.forward")])
def test_pages_are_the_same_in_whatever_order_batches_came(
    wanted: Filter, batches: tuple[Batch, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "_ROWS_A_READ", 10)
    monkeypatch.setattr(query, "_ROWS_A_PAGE", 30)
    shuffled = list(batches)
    random.Random(3).shuffle(shuffled)
    with Store.open(None, threads=1) as store:
        for batch in shuffled:
            store.insert_many([batch])
        after: int | None = -1
        came: list[str] = []
        while after is not None:
            page = query.releases(store, wanted, after=after, limit=4)
            assert len(page.items) <= 4
            came += [item.record.line() for item in page.items]
            after = page.next
    lines = [line for batch in batches for line in batch.lines]
    assert came == [line for line in lines if wanted.admits_all or ",gate,car.forward," in line]
