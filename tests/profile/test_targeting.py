import numpy as np
import pytest

from segmentry.patterns import OutcomeInfo, PatternTable, as_codes
from segmentry.profile import outcome_table, targeting_table


def campaign(accepted, n, cost=3.0, revenue=11.0):
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
    labels = np.arange(len(n))
    return targeting_table(table, labels, len(n), outcome_table(table, labels, len(n)))


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
