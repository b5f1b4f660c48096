"""Cramér's V against scipy's, and what it is of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentry.patterns.cross_tables import cramers_v
from segmentry.profiling import association_table

# scipy.stats.contingency.association(table, method="cramer") of scipy 1.16; HairEyeColor of R, hair by eyes,
# sex by eyes. R: chisq.test of the first gives X-squared = 138.289841626.
HAIR = [[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]


def test_cramers_v_is_that_of_scipy():
    assert cramers_v(HAIR) == pytest.approx(0.2790446233426584, rel=1e-12)
    assert cramers_v(HAIR) == pytest.approx(np.sqrt(138.289841626 / (592 * 3)), rel=1e-9)


def test_cramers_v_is_that_of_scipy_on_tables_of_any_shape():
    from scipy.stats.contingency import association

    random = np.random.default_rng(1)
    for shape in [(2, 2), (2, 7), (5, 3)]:
        table = random.integers(1, 50, shape)
        assert cramers_v(table) == pytest.approx(association(table, method="cramer"), rel=1e-10)


def test_empty_levels_do_not_count_and_one_level_has_no_v():
    assert cramers_v([[3, 0, 1], [1, 0, 5]]) == pytest.approx(cramers_v([[3, 1], [1, 5]]))
    assert np.isnan(cramers_v([[3, 1]]))
    assert np.isnan(cramers_v(np.zeros((2, 2))))
    assert cramers_v([[5, 0], [0, 7]]) == pytest.approx(1)


def test_table_has_features_with_segments_pairs_and_protected_columns(case):
    table = association_table(case.segmented, {"birthday": "age"})
    assert table["kind"].tolist() == ["segments", "segments", "features", "sensitive"]
    by = table.set_index(["kind", "feature"])
    age = pd.cut(case.frame["age"], [0, 29, 49, 99], labels=False)
    segment = np.where(case.frame["town"] == "a", 2, np.minimum(age, 1))
    crossed = pd.crosstab(age, segment)
    row = by.loc[("segments", "age")]
    assert row["cramers_v"] == pytest.approx(cramers_v(crossed))
    assert row["guessed"] == pytest.approx(crossed.max().sum() / 300)
    assert row["guessed_without"] == pytest.approx(crossed.sum(axis=1).max() / 300)
    assert by.loc[("sensitive", "birthday"), "cramers_v"] == row["cramers_v"]
    assert by.loc[("features", "town"), "n"] == case.frame["town"].notna().sum()
    shown = by.loc["segments", "cramers_v"]
    assert shown.is_monotonic_decreasing


def test_weights_equal_replicated_rows(replicated, replicated_patterns):
    one, other = (association_table(c.segmented) for c in (replicated, replicated_patterns))
    pd.testing.assert_frame_equal(one, other)
