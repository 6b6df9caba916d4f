"""The largest flow, beside SciPy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow as scipy_flow

from passerby.edge.measurement.maximum_flow import maximum_flow

NODES = 7
ENDS = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda ends: ends[0] != ends[1])


@given(st.dictionaries(ENDS, st.integers(0, 20), min_size=1))
def test_it_is_the_largest(capacities: dict[tuple[int, int], int]) -> None:
    arcs = [(tail, head, capacity) for (tail, head), capacity in capacities.items()]
    tails, heads, capacity = (np.array(column, np.int32) for column in zip(*arcs, strict=True))
    graph = csr_array((capacity, (tails, heads)), shape=(NODES, NODES))
    assert maximum_flow(arcs, NODES, 0, NODES - 1) == scipy_flow(graph, 0, NODES - 1).flow_value


def test_a_way_back_is_found() -> None:
    arcs = [(0, 1, 1), (0, 2, 1), (1, 3, 1), (1, 4, 1), (2, 3, 1), (3, 5, 1), (4, 5, 1)]
    assert maximum_flow(arcs, 6, 0, 5) == 2


def test_no_way() -> None:
    assert maximum_flow([(0, 1, 5)], 3, 0, 2) == 0
