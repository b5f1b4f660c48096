"""The headline outcome that a draft is asked for: compared first, never a feature."""

from __future__ import annotations

import pandas as pd
import pytest

import segmentry as sg
from recipes import few_segments
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=1_500, seed=4)


def columns_of(feature: object) -> str:
    return f"{getattr(feature, 'column', '')} {getattr(feature, 'sql', '')}"


@pytest.mark.parametrize(
    ("target", "role"),
    [
        ("Response", "flags"),
        ("MntWines", "amounts"),
        ("NumWebPurchases", "counts"),
        ("Income", "amounts"),
        ("Kidhome", "amounts"),
    ],
)
def test_it_is_a_group_of_its_own_the_first_and_no_feature(target: str, role: str) -> None:
    draft = sg.draft(ROWS, target=target)
    assert [[c.name for c in g.columns] for g in draft.outcomes if target in {c.name for c in g.columns}] == [
        [target]
    ]
    assert ([c.name for c in draft.outcomes[0].columns], draft.outcomes[0].role) == ([target], role)
    assert [f.name for f in draft.features if target in columns_of(f)] == []
    assert "# The headline outcome, as asked" in draft.text
    result = sg.run(ROWS, few_segments(draft), segments=2)
    assert set(result.outcomes["outcome"][:1]) == {target}


def test_without_a_target_nothing_changes() -> None:
    assert sg.draft(ROWS).text == sg.draft(ROWS, target=None).text
    assert "headline" not in sg.draft(ROWS).text


def test_of_two_values_the_rarer_is_the_yes() -> None:
    churned = ROWS["Response"].map({1: "left", 0: "stayed"})
    draft = sg.draft(ROWS.drop(columns="Response").assign(Churn=churned), "Churn")
    group = draft.outcomes[0]
    assert (group.role, group.columns[0].sql, group.campaign) == ("flags", "Churn = 'left'", False)
    assert "left is read as yes" in draft.text
    rate = sg.check(ROWS.assign(Churn=churned), draft).outcomes[0].mean
    assert rate == pytest.approx(ROWS["Response"].mean())


def test_amounts_that_are_stored_as_text_are_read_as_numbers() -> None:
    texts = ROWS["MntWines"].astype(str) + ".5"
    draft = sg.draft(ROWS.assign(MntWines=texts), "MntWines")
    found = sg.check(ROWS.assign(MntWines=texts), draft).outcomes[0]
    assert (found.role, found.mean) == ("amounts", pytest.approx(ROWS["MntWines"].mean() + 0.5))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("Respnse", "target 'Respnse': no such column; did you mean 'Response'?"),
        (
            "ID",
            "target 'ID': segments cannot be compared on it: it tells customers apart; name a column of numbers",
        ),
        (
            "Education",
            "target 'Education': segments cannot be compared on it: it has 5 different values that are no numbers",
        ),
        ("same", "target 'same': segments cannot be compared on it: no two of its values differ"),
        ("empty", "target 'empty': segments cannot be compared on it: no two of its values differ"),
        ("huge", "target 'huge': segments cannot be compared on it: it has infinite values"),
    ],
)
def test_what_cannot_be_compared_is_refused(target: str, message: str) -> None:
    huge = [float("inf"), *range(len(ROWS) - 1)]
    data = ROWS.assign(same=1, empty=pd.Series([None] * len(ROWS), dtype="float64"), huge=huge)
    with pytest.raises(sg.DataError) as caught:
        sg.draft(data, target)
    assert str(caught.value).startswith(message)


def test_customers_made_of_transactions_are_compared_on_what_they_spent() -> None:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(range(600), unit="D")
    orders = pd.DataFrame(
        {
            "customer_id": [i % 90 for i in range(600)],
            "order_id": range(600),
            "order_date": days,
            "amount": [5.0 + i % 37 for i in range(600)],
        }
    )
    made = sg.draft(orders)
    spend = next(f.column for f in made.features if "amount" in str(f.column) or "spen" in str(f.column))
    draft = sg.draft(orders, spend)
    assert [c.name for c in draft.outcomes[0].columns] == [spend]
    assert spend not in {f.column for f in draft.features}
