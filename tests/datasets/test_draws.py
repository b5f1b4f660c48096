from itertools import combinations

import duckdb
import numpy as np
import pytest
from scipy import stats

from segmentry.datasets._draws import RANGE, draw_stages, random_constants

ROWS = 100_000
STREAMS = ["a", "b", "c", "d", "e", "f"]


def _draws(seed: int, family: int = 0, first: int = 0) -> np.ndarray:
    from sqlglot import exp

    query = exp.select(*STREAMS).from_("row_draws").order_by("i")
    for name, stage in draw_stages("row", "numbers", "i", ["i"], STREAMS, seed=seed, family=family):
        query = query.with_(name, as_=stage)
    with duckdb.connect() as connection:
        connection.table_function("range", [first, first + ROWS]).project("range AS i").create("numbers")
        columns = connection.sql(query.sql("duckdb")).fetchnumpy()
    return np.column_stack([columns[s] for s in STREAMS])


def _mix(x: int, *, first: bool = True, last: bool = True) -> int:
    x ^= x >> 16 if first else 0
    x = x * 0x7FEB352D % RANGE
    x ^= x >> 15
    x = x * 0x846CA68B % RANGE
    return x ^ (x >> 16) if last else x


def test_draws_equal_the_formula_in_python():
    salt, *own = random_constants(5, len(STREAMS) + 1)
    seen = _draws(5, first=RANGE - ROWS)
    for i in (0, 1, ROWS - 1):
        key = _mix((RANGE - ROWS + i) ^ salt)
        assert seen[i].tolist() == [_mix(key ^ c, first=False, last=False) for c in own]


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_draws_are_uniform(seed):
    draws = _draws(seed)
    for column in draws.T:
        assert stats.kstest(column / RANGE, "uniform").pvalue > 1e-4
        counts = np.bincount(column.astype(np.int64) >> 24, minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-4


def test_streams_are_independent():
    cells = (_draws(3) >> np.uint64(28)).astype(int)
    for left, right in combinations(range(len(STREAMS)), 2):
        table = np.bincount(16 * cells[:, left] + cells[:, right], minlength=256)
        assert stats.chisquare(table).pvalue > 1e-4


def test_neighbouring_rows_are_independent():
    cells = (_draws(3) >> np.uint64(28)).astype(int)[:, 0]
    for lag in (1, 2, 1024):
        table = np.bincount(16 * cells[lag:] + cells[:-lag], minlength=256)
        assert stats.chisquare(table).pvalue > 1e-4


@pytest.mark.parametrize(("left", "right"), [((0, 0), (1, 0)), ((0, 0), (0, 1))])
def test_seeds_and_families_are_independent(left, right):
    a, b = (_draws(*pair)[:, 0] >> np.uint64(28) for pair in (left, right))
    table = np.bincount((16 * a + b).astype(int), minlength=256)
    assert stats.chisquare(table).pvalue > 1e-4
