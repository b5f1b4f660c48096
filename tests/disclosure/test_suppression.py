"""No small count can be computed from what is shown: checked by linear programming, as an attacker would."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from segmentry.disclosure.suppression import small_cells, withheld_cells, withheld_rows

TABLES = st.integers(2, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([0, 1, 3, 9, 10, 12, 40, 200]), min_size=columns, max_size=columns),
        min_size=2,
        max_size=5,
    ).map(np.array)
)
LEAST = 10


def reach(counts, withheld, cell) -> float:
    """How wide the range is that a withheld count can lie in, given all others and every sum."""
    unknown = np.argwhere(withheld)
    sums, totals = [], []
    for axis, n in enumerate(counts.shape):
        for line in range(n):
            is_mine = unknown[:, axis] == line
            if is_mine.any():
                sums.append(is_mine.astype(float))
                taken = withheld.take(line, axis)
                totals.append(counts.take(line, axis)[taken].sum())
    target = (unknown == cell).all(axis=1).astype(float)
    ends = [linprog(sign * target, A_eq=sums, b_eq=totals).fun * sign for sign in (1, -1)]
    return ends[1] - ends[0]


@settings(max_examples=40)  # up to fifty linear programmes each
@given(TABLES)
def test_withheld_small_counts_cannot_be_computed_from_sums(counts):
    withheld = withheld_cells(counts, LEAST)
    small = small_cells(counts, LEAST)
    assert (withheld | ~small).all()
    assert withheld.any() == small.any() or small_cells(counts.sum(axis=0), LEAST).any()
    if withheld.all():  # then the sums of the columns are withheld as well
        return
    for cell in np.argwhere(small):
        assert reach(counts, withheld, cell) >= LEAST - 1e-6


@settings(max_examples=40)  # up to fifty linear programmes each
@given(TABLES)
def test_withheld_rows_cannot_be_computed_from_sums(counts):
    rows = withheld_rows(counts, LEAST)
    withheld = np.repeat(rows[:, None], counts.shape[1], axis=1)
    small = small_cells(counts, LEAST)
    assert rows[small.any(axis=1)].all()
    if rows.all():
        return
    for cell in np.argwhere(small):
        assert reach(counts, withheld, cell) >= LEAST - 1e-6


def test_nothing_is_withheld_without_need():
    counts = np.array([[10, 0, 200], [300, 40, 0]])
    assert not withheld_cells(counts, 10).any()
    assert not withheld_rows(counts, 10).any()
    assert withheld_cells(counts, 11).any()


def test_the_smallest_neighbours_protect():
    """3 of the first row is hidden with 10 and 30 beside it, not with 500."""
    counts = np.array([[3, 10, 500], [30, 20, 500], [400, 90, 500]])
    expected = [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert withheld_cells(counts, 10).astype(int).tolist() == expected


def test_columns_that_need_no_protection():
    counts = np.array([[50, 50, 3], [60, 60, 0]])
    is_exempt = np.array([False, False, True])
    assert not withheld_cells(counts, 10, is_exempt).any()
    assert not withheld_rows(counts, 10, is_exempt).any()
    assert withheld_rows(counts, 10).all()


@pytest.mark.parametrize("function", [withheld_cells, withheld_rows])
def test_a_small_sum_withholds_everything(function):
    assert function(np.array([[2, 98], [3, 97]]), 10).all()
