"""Edges that people can remember: round, near the quantiles, none of them useless."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segmentry.drafting.bins import (
    AGES,
    EDGE_TOLERANCE,
    merge_thin_ranges,
    quantile,
    range_labels,
    round_edges,
    roundest,
)

numbers = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(numbers, min_size=2, max_size=30).map(sorted), st.booleans())
def test_edges_rise_and_lie_within_the_column(values: list[float], whole: bool) -> None:
    cuts = list(zip(np.linspace(0, 1, len(values)), map(round, values) if whole else values, strict=True))
    edges = round_edges(cuts, whole=whole)
    assert list(edges) == sorted(set(edges))
    assert all(cuts[0][1] < edge <= cuts[-1][1] for edge in edges)
    assert not whole or all(isinstance(edge, int) for edge in edges)


@given(st.integers(0, 10_000), st.integers(250, 400), st.sampled_from([0.2, 1.0, 3.0, 9.0]))
def test_an_edge_moves_no_more_customers_than_the_tolerance(seed: int, n: int, power: float) -> None:
    ordered = np.unique((10**9 * np.random.default_rng(seed).random(n) ** power).astype(int)).tolist()
    cuts = [(i / 100, float(np.quantile(ordered, i / 100))) for i in range(101)]
    for edge, share in zip(round_edges(cuts, (0.2, 0.5, 0.8)), (0.2, 0.5, 0.8), strict=True):
        below = np.searchsorted(ordered, edge) / len(ordered)
        assert abs(below - share) <= EDGE_TOLERANCE + 2 / len(ordered)


@given(numbers, st.floats(0, 1e6), st.floats(0, 1e6))
@example(2.225073858507e-311, 0.0, 5e-324)
def test_the_roundest_number_is_between_the_bounds(middle: float, below: float, above: float) -> None:
    low, high = middle - below, middle + above
    found = roundest(low, middle, high)
    assert low - 1e-9 * abs(low) <= found <= high + 1e-9 * abs(high)


def test_incomes_of_the_published_analysis_get_its_edges(customers: object) -> None:
    import pandas as pd

    income = pd.read_csv(str(customers))["Income"].dropna()
    cuts = [(i / 100, float(income.quantile(i / 100))) for i in range(101)]
    assert round_edges(cuts, whole=True) == (25_000, 40_000, 60_000, 80_000)


def test_a_quantile_between_known_ones_is_on_the_line() -> None:
    assert quantile([(0, 0), (0.1, 10), (1, 100)], 0.55) == pytest.approx(55)


@given(st.lists(st.integers(0, 1_000), min_size=2, max_size=8), st.floats(0, 0.4))
def test_merged_ranges_hold_the_least_share_and_no_edge_is_made_up(sizes: list[int], least: float) -> None:
    edges = AGES[: len(sizes) - 1]
    kept = merge_thin_ranges(edges, sizes, least)
    assert set(kept) <= set(edges)
    if kept and sum(sizes):
        at = [0, *(edges.index(e) + 1 for e in kept), len(sizes)]
        joined = [sum(sizes[a:b]) for a, b in itertools.pairwise(at)]
        assert min(joined) >= least * sum(sizes)


@given(st.lists(st.integers(-50, 3_000), min_size=1, max_size=8, unique=True).map(sorted))
def test_labels_differ_and_there_is_one_per_range(edges: list[int]) -> None:
    found = range_labels(edges, edges[0] - 5)
    assert len(set(found)) == len(found) == len(edges) + 1
