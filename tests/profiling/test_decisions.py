"""Whether other analyses contact the same customers: planted answers, brute force, weights, missing values, samples."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from segmentry.patterns import OutcomeInfo, PatternTable, as_codes
from segmentry.profiling import (
    ContactDependence,
    OtherContacts,
    SegmentedPatterns,
    contact_dependence,
    outcome_table,
    targeting_table,
)

CAMPAIGN = OutcomeInfo("yes", "Yes", "g", "G", "flags", 3.0, 11.0)


def patterns_of(
    counts: Any, sums: Any, n_values: Any = None, outcomes: tuple[OutcomeInfo, ...] = (CAMPAIGN,)
) -> PatternTable:
    counts = np.asarray(counts)
    sums = np.asarray(sums, np.float64).reshape(len(counts), -1)
    n_values = np.repeat(counts[:, None], sums.shape[1], 1) if n_values is None else np.asarray(n_values)
    return PatternTable(
        features=(), codes=as_codes(np.zeros((len(counts), 0))), counts=counts, outcomes=outcomes,
        n_values=n_values, sums=sums, squares=sums, origins=np.zeros(sums.shape[1]),
    )  # fmt: skip


def told(
    patterns: PatternTable, own: Any, others: Any, rows: Any = None, weights: Any = None, places: Any = None
) -> tuple[ContactDependence, ...]:
    own, others = np.asarray(own), np.atleast_2d(np.asarray(others, np.int16))
    rows = np.arange(len(own)) if rows is None else np.asarray(rows)
    weights = patterns.sample_weight[rows] if weights is None else np.asarray(weights, np.float64)
    places = np.arange(len(others)) if places is None else np.asarray(places)
    return contact_dependence(
        SegmentedPatterns(patterns, own, int(own.max()) + 1), rows, weights, others, places
    )


PLANTED = patterns_of([400, 100, 150, 350], [200, 50, 7.5, 17.5])
"""Customers by two features: half of those with the first level of the first accept, one in twenty of the others."""


def test_other_segments_keep_and_add_whom_one_can_count() -> None:
    (found,) = told(PLANTED, [0, 0, 1, 1], [[0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0], [2, 1, 0, 0]])
    assert found.outcome == "yes"
    assert found.share == 0.5
    assert found.by_analysis == (
        OtherContacts(1, 1, 0.8, 0.3),  # by the second feature: 38 % accept and 15 %
        OtherContacts(1, 1, 1.0, 0.0),  # the same segments by other numbers
        OtherContacts(1, 0, 0.0, 0.0),  # all together pay no more than by chance
        OtherContacts(1, 1, 1.0, 0.0),  # the set in two segments
    )
    assert (found.n_analyses, found.n_named) == (4, 3)
    assert found.kept == pytest.approx((0.8 + 1 + 0 + 1) / 4)
    assert found.added == pytest.approx(0.3 / 4)


def test_analyses_of_one_place_are_added_up() -> None:
    (found,) = told(PLANTED, [0, 0, 1, 1], [[0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]], places=[1, 1, 0])
    assert found.by_analysis == (OtherContacts(1, 1, 1.0, 0.0), OtherContacts(2, 1, 0.4, 0.15))
    assert found.kept == pytest.approx((1 + 0.8 + 0) / 3)


def test_where_no_set_is_named_it_is_counted_how_many_analyses_name_one() -> None:
    (found,) = told(PLANTED, [0, 0, 0, 0], [[0, 0, 1, 1], [0, 0, 0, 0]])
    assert found.share == 0
    assert found.by_analysis == (OtherContacts(1, 1, None, None), OtherContacts(1, 0, None, None))
    assert (found.n_named, found.kept, found.added) == (1, None, None)


def random_patterns(rng: np.random.Generator, n: int = 80) -> tuple[PatternTable, np.ndarray]:
    """Patterns of which some customers have no value, with two campaigns of which one costs more, a free one and an amount."""
    counts = rng.integers(1, 40, n)
    n_values = rng.binomial(counts[:, None], [0.9, 1.0, 0.5, 0.8])
    rate = np.where(rng.random(n) < 0.4, 0.45, 0.1)
    sums = rng.binomial(n_values, rate[:, None])
    outcomes = (
        OutcomeInfo("a", "A", "g", "G", "flags", 3.0, 11.0),
        OutcomeInfo("b", "B", "g", "G", "flags", 1.0, 9.0),
        OutcomeInfo("free", "Free", "f", "F", "flags"),
        OutcomeInfo("money", "Money", "m", "M", "amounts"),
    )
    return patterns_of(counts, sums, n_values, outcomes), (rate > 0.2).astype(np.intp)


def weighted(table: PatternTable, w: np.ndarray) -> PatternTable:
    return replace(
        table,
        weights=table.counts * w,
        squared_weights=table.counts * w**2,
        value_weights=table.n_values * w[:, None],
        sums=table.sums * w[:, None],
        squares=table.squares * w[:, None],
    )


@pytest.mark.parametrize("has_weights", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_the_targeting_of_each_analysis_says(seed: int, has_weights: bool) -> None:
    rng = np.random.default_rng(seed)
    table, clear = random_patterns(rng)
    if has_weights:
        table = weighted(table, rng.uniform(0.5, 2, table.n_patterns))
    blurred = [
        np.where(rng.random(len(clear)) < p, rng.integers(0, 4, len(clear)), clear) for p in (0, 0.2, 0.5, 1)
    ]
    blurred.append(clear * 0)
    own = np.where(rng.random(len(clear)) < 0.1, 2, clear)

    def contacted(labels: np.ndarray, outcome: str) -> np.ndarray:
        segmented = SegmentedPatterns(table, labels, int(labels.max()) + 1)
        rows = targeting_table(segmented, outcome_table(segmented)).query("outcome == @outcome")
        return np.isin(labels + 1, rows["segment"][rows["is_in_best_set"].astype(bool)])

    found = told(table, own, blurred)
    assert [one.outcome for one in found] == ["a", "b"]
    for one in found:
        mine, weight = contacted(own, one.outcome), table.sample_weight
        assert one.share == pytest.approx(weight[mine].sum() / weight.sum())
        assert mine.any()
        for labels, other in zip(blurred, one.by_analysis, strict=True):
            theirs = contacted(labels, one.outcome)
            assert other.n_named == theirs.any()
            assert other.kept == pytest.approx(weight[mine & theirs].sum() / weight[mine].sum())
            assert other.added == pytest.approx(weight[theirs & ~mine].sum() / weight[mine].sum())
    assert found[0].n_named < 5  # all customers together pay no more than by chance


def test_counts_equal_customers_one_by_one_and_a_unit_of_weights_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    table, clear = random_patterns(rng, 12)
    table = table.with_outcomes(["a", "b"])
    table = replace(table, n_values=np.repeat(table.counts[:, None], 2, 1))
    others = rng.integers(0, 3, (4, 12))
    row = np.repeat(np.arange(12), table.counts)
    place = np.concatenate([np.arange(n) for n in table.counts])
    values = (place[:, None] < table.sums[row]).astype(np.float64)
    customers = patterns_of(np.ones(len(row), int), values, outcomes=table.outcomes)
    expected = told(table, clear, others)
    assert any(one.kept for one in expected)
    for found in (
        told(customers, clear[row], others[:, row]),
        told(weighted(table, np.full(12, 250.0)), clear, others),
    ):
        for one, other in zip(found, expected, strict=True):
            assert one.n_named == other.n_named
            assert one.kept == pytest.approx(other.kept)
            assert one.added == pytest.approx(other.added)


def test_of_a_sample_shares_are_those_of_all_whom_it_stands_for() -> None:
    others = [[0, 1, 0], [0, 1, 1]]
    (found,) = told(PLANTED, [0, 0, 1, 1], others, rows=[0, 1, 2], weights=[30, 10, 60])
    assert found.share == 0.4
    # 300 of 1,000 customers accept at 50 %, 600 at 5 %: together 20 % do; the 100 of the second pattern pay in both
    assert found.by_analysis == (OtherContacts(1, 1, 0.25, 0.0), OtherContacts(1, 1, 0.75, 0.0))


def test_of_a_sample_frequent_patterns_count_as_often_as_they_are_there() -> None:
    counts = [30_000, *[700] * 100]
    table = patterns_of(counts, [13_500, *[70] * 100])  # 20 % of all accept: contacting all does not pay
    own, drawn = np.array([0, *[1] * 100]), np.arange(41)
    (whole,) = told(table, own, [0 * own])
    assert whole.by_analysis == (OtherContacts(1, 0, 0.0, 0.0),)
    (found,) = told(table, own, [0 * drawn], rows=drawn, weights=[30, *[1] * 10, *[2] * 30])
    assert found == whole
    (again,) = told(
        weighted(table, np.full(101, 3.0)), own, [0 * drawn], rows=drawn, weights=[30, *[1] * 10, *[2] * 30]
    )
    assert again.by_analysis == whole.by_analysis
    rates = table.sums[drawn].sum() / table.counts[drawn].sum()
    assert rates > 3 / 11  # of the customers with one of these patterns more do


def test_nothing_is_said_of_a_campaign_whose_set_the_sample_does_not_name() -> None:
    table = patterns_of([400, 400, 100], [160, 160, 1])
    assert told(table, [0, 0, 1], [[0, 0, 1]])[0].share == pytest.approx(8 / 9)
    assert told(table, [0, 0, 1], [[0]], rows=[2], weights=[1.0]) == ()


def test_nothing_is_said_without_costs_and_where_clusters_of_the_sample_count() -> None:
    free = replace(PLANTED, outcomes=(replace(CAMPAIGN, cost_per_contact=None, revenue_per_acceptance=None),))
    assert told(free, [0, 0, 1, 1], [[0, 0, 1, 1]]) == ()
    design: Any = SimpleNamespace()
    segmented = SegmentedPatterns(PLANTED, np.array([0, 0, 1, 1]), 2, design)
    rows, one = np.arange(4), np.ones(4)
    assert contact_dependence(segmented, rows, one, np.zeros((1, 4), np.int16), np.zeros(1, np.intp)) == ()


def test_plain_values_make_it_again() -> None:
    found = ContactDependence("yes", 0.25, (OtherContacts(2, 1, 0.5, 0.0), OtherContacts(1, 0, 0.0, 0.0)))
    content = {"outcome": "yes", "share": 0.25, "by_analysis": [vars(one) for one in found.by_analysis]}
    assert ContactDependence.from_dict(content) == found
