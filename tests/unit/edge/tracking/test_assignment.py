"""Pairs with the largest sum, beside SciPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.optimize import linear_sum_assignment

from passerby.edge.tracking.assignment import best_pairs

VALUES = st.one_of(st.just(0.0), st.floats(0, 1), st.sampled_from([0.25, 0.5, 0.75]))
GAINS = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=VALUES)


@given(GAINS)
def test_the_sum_is_the_largest(gain: np.ndarray) -> None:
    rows, columns = best_pairs(gain)
    assert len(set(rows)) == len(rows)
    assert len(set(columns)) == len(columns)
    assert (gain[rows, columns] > 0).all()
    assert gain[rows, columns].sum() == pytest.approx(gain[linear_sum_assignment(gain, maximize=True)].sum())


def test_who_came_first_makes_place() -> None:
    gain = np.array([[0.9, 0.8, 0.0], [0.8, 0.0, 0.0], [0.7, 0.65, 0.0]])
    rows, columns = best_pairs(gain)
    assert rows.tolist() == [0, 1]
    assert columns.tolist() == [1, 0]


def test_nobody_and_nothing() -> None:
    for shape in ((0, 0), (0, 3), (3, 0), (2, 2)):
        rows, columns = best_pairs(np.zeros(shape))
        assert rows.dtype == columns.dtype == np.int64
        assert len(rows) == len(columns) == 0
