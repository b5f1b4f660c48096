from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentry.profiling import SegmentedPatterns, feature_table


def table_of(case):
    return feature_table(case.segmented)


def test_weights_equal_replicated_rows(replicated, replicated_patterns):
    assert replicated.patterns.n_patterns == 60 > 3 * replicated_patterns.patterns.n_patterns
    pd.testing.assert_frame_equal(table_of(replicated), table_of(replicated_patterns), rtol=1e-12)


def test_survey_weights_equal_repeated_rows(weighted, repeated):
    """In every share; the score counts on the effective number, as survey weights say less than so many rows."""
    score = ["v_test", "rank"]
    one, other = table_of(weighted), table_of(repeated)
    pd.testing.assert_frame_equal(one.drop(columns=score), other.drop(columns=score), rtol=1e-12)
    assert (one["v_test"].abs() <= other["v_test"].abs() + 1e-12).all()
    np.testing.assert_array_equal(np.sign(one["v_test"]), np.sign(other["v_test"]))


def test_equal_survey_weights_are_no_weights(case):
    """Whatever they are: the score is that of the customers."""
    patterns = case.segmented.patterns
    for weight in (0.25, 1.0, 3_000.0):
        alike = replace(
            patterns, weights=patterns.counts * weight, squared_weights=patterns.counts * weight**2
        )
        found = feature_table(replace(case.segmented, patterns=alike))["v_test"]
        np.testing.assert_allclose(found, table_of(case)["v_test"], rtol=1e-9)


def test_counts_are_pandas_own(case):
    table = table_of(case).set_index(["segment", "feature", "level"])
    frame = case.frame.dropna(subset="town")
    assert table.loc[(3, "town", "A"), "count"] == (frame["town"] == "a").sum()
    young = case.frame[(case.frame["age"] < 30) & (case.frame["town"] != "a")]
    row = table.loc[(1, "age", "under 30")]
    assert row["count"] == len(young)
    assert row["share"] == 1
    assert row["base_share"] == pytest.approx((case.frame["age"] < 30).mean())
    assert row["share_of_level"] == pytest.approx(len(young) / (case.frame["age"] < 30).sum())
    sizes = case.segmented.weights
    assert sizes.tolist() == [
        len(young),
        300 - len(young) - (frame["town"] == "a").sum(),
        (frame["town"] == "a").sum(),
    ]


def test_shares_in_a_segment_sum_to_one(case):
    sums = table_of(case).groupby(["segment", "feature"])[["share", "base_share"]].sum()
    np.testing.assert_allclose(sums, 1)


def test_sign_of_the_v_test_is_that_of_lift_minus_one(case):
    table = table_of(case).dropna(subset="lift")
    np.testing.assert_array_equal(np.sign(table["v_test"].round(9)), np.sign((table["lift"] - 1).round(9)))
    assert (table["v_test"].abs() > 2).any()


def test_lift_of_all_customers_is_one(case):
    table = table_of(case.with_labels(np.zeros(len(case.labels), int)))
    assert set(table["lift"].dropna()) == {1.0}
    assert set(table["v_test"]) == {0.0}


def test_level_of_nobody_has_no_lift(case):
    nobody = table_of(case).query("level == 'Nobody'")
    assert nobody["lift"].isna().all()
    assert nobody["share_of_level"].isna().all()
    assert (nobody[["count", "share", "v_test"]] == 0).all(axis=None)


def test_there_is_no_p_value(case):
    assert list(table_of(case)) == [
        "segment", "feature", "level", "count", "share", "base_share", "lift", "share_of_level", "v_test",
        "rank",
    ]  # fmt: skip


def test_rank_is_the_order_of_the_v_test(case):
    for _, mine in table_of(case).groupby("segment"):
        ordered = mine.sort_values("rank")
        assert ordered["rank"].tolist() == list(range(1, len(mine) + 1))
        assert ordered["v_test"].is_monotonic_decreasing


def test_feature_that_nobody_has_a_level_of(case):
    from dataclasses import replace

    codes = case.patterns.codes.copy()
    codes[:, 0] = -1
    table = feature_table(SegmentedPatterns(replace(case.patterns, codes=codes), case.labels, 3))
    ages = table[table["feature"] == "age"]
    assert (ages["count"] == 0).all()
    assert ages[["share", "lift"]].isna().all(axis=None)
    assert (ages["v_test"] == 0).all()
