"""Drawn tables: their size, their margins, and the same distribution by either way of drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentry.selection import count_tables
from segmentry.selection.count_tables import CountTables, bootstrap, from_mixture, observed_table
from segmentry.selection.refits import ClassesRefit
from structures import classes, independent_columns, structure_table

RNG = np.random.default_rng


def table_with_holes() -> CountTables:
    rows = np.array([[0, 0, 1], [1, -1, 0], [0, 2, 1], [1, 2, -1], [2, 1, 0]])
    return CountTables(rows.astype(np.int32), [3, 3, 2], np.array([[400.0, 100.0, 200.0, 50.0, 250.0]]))


MIXTURE = np.array(
    [[0.7, 0.6, 0.3, 0.1, 0.2, 0.2, 0.6, 0.9, 0.1], [0.3, 0.1, 0.1, 0.8, 0.8, 0.1, 0.1, 0.2, 0.8]]
)


@pytest.mark.parametrize("max_combinations", [4_096, 1], ids=["grid", "splits"])
def test_tables_from_a_mixture_have_its_moments(
    max_combinations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_tables, "_MAX_COMBINATIONS", max_combinations)
    tables = table_with_holes()
    drawn = from_mixture(tables, MIXTURE, 300, RNG(0))
    assert (drawn.weights.sum(axis=1) == 1_000).all()
    assert len(np.unique(drawn.codes, axis=0)) == len(drawn.codes)
    mean = drawn.weights.mean(axis=0) / 1_000
    first, second = drawn.codes[:, 0], drawn.codes[:, 1]
    assert mean[second < 0].sum() == pytest.approx(0.1, abs=0.003)  # missing at the feature's own share
    assert mean[first == 2].sum() == pytest.approx(0.7 * 0.1 + 0.3 * 0.8, abs=0.005)
    both = mean[(first == 2) & (second == 0)].sum()
    assert both == pytest.approx(0.9 * (0.7 * 0.1 * 0.2 + 0.3 * 0.8 * 0.8), abs=0.005)


def test_a_bootstrap_keeps_size_and_patterns() -> None:
    tables = table_with_holes()
    drawn = bootstrap(tables, 200, RNG(0))
    assert (drawn.weights.sum(axis=1) == 1_000).all()
    np.testing.assert_allclose(drawn.weights.mean(axis=0), tables.weights[0], rtol=0.05)


def test_levels_that_nobody_has_are_left_out() -> None:
    table, _ = observed_table(structure_table(np.array([[0, 3], [0, 1], [2, 1]]), [4, 4]), RNG(0))
    assert table.n_levels == [2, 2]
    assert table.codes.max() == 1


def test_survey_weights_count_as_the_effective_number() -> None:
    table = independent_columns(RNG(0), 400, [2, 2])
    weights = table.counts * 2.0
    weighted = replace(table, weights=weights, squared_weights=table.counts * 4.0)
    assert observed_table(weighted, RNG(0))[0].n_customers == 400
    uneven = replace(table, weights=weights, squared_weights=table.counts * 8.0)
    assert observed_table(uneven, RNG(0))[0].n_customers == 200


def test_many_patterns_are_judged_on_a_sample() -> None:
    table = independent_columns(RNG(0), 5_000, [3, 3, 3])
    tables, rows = observed_table(table, RNG(0), max_patterns=20)
    np.testing.assert_array_equal(tables.codes, np.asarray(table.codes)[rows])
    assert tables.n_customers == 20


def test_replicates_fit_as_the_estimator_does() -> None:
    from segmentry.cluster import LatentClass

    table = classes(RNG(4), 1_500, [3, 4, 3, 3], 3)
    tables, _ = observed_table(table, RNG(0))
    drawn = bootstrap(tables, 6, RNG(1))
    data = drawn.replicates()
    fits = data.fit(3, 10, RNG(2))
    for i, weights in enumerate(drawn.weights):
        model = LatentClass(3, random_state=0).fit(drawn.codes, sample_weight=weights)
        assert fits.log_likelihoods[i] == pytest.approx(model.log_likelihood_, abs=0.05)
        agree = data.labels(fits.parameters)[i]
        pairs = {(a, b) for a, b in zip(agree, model.predict(drawn.codes), strict=True)}
        assert len(pairs) <= 5  # three classes, and at most two patterns on a border
    alone = data.of(np.array([2]))
    np.testing.assert_allclose(alone.values(fits.parameters[:, 2]), fits.log_likelihoods[2])


def test_tables_that_share_few_patterns_are_fitted_one_by_one() -> None:
    codes = np.arange(40, dtype=np.int32).reshape(20, 2) % 7
    weights = np.zeros((10, 20))
    for i in range(10):
        weights[i, 2 * i : 2 * i + 2] = i + 1.0
    apart = CountTables(codes, [7, 7], weights).parts()
    assert [rows.tolist() for rows, _ in apart] == [[2 * i, 2 * i + 1] for i in range(10)]
    np.testing.assert_array_equal([data.weights[0] for _, data in apart], [[i + 1.0] * 2 for i in range(10)])
    ((rows, data),) = CountTables(codes, [7, 7], weights + 1).parts()
    assert (len(rows), len(data.weights)) == (20, 10)


def test_labels_of_tables_fitted_apart_are_those_of_each_alone() -> None:
    wide = classes(RNG(3), 400, [5] * 8, 2, purity=0.9)
    tables = from_mixture(observed_table(wide, RNG(0))[0], np.full((1, 41), 0.2), 8, RNG(1))
    assert len(tables.parts()) == 8
    labels = ClassesRefit()(tables, 2, RNG(2))
    rng = RNG(2)
    for i in range(8):
        kept = tables.weights[i] > 0
        alone = CountTables(tables.codes[kept], tables.n_levels, tables.weights[i][kept][None])
        np.testing.assert_array_equal(labels[i, kept], ClassesRefit()(alone, 2, rng)[0])
