"""Purchases as shops export them: dates with months in words, amounts with a currency, columns that say nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import segmentry as sg
from segmentry.drafting import Draft

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
N_CUSTOMERS, FIRST = 120, date(2023, 1, 1)


def bought(i: int) -> list[tuple[date, float]]:
    """What customer i bought: a day and an amount, once to four times."""
    return [
        (FIRST + timedelta(days=(37 * i + 61 * j) % 700), 5.25 * (1 + (i * 7 + j) % 400))
        for j in range(1 + i % 4)
    ]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    lines = ["Customer,Order date,Amount,Clerk"]
    for i in range(N_CUSTOMERS):
        for day, amount in bought(i):
            written = f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year % 100}"
            lines.append(f'{i:05},{written},"${amount:,.2f}","{i} of {amount}"')
    path = tmp_path / "orders.csv"
    path.write_text("Order report\n\n" + "\n".join(lines))
    return path


@pytest.fixture
def drafted(orders: Path) -> Draft:
    return sg.draft(orders)


def test_recency_frequency_and_spend_form_the_segments(drafted: Draft, orders: Path) -> None:
    assert [f.name for f in drafted.features] == ["days_since_purchase", "purchase_days", "spend"]
    assert drafted.source.dates == {"Order date": "%d-%b-%y"}
    compared = sg.draft(orders, outcomes=["spend"])
    assert [f.name for f in compared.features] == ["days_since_purchase", "purchase_days"]
    assert "how recently and how often customers bought, in fifths" in compared.text.replace("\n# ", " ")


def test_no_purchase_and_no_amount_is_lost(orders: Path) -> None:
    found = sg.collect(orders, sg.draft(orders, outcomes=["spend"]))
    assert found.n_customers == N_CUSTOMERS
    assert found.sums[:, 0].sum() == pytest.approx(
        sum(amount for i in range(N_CUSTOMERS) for _, amount in bought(i))
    )


def test_columns_that_the_query_leaves_out_are_named(drafted: Draft) -> None:
    assert "# Not in the query: Clerk." in drafted.text
