"""Whom a campaign pays to contact: from cost and revenue to profit per segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmentry.patterns import PatternTable

if TYPE_CHECKING:
    import pandas as pd


def targeting_table(patterns: PatternTable, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Expected profit of contacting each segment, for the campaigns with a cost and a revenue.

    Parameters
    ----------
    patterns
        The pattern table, whose outcomes know their cost per contact and revenue per acceptance.
    outcomes
        What `outcome_table` made of it.

    Returns
    -------
    DataFrame
        One row per segment and campaign: ``rate`` with ``low`` and ``high``; ``break_even``, the rate at
        which a contact earns its cost; ``profit_per_contact`` with its interval, and ``profit`` from
        contacting the whole segment; ``decision``: contact (the whole interval is above the break-even),
        leave out (below), or unclear.
    """
    import pandas as pd

    rows = []
    for outcome in patterns.outcomes:
        cost, revenue = outcome.cost_per_contact, outcome.revenue_per_acceptance
        if cost is None or revenue is None:
            continue
        for row in outcomes[outcomes["outcome"] == outcome.name].itertuples():
            rate, low, high = row.value, row.low, row.high
            per_contact = [revenue * r - cost for r in (rate, low, high)]
            rows.append(
                (row.segment, outcome.name, row.n, rate, low, high, cost / revenue, *per_contact,
                 per_contact[0] * row.n, _decision(low, high, cost / revenue))
            )  # fmt: skip
    columns = [
        "segment", "outcome", "n", "rate", "low", "high", "break_even",
        "profit_per_contact", "profit_low", "profit_high", "profit", "decision",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _decision(low: float, high: float, break_even: float) -> str:
    if low > break_even:
        return "contact"
    return "leave out" if high < break_even else "unclear"
