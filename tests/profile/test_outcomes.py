import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segmentry.profile import outcome_table


def table_of(case):
    return outcome_table(case.patterns, case.labels, case.n_segments)


def test_weights_equal_replicated_rows(replicated, replicated_patterns):
    pd.testing.assert_frame_equal(table_of(replicated), table_of(replicated_patterns), rtol=1e-7)


def test_survey_weights_equal_repeated_rows_in_every_value(weighted, repeated):
    columns = ["segment", "outcome", "value", "base_value", "lift", "total", "share_of_total", "mix"]
    found, expected = table_of(weighted)[columns], table_of(repeated)[columns]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-10)


def test_constant_survey_weights_change_no_interval_and_no_test(case):
    from dataclasses import replace

    table = case.patterns
    same = replace(
        table,
        weights=table.counts * 2.5,
        squared_weights=table.counts * 6.25,
        value_weights=table.n_values * 2.5,
        sums=table.sums * 2.5,
        squares=table.squares * 2.5,
    )
    found = outcome_table(same, case.labels, 3).drop(columns="total")
    pd.testing.assert_frame_equal(found, table_of(case).drop(columns="total"), rtol=1e-9)


def test_uneven_survey_weights_leave_the_rest_its_own_effective_number(case):
    """A few heavy customers make the effective number of all smaller than that of a segment without them."""
    from dataclasses import replace

    table = case.patterns
    heavy = np.where(case.labels == 2, 1_000.0, 1.0)
    one_heavy = np.where(case.labels == 2, 1.0, 0.0) * 999.0**2
    weighted = replace(
        table,
        weights=table.counts + (heavy > 1) * 999.0,
        squared_weights=table.counts + one_heavy,
        value_weights=table.n_values.astype(float),
    )
    found = outcome_table(weighted, case.labels, 3)
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


def test_means_are_students(case):
    row = table_of(case).query("segment == 3 and outcome == 'wine'").iloc[0]
    mine = case.frame.loc[case.frame["town"] == "a", "wine"].dropna()
    assert row["n"] == len(mine)
    low, high = stats.t.interval(0.95, len(mine) - 1, mine.mean(), stats.sem(mine))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((mine.mean(), low, high), rel=1e-9)


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
            p_values.append(stats.ttest_ind(mine, rest, equal_var=False).pvalue)
        else:
            cells = [[v.sum(), len(v) - v.sum()] for v in (mine, rest)]
            exact = stats.contingency.expected_freq(cells).min() < 5
            chi2 = stats.chi2_contingency(cells, correction=False).pvalue
            p_values.append(stats.fisher_exact(np.array(cells, int)).pvalue if exact else chi2)
    known = ~np.isnan(p_values)
    assert known.sum() == 4 * 3
    expected = stats.false_discovery_control(np.asarray(p_values)[known])
    np.testing.assert_allclose(table["p_adjusted"][known], expected, rtol=1e-7)
    assert table["p_adjusted"][~known].isna().all()


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
    from dataclasses import replace

    table = outcome_table(replace(case.patterns, outcomes=()), case.labels, 3)
    assert len(table) == 0
    assert "p_adjusted" in table
