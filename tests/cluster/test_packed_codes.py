"""Lookups by groups of features: the sums and totals of single features, the same bits in any batch."""

from __future__ import annotations

import numpy as np
import pytest

from segmentry.cluster.assignment import lookup_sums, nearest_with_sums
from segmentry.cluster.packed_codes import PackedCodes

LEVELS = {"small": [2, 3, 4, 5] * 5, "one feature": [7], "large": [6000, 3, 70, 70], "constant": [1, 0, 2]}


@pytest.fixture(params=LEVELS)
def codes(request: pytest.FixtureRequest) -> tuple[np.ndarray, list[int]]:
    rng = np.random.default_rng(0)
    levels = LEVELS[request.param]
    return np.column_stack([rng.integers(-1, n, size=9_000) for n in levels]).astype(np.int32), levels


def _tables(levels: list[int], n_clusters: int = 6) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.random((n + 1, n_clusters)) for n in levels]


def test_grouped_lookups_equal_those_of_single_features(codes: tuple[np.ndarray, list[int]]) -> None:
    rows, levels = codes
    tables = _tables(levels)
    plain = sum(table[rows[:, j]] for j, table in enumerate(tables))
    np.testing.assert_allclose(lookup_sums(rows, tables), plain, rtol=1e-13)


def test_few_rows_many_rows_and_packed_rows_get_the_same_bits(codes: tuple[np.ndarray, list[int]]) -> None:
    rows, levels = codes
    tables = _tables(levels)
    whole = lookup_sums(rows, tables)
    np.testing.assert_array_equal(lookup_sums(PackedCodes(rows, [n + 1 for n in levels]), tables), whole)
    np.testing.assert_array_equal(lookup_sums(rows[:100], tables), whole[:100])
    for row in range(0, 9_000, 1_000):
        np.testing.assert_array_equal(lookup_sums(rows[row : row + 1], tables)[0], whole[row])


def test_nearest_is_the_first_of_the_smallest(codes: tuple[np.ndarray, list[int]]) -> None:
    rows, levels = codes
    tables = [np.round(3 * table) for table in _tables(levels)]
    labels, smallest = nearest_with_sums(rows, tables)
    sums = lookup_sums(rows, tables)
    np.testing.assert_array_equal(labels, sums.argmin(axis=1))
    np.testing.assert_array_equal(smallest, sums.min(axis=1))


def test_totals_equal_those_of_single_features(codes: tuple[np.ndarray, list[int]]) -> None:
    rows, levels = codes
    rng = np.random.default_rng(2)
    labels, weights = rng.integers(3, size=len(rows)), rng.integers(1, 9, size=len(rows)).astype(float)
    totals = PackedCodes(rows, [n + 1 for n in levels]).totals(labels, weights, 3)
    for j, n in enumerate(levels):
        expected = np.zeros((3, n + 1))
        np.add.at(expected, (labels, rows[:, j]), weights)  # the code -1 is the last
        np.testing.assert_array_equal(totals[j], expected)
