"""A feature that is left out of the segments: how often chance is called structure, and whether structure is found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact, random_table

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.patterns import PatternTable
from segmentry.selection.count_tables import observed_table
from segmentry.selection.left_out import (
    LeftOutFeature,
    draw_tables,
    independence_p_value,
    leave_features_out,
    left_out_columns,
)
from segmentry.selection.refits import refit_of, table_of
from structures import as_table

METHODS = ("latent-class", "k-modes", "k-means")


def left_out(table: PatternTable, method: str, k: int, seed: int) -> dict[str, LeftOutFeature]:
    rng = np.random.default_rng(seed)
    whole = table_of(method, table)
    observed, rows = observed_table(whole, rng)
    columns = left_out_columns(table, whole, observed, rows)
    found = leave_features_out(observed, refit_of(method, table), k, columns, rng)
    return {one.feature: one for one in found}


def blurred_classes(rng: np.random.Generator, n: int, n_features: int) -> np.ndarray:
    """Three classes that answer as typical in half of the cases."""
    truth = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    typical = rng.permuted(np.tile(np.arange(3), (n_features, 1)), axis=1)[:, truth].T
    return np.where(rng.random((n, n_features)) < 0.5, typical, rng.integers(0, 3, (n, n_features)))


@pytest.mark.parametrize("method", METHODS)
def test_a_feature_of_its_own_is_called_related_as_often_as_the_level_says(method: str) -> None:
    p_values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        skewed = rng.choice(4, 300, p=[0.55, 0.3, 0.1, 0.05])
        codes = np.column_stack([blurred_classes(rng, 300, 4), skewed, rng.integers(0, 2, 300)])
        found = left_out(as_table(codes), method, 3, seed)
        p_values += [found["f4"].p_value, found["f5"].p_value]
    assert np.mean(np.array(p_values) < 0.05) < 0.12  # 99.9 % of 120 tests at 5 % stay below
    assert 0.38 < np.mean(p_values) < 0.62


@pytest.mark.parametrize("method", METHODS)
def test_features_of_one_structure_are_found_and_a_stranger_is_not(method: str) -> None:
    rng = np.random.default_rng(7)
    codes = np.column_stack([blurred_classes(rng, 3_000, 5), rng.integers(0, 3, 3_000)])
    found = left_out(as_table(codes), method, 3, 0)
    assert all(found[f"f{j}"].p_adjusted < 0.001 for j in range(5))
    assert found["f5"].p_adjusted > 0.05
    assert found["f5"].cramers_v < min(found[f"f{j}"].cramers_v for j in range(5))


@pytest.mark.parametrize("method", METHODS)
def test_unrelated_features_of_two_levels_hide_no_structure(method: str) -> None:
    """Three segments by k-means are cuts of these: their features were found in a third of the tests."""
    rng = np.random.default_rng(7)
    codes = np.column_stack([blurred_classes(rng, 2_000, 5), rng.integers(0, 2, (2_000, 5))])
    found = left_out(as_table(codes), method, 3, 0)
    assert all(found[f"f{j}"].p_value < 0.01 for j in range(5))


def test_large_cells_have_the_known_distribution_and_small_ones_are_drawn() -> None:
    rng = np.random.default_rng(0)
    large = np.array([[30.0, 20, 25], [10, 30, 40]])
    assert independence_p_value(large, rng) == pytest.approx(chi2_contingency(large, correction=False).pvalue)
    small = np.array([[8.0, 2], [1, 5]])
    assert independence_p_value(small, rng) == pytest.approx(fisher_exact(small).pvalue, abs=0.02)


def test_drawn_tables_have_the_distribution_of_independent_rows_and_columns() -> None:
    rows, columns = np.array([7.0, 2, 5]), np.array([6.0, 0, 5, 3])
    drawn = draw_tables(rows, columns, 4_000, np.random.default_rng(3))
    assert (drawn.sum(axis=2) == rows).all()
    assert (drawn.sum(axis=1) == columns).all()
    known = random_table(rows.astype(int), columns.astype(int))
    tables, counts = np.unique(drawn.reshape(4_000, -1), axis=0, return_counts=True)
    expected = 4_000 * np.array([known.pmf(table.reshape(3, 4)) for table in tables])
    is_common = expected >= 5
    misfit = ((counts - expected) ** 2 / expected)[is_common].sum()
    assert 0.7 < misfit / is_common.sum() < 1.35


def test_the_unit_of_weights_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    codes = np.column_stack([blurred_classes(rng, 800, 4), rng.integers(0, 3, 800)])
    one, other = (left_out(as_table(codes, weight=w), "latent-class", 3, 2) for w in (1.0, 1_000.0))
    assert {name: found.p_value for name, found in one.items()} == pytest.approx(
        {name: found.p_value for name, found in other.items()}
    )


def test_a_run_has_the_test_per_feature_and_adjusts_it() -> None:
    result = sg.run(sample_households(rows=1_500), HOUSEHOLDS, segments=3)
    table = result.features.groupby("feature")[["left_out_v", "left_out_p", "left_out_p_adjusted"]]
    assert (table.nunique() == 1).all().all()
    first = table.first()
    assert first["left_out_v"].between(0, 1).all()
    assert (first["left_out_p_adjusted"] >= first["left_out_p"]).all()
    assert result.evidence is not None
    assert {one.feature for one in result.evidence.left_out} == set(first.index)
    assert sg.run(sample_households(rows=300), HOUSEHOLDS, segments=1).features["left_out_p"].isna().all()
