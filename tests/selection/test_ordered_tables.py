"""Ordered features beside models without segments: both are fitted to the same groups of levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from segmentry.selection import PatternSegments, fit_model, gather_evidence, judge_evidence
from segmentry.selection.count_tables import GROUPS, CountTables, observed_table
from segmentry.selection.refits import ClassesRefit
from structures import as_table


def cut(values: np.ndarray, n: int) -> np.ndarray:
    return np.column_stack([np.searchsorted(np.quantile(v, np.arange(1, n) / n), v) for v in values.T])


def test_ordered_levels_are_put_into_groups_of_about_equal_size() -> None:
    rng = np.random.default_rng(0)
    codes = np.column_stack([rng.integers(0, 40, 2_000), rng.integers(0, 3, 2_000)])
    table = as_table(codes)
    ordered = tuple(
        replace(f, distribution="ordered" if j == 0 else "levels") for j, f in enumerate(table.features)
    )
    grouped = observed_table(replace(table, features=ordered), rng)[0].grouped()
    assert grouped.n_levels == [GROUPS, 3]
    assert grouped.is_ordered is None
    sizes = np.bincount(grouped.codes[:, 0], grouped.weights[0])
    assert sizes.sum() == pytest.approx(2_000)
    assert sizes.min() > 300


def test_missing_values_stay_missing_and_few_levels_stay_apart() -> None:
    codes = np.array([[0], [1], [2], [-1]], np.int32)
    table = CountTables(codes, [3], np.array([[40.0, 40, 40, 9]]), [True])
    grouped = table.grouped()
    assert dict(zip(grouped.codes[:, 0].tolist(), grouped.weights[0].tolist(), strict=True)) == {
        -1: 9.0, 0: 40.0, 1: 40.0, 2: 40.0,
    }  # fmt: skip


def test_two_scales_in_fine_levels_are_not_called_natural() -> None:
    rng = np.random.default_rng(1)
    place = rng.standard_normal((1_500, 2))
    values = np.repeat(place, 3, axis=1) + 0.7 * rng.standard_normal((1_500, 6))
    table = as_table(cut(values, 12))
    features = tuple(replace(f, scale="ordinal", distribution="ordered") for f in table.features)
    table = replace(table, features=features)
    segments = PatternSegments.of(fit_model(table, "latent-class", 3, n_init=3), 3, table.codes)
    found = gather_evidence(table, segments, "latent-class").evidence
    assert not found.is_beyond_continuum
    assert judge_evidence(found, best_by_bic=3) != "natural"


def test_tables_of_ordered_features_are_refitted_side_by_side() -> None:
    """Patterns that groups have made equal get the same label, and two clear classes are found in every table."""
    rng = np.random.default_rng(3)
    tables = []
    for n in (300, 500):
        segment = rng.random(n) < 0.5
        values = rng.standard_normal((n, 4)) + 4.0 * segment[:, None]
        tables.append(
            (CountTables(cut(values, 8).astype(np.int32), [8] * 4, np.ones((1, n)), [True] * 4), segment)
        )
    for near in (None, [segment.astype(np.intp) for _, segment in tables]):
        found = ClassesRefit().fit_apart([table for table, _ in tables], 2, rng, near)
        for (table, segment), (labels,) in zip(tables, found, strict=True):
            agreement = (labels == segment).mean()
            assert max(agreement, 1 - agreement) > 0.97
            collapsed, place = table.collapsed()
            assert len(collapsed.codes) < len(table.codes)
            assert collapsed.weights.sum() == table.weights.sum()
            np.testing.assert_array_equal(collapsed.codes[place], table.codes)
            assert all(len(set(labels[place == p])) == 1 for p in range(len(collapsed.codes)))
