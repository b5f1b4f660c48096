from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segmentry.profiling import SegmentedPatterns, n_comparisons, outcome_table


def table_of(case):
    return outcome_table(case.segmented)


def test_weights_equal_replicated_rows(replicated, replicated_patterns):
    pd.testing.assert_frame_equal(table_of(replicated), table_of(replicated_patterns), rtol=1e-7)


def test_survey_weights_equal_repeated_rows_in_every_value(weighted, repeated):
    columns = ["segment", "outcome", "value", "base_value", "lift", "total", "share_of_total", "mix"]
    found, expected = table_of(weighted)[columns], table_of(repeated)[columns]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-10)


def test_constant_survey_weights_change_no_interval_and_no_test(case):
    table = case.patterns
    same = replace(
        table,
        weights=table.counts * 2.5,
        squared_weights=table.counts * 6.25,
        value_weights=table.n_values * 2.5,
        sums=table.sums * 2.5,
        squares=table.squares * 2.5,
        cubes=table.cubes * 2.5,
    )
    found = outcome_table(SegmentedPatterns(same, case.labels, 3)).drop(columns="total")
    pd.testing.assert_frame_equal(found, table_of(case).drop(columns="total"), rtol=1e-9)


def test_uneven_survey_weights_leave_the_rest_its_own_effective_number(case):
    """A few heavy customers make the effective number of all smaller than that of a segment without them."""
    table = case.patterns
    heavy = np.where(case.labels == 2, 1_000.0, 1.0)
    one_heavy = np.where(case.labels == 2, 1.0, 0.0) * 999.0**2
    weighted = replace(
        table,
        weights=table.counts + (heavy > 1) * 999.0,
        squared_weights=table.counts + one_heavy,
        value_weights=table.n_values.astype(float),
    )
    found = outcome_table(SegmentedPatterns(weighted, case.labels, 3))
    tested = found[found["outcome"].isin(["wine", "bread", "first"])]
    assert tested["p_adjusted"].notna().all()


def test_rates_and_their_tests_are_scipys(case):
    row = table_of(case).query("segment == 2 and outcome == 'first'").iloc[0]
    age, town, first = case.frame["age"], case.frame["town"], case.frame["first"]
    mine = first[(age >= 30) & (town != "a")]
    assert (row["n"], row["total"]) == (len(mine), mine.sum())
    assert row["value"] == pytest.approx(mine.mean())
    interval = stats.binomtest(int(mine.sum()), len(mine)).proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == pytest.approx(tuple(interval))
    assert row["lift"] == pytest.approx(mine.mean() / first.mean())
    assert row["share_of_total"] == pytest.approx(mine.sum() / first.sum())
    campaigns = first + case.frame["second"].astype(int)
    assert row["mix"] == pytest.approx(mine.sum() / campaigns[mine.index].sum())


def test_means_without_skewness_are_students(case):
    symmetric = replace(case, patterns=replace(case.patterns, cubes=None))
    row = table_of(symmetric).query("segment == 3 and outcome == 'wine'").iloc[0]
    mine = case.frame.loc[case.frame["town"] == "a", "wine"].dropna()
    assert row["n"] == len(mine)
    low, high = stats.t.interval(0.95, len(mine) - 1, mine.mean(), stats.sem(mine))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((mine.mean(), low, high), rel=1e-9)


def test_intervals_of_means_follow_halls_formula_on_the_customers(case):
    """The interval is where Hall's cubic of t lies between the quantiles of Student's t, and hardly wider for a tail it may lack."""
    row = table_of(case).query("segment == 3 and outcome == 'wine'").iloc[0]
    mine = case.frame.loc[case.frame["town"] == "a", "wine"].dropna()
    n, skewness = len(mine), np.mean((mine - mine.mean()) ** 3) / mine.std() ** 3 / np.sqrt(len(mine))
    for mu, quantile in ((row["low"], 0.975), (row["high"], 0.025)):
        t = (mine.mean() - mu) / stats.sem(mine)
        cubic = t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6
        student = stats.t.ppf(quantile, n - 1)
        assert cubic == pytest.approx(student, rel=0.01)
        assert abs(cubic) >= abs(student) * (1 - 1e-9)


def test_p_values_are_one_family(case):
    """All segments and outcomes of the table, by scipy's tests on the customers themselves."""
    table = table_of(case)
    age, town = case.frame["age"], case.frame["town"]
    segment = np.where(town == "a", 3, np.where(age < 30, 1, 2))
    p_values = []
    for row in table.itertuples():
        values = case.frame[row.outcome].astype(float)
        mine, rest = values[segment == row.segment].dropna(), values[segment != row.segment].dropna()
        if mine.empty:
            p_values.append(np.nan)
        elif row.role == "amounts":
            p_values.append(row.p_value)  # the tests of means have tests of their own
        else:
            cells = [[v.sum(), len(v) - v.sum()] for v in (mine, rest)]
            exact = stats.contingency.expected_freq(cells).min() < 5
            chi2 = stats.chi2_contingency(cells, correction=False).pvalue
            p_values.append(stats.fisher_exact(np.array(cells, int)).pvalue if exact else chi2)
    known = ~np.isnan(p_values)
    assert known.sum() == 4 * 3 == n_comparisons(table)
    np.testing.assert_allclose(table["p_value"], p_values, rtol=1e-7)
    expected = stats.false_discovery_control(np.asarray(p_values)[known])
    np.testing.assert_allclose(table["p_adjusted"][known], expected, rtol=1e-7)
    assert table["p_adjusted"][~known].isna().all()


def test_what_is_compared_is_the_rest_of_the_customers(case):
    table = table_of(case).query("outcome == 'first'").set_index("segment")
    age, town, first = case.frame["age"], case.frame["town"], case.frame["first"]
    is_mine = (age >= 30) & (town != "a")
    mine, rest = first[is_mine].mean(), first[~is_mine].mean()
    assert table.loc[2, "difference"] == pytest.approx(mine - rest)
    assert table.loc[2, "ratio_to_rest"] == pytest.approx(mine / rest)
    assert table.loc[2, "lift"] == pytest.approx(mine / first.mean())
    assert table.loc[2, "share_of_customers"] == pytest.approx(is_mine.mean())
    assert table["share_of_customers"].sum() == pytest.approx(1)


def test_index_compares_the_basket_with_that_of_all_customers(case):
    table = table_of(case).query("segment == 1 and outcome == 'wine'").iloc[0]
    frame = case.frame.assign(young=(case.frame["age"] < 30) & (case.frame["town"] != "a"))
    basket = frame.groupby("young")[["wine", "bread"]].sum()
    base = frame["wine"].sum() / frame[["wine", "bread"]].sum().sum()
    assert table["base_mix"] == pytest.approx(base)
    assert table["mix_index"] == pytest.approx(100 * basket.loc[True, "wine"] / basket.loc[True].sum() / base)


def test_an_empty_cell_has_no_ratio_and_an_interval(case):
    sums = case.patterns.sums.copy()
    j = [o.name for o in case.patterns.outcomes].index("second")
    sums[case.labels == 0, j] = 0
    patterns = replace(case.patterns, sums=sums)
    row = table_of(replace(case, patterns=patterns)).query("segment == 1 and outcome == 'second'")
    (row,) = row.to_dict("records")
    assert (row["value"], row["low"]) == (0, 0)
    assert 0 < row["high"] < 1
    assert np.isnan([row["ratio_to_rest"], row["ratio_low"], row["ratio_high"]]).all()
    assert -1 < row["difference_low"] < row["difference"] < 0 < row["difference_high"] < 1


def test_few_customers_are_flagged_and_still_shown(case):
    few = case.patterns.take(np.flatnonzero(case.labels == 0)[:1])
    table = outcome_table(SegmentedPatterns(few, np.zeros(1, int), 1))
    assert few.counts[0] >= 10
    assert (table["is_small"] == (table["n"] < 10)).all()
    assert table["is_small"].any()


def test_outcome_without_any_value(case):
    for outcome, interval in (("nothing", [np.nan, np.nan]), ("never", [0.0, 1.0])):
        rows = table_of(case)[lambda t, o=outcome: t["outcome"] == o]
        assert (rows[["n", "total"]] == 0).all(axis=None)
        assert rows[["value", "base_value", "lift", "share_of_total", "p_adjusted"]].isna().all(axis=None)
        np.testing.assert_array_equal(rows[["low", "high"]], [interval] * 3)


def test_all_customers_as_one_segment(case):
    table = table_of(case.with_labels(np.zeros(len(case.labels), int)))
    known = table[table["n"] > 0]
    assert set(known["lift"]) == {1.0}
    assert set(known["share_of_total"]) == {1.0}
    assert table["p_adjusted"].isna().all()


def test_mix_and_shares_of_totals_sum_to_one(case):
    table = table_of(case)
    known = table[table["n"] > 0]
    np.testing.assert_allclose(known.groupby("outcome")["share_of_total"].sum(), 1)
    np.testing.assert_allclose(known.groupby(["segment", "group"])["mix"].sum(), 1)


def test_without_outcomes_the_table_is_empty(case):
    table = outcome_table(SegmentedPatterns(replace(case.patterns, outcomes=()), case.labels, 3))
    assert len(table) == 0
    assert "p_adjusted" in table
