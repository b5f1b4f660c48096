from dataclasses import replace

import numpy as np
import pytest

from segmentry.patterns import OutcomeInfo, PatternTable, as_codes
from segmentry.patterns.folds import FoldSums
from segmentry.profiling import SegmentedPatterns, gains_table, outcome_table, targeting_table
from segmentry.profiling.naming_sets import naming_of
from segmentry.profiling.shrinkage import joint_rates


def one_campaign(accepted, n, cost=3.0, revenue=11.0):
    outcome = OutcomeInfo("yes", "Yes", "g", "G", "flags", cost, revenue)
    plain = OutcomeInfo("spend", "Spend", "s", "S", "amounts")
    n, accepted = np.array(n), np.array(accepted, float)
    both = np.column_stack([accepted, accepted * 7])
    table = PatternTable(
        features=(),
        codes=as_codes(np.zeros((len(n), 0))),
        counts=n,
        outcomes=(outcome, plain),
        n_values=np.column_stack([n, n]),
        sums=both,
        squares=both,
        origins=np.zeros(2),
    )
    return SegmentedPatterns(table, np.arange(len(n)), len(n))


def campaign(accepted, n, cost=3.0, revenue=11.0):
    made = one_campaign(accepted, n, cost, revenue)
    return targeting_table(made, outcome_table(made))


def test_decisions_by_the_interval_and_the_break_even():
    table = campaign([400, 100, 137, 0, 0], [1_000, 1_000, 500, 10, 0])
    assert table["decision"].tolist() == ["contact", "leave out", "unclear", "unclear", "unclear"]
    assert set(table["break_even"]) == {3 / 11}
    assert table["outcome"].unique().tolist() == ["yes"]
    assert table["segment"].tolist() == [1, 2, 3, 4, 5]


def test_profit_is_revenue_less_cost():
    row = campaign([400, 100], [1_000, 1_000]).iloc[0]
    assert row["profit_per_contact"] == pytest.approx(11 * 0.4 - 3)
    assert row["profit"] == pytest.approx(400 * 11 - 1_000 * 3)
    assert row["profit_low"] == pytest.approx(11 * row["low"] - 3)
    assert row["profit_high"] == pytest.approx(11 * row["high"] - 3)


def test_without_costs_there_is_nothing_to_decide():
    table = campaign([1, 2], [10, 10], cost=None, revenue=None)
    assert len(table) == 0
    assert "decision" in table


def gains(accepted, n, cost=3.0, revenue=11.0):
    return gains_table(one_campaign(accepted, n, cost, revenue))


def test_the_shrunken_rate_decides_on_the_best_set():
    table = campaign([400, 100, 137, 3], [1_000, 1_000, 500, 10])
    assert table["rate"].gt(3 / 11).tolist() == [True, False, True, True]
    assert table["is_in_best_set"].tolist() == (table["shrunken_rate"] > 3 / 11).tolist()
    assert table["expected_profit"].to_numpy() == pytest.approx(
        (table["n"] * (11 * table["shrunken_rate"] - 3)).to_numpy()
    )
    assert (table["expected_low"] < table["expected_profit"]).all()
    assert (table["expected_profit"] < table["expected_high"]).all()
    assert table["probability_pays"].iloc[:2].round(3).tolist() == [1, 0]


def test_gains_add_segments_up_from_the_best():
    table = gains([100, 400, 0], [1_000, 1_000, 500])
    assert table["segment"].tolist() == [2, 1, 3]
    assert table["n"].tolist() == [1_000, 2_000, 2_500]
    assert table["share"].tolist() == [0.4, 0.8, 1]
    assert table["acceptances"].tolist() == [400, 500, 500]
    assert table["share_of_acceptances"].tolist() == [0.8, 1, 1]
    assert table["is_best"].tolist() == [True, False, False]
    assert table["profit"].iloc[0] == pytest.approx(1_000 * (11 * 0.4 - 3), rel=0.02)
    assert (table["profit_low"] < table["profit"]).all()
    assert table["held_out_profit"].isna().all()


def test_no_step_is_best_where_no_segment_pays():
    assert not gains([100, 50], [1_000, 1_000])["is_best"].any()


def test_gains_without_money_have_shares_and_no_profit():
    table = gains([100, 400], [1_000, 1_000], cost=None, revenue=None)
    assert table["share_of_acceptances"].tolist() == [0.8, 1]
    assert table[["profit", "profit_low", "profit_high"]].isna().all(axis=None)


def test_the_other_half_of_the_customers_is_contacted():
    """Where the halves disagree on the order, the held-out step takes the wrong segment first in both."""
    made = one_campaign([60, 60], [200, 200])
    counts = np.full((2, 2), 100.0)
    sums = np.array([[50.0, 10.0], [10.0, 50.0]])[:, :, None].repeat(2, axis=2)
    folds = FoldSums(counts, counts[:, :, None].repeat(2, axis=2), sums, sums)
    table = gains_table(replace(made, patterns=replace(made.patterns, folds=folds)))
    assert table["held_out_share"].tolist() == [0.5, 1]
    assert table["held_out_share_of_acceptances"].tolist() == pytest.approx([20 / 120, 1])
    assert table["held_out_profit"].tolist() == pytest.approx([11 * 20 - 3 * 200, 11 * 120 - 3 * 400])
    # each half chooses the segment that is the worse one in the other half
    assert table["held_out_set_profit"].tolist() == pytest.approx([11 * 20 - 3 * 200] * 2)


def test_a_half_that_sees_no_segment_pay_contacts_nobody():
    made = one_campaign([60, 4], [200, 200])
    counts = np.full((2, 2), 100.0)
    sums = np.array([[50.0, 10.0], [2.0, 2.0]])[:, :, None].repeat(2, axis=2)
    folds = FoldSums(counts, counts[:, :, None].repeat(2, axis=2), sums, sums)
    table = gains_table(replace(made, patterns=replace(made.patterns, folds=folds)))
    # the first half (50 %) has the first segment contacted in the second, where 10 accept; the second has none
    assert table["held_out_set_profit"].tolist() == pytest.approx([11 * 10 - 3 * 100] * 2)
    assert table["held_out_profit"].iloc[0] == pytest.approx(11 * 60 - 3 * 200)


def test_the_rate_of_a_set_is_that_of_draws_of_its_segments():
    """A set's rate is uncertain as a whole: its segments share the error of the common rate."""
    accepted, n = np.array([30.0, 21, 24, 26]), np.array([327.0, 300, 300, 319])
    joint = joint_rates(accepted, n)
    order = np.argsort(-joint.single.mean)
    rng = np.random.default_rng(1)
    part = rng.choice(len(joint.weight), 200_000, p=joint.weight)
    drawn = rng.beta(joint.parts.a[part], joint.parts.b[part])[:, order]
    rates = np.cumsum(n[order] * drawn, axis=1) / np.cumsum(n[order])
    sets = joint.of_sets(order, n)
    np.testing.assert_allclose(sets.mean, rates.mean(axis=0), rtol=3e-3)
    np.testing.assert_allclose(np.sqrt(sets.variance), rates.std(axis=0), rtol=0.01)
    alone = joint.single.variance[order] * n[order] ** 2
    assert sets.variance[-1] > 1.1 * alone.sum() / n.sum() ** 2


@pytest.mark.parametrize("n_campaigns", [1, 5])
def test_no_set_is_named_where_all_rates_are_the_break_even(n_campaigns):
    """In at most 5 % of tables; 18 of 200 or more would have a chance of 2 %."""
    rng = np.random.default_rng(5)
    n = 50 + rng.multinomial(4_600, np.full(8, 1 / 8), size=200)
    is_named = [
        any(_naming(rng.binomial(size, 3 / 11), size, n_campaigns) for _ in range(n_campaigns)) for size in n
    ]
    assert np.mean(is_named) < 0.09


def _naming(accepted, n, n_campaigns):
    joint = joint_rates(accepted.astype(float), n.astype(float))
    order = np.argsort(-joint.single.mean)
    sets, size = joint.of_sets(order, n), np.cumsum(n[order])
    profit = size * (sets.mean - 3 / 11)
    best = profit.argmax()
    return naming_of(profit[best] / (size * np.sqrt(sets.variance))[best], n_campaigns).is_named


def test_the_profit_told_is_the_true_one_on_average_although_only_lucky_sets_are_named():
    """True scores from 1 to 4 with a normal error: told and true are alike over those that are named, and intervals hold."""
    rng = np.random.default_rng(2)
    true = rng.uniform(0.5, 4.5, 3_000)
    seen = true + rng.standard_normal(3_000)
    made = [(naming_of(score, 1), score, t) for score, t in zip(seen, true, strict=True)]
    told = np.array([(score - naming.down, t) for naming, score, t in made if naming.is_named])
    assert told[:, 0].mean() == pytest.approx(told[:, 1].mean(), rel=0.06)
    assert seen[seen > 1.96].mean() > 1.1 * true[seen > 1.96].mean()
    held = [
        naming.below >= score - t and t - score <= naming.above
        for naming, score, t in made
        if naming.is_named
    ]
    assert np.mean(held) > 0.93


def test_a_set_that_may_pay_by_luck_is_not_named():
    table = gains([32, 20, 24], [100, 100, 100])
    assert table["profit"].iloc[0] > 0 > table["profit_low"].iloc[0]
    assert not table["is_best"].any()
    assert not campaign([32, 20, 24], [100, 100, 100])["is_in_best_set"].any()


def test_held_out_gains_of_equal_halves_are_those_of_all(case):
    p = case.patterns
    halves = [np.stack([a / 2, a / 2], axis=1) for a in (p.counts, p.weight_of_values, p.sums, p.squares)]
    table = gains_table(SegmentedPatterns(replace(p, folds=FoldSums(*halves)), case.labels, 3))
    first = table[table["outcome"] == "first"]
    assert first["held_out_share"].tolist() == pytest.approx(first["share"].tolist())
    assert first["held_out_share_of_acceptances"].tolist() == pytest.approx(
        first["share_of_acceptances"].tolist()
    )
