"""Measures go through the pipe exactly, and what is none shows nothing of itself."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import Window
from passerby.edge.transfer import TransferError, from_rows, to_rows

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CELL = Cell("gate", Family.LINE_CROSSINGS, "north", "person.forward")


@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 2**70), st.floats(0, 1), st.sampled_from(Outage), st.integers(0, 9999))
    )
)
def test_there_and_back(found: list[tuple[int | None, float, Outage, int]]) -> None:
    measures = [
        Measure(
            CELL,
            Window(NOON + timedelta(seconds=second), NOON + timedelta(seconds=second + 60)),
            value,
            coverage,
            outage if value is None else None,
        )
        for value, coverage, outage, second in found
    ]
    back = from_rows(json.loads(json.dumps(to_rows(measures))))
    fields = [(m.cell, m.window, m.value, m.coverage, m.outage) for m in back]
    assert fields == [(m.cell, m.window, m.value, m.coverage, m.outage) for m in measures]


@pytest.mark.parametrize(
    "rows",
    [
        None,
        [[]],
        [[str(CELL), NOON.isoformat(), "2026-03-01T12:01:00+00:00", "77123", 1.0, None]],
        [[str(CELL), NOON.isoformat(), "2026-03-01T12:01:00+00:00", 77123, 1.0, "no-signal"]],
        [[str(CELL), NOON.isoformat(), "2026-03-01T12:01:00+00:00", 77123, 7.0, None]],
        [["gate", NOON.isoformat(), "2026-03-01T12:01:00+00:00", 77123, 1.0, None]],
    ],
)
def test_what_is_no_measure_is_not_repeated(rows: object) -> None:
    with pytest.raises(TransferError) as caught:
        from_rows(rows)
    assert "77123" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
