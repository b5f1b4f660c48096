"""Which segments a campaign should contact: profit per segment, the best set, and the gain of each further segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import OutcomeInfo
from segmentry.profiling.quotients import quotient
from segmentry.profiling.ranking import Acceptances, BetaRates, acceptances_of, shrunken_rates
from segmentry.profiling.segmented import SegmentedPatterns

if TYPE_CHECKING:
    import pandas as pd

TARGETING_COLUMNS = (
    "segment", "outcome", "n", "rate", "low", "high", "break_even",
    "profit_per_contact", "profit_low", "profit_high", "profit", "decision",
    "shrunken_rate", "expected_profit", "expected_low", "expected_high", "probability_pays", "is_in_best_set",
)  # fmt: skip
GAINS_COLUMNS = (
    "outcome", "step", "segment", "n", "share", "acceptances", "share_of_acceptances",
    "profit", "profit_low", "profit_high",
    "held_out_share", "held_out_share_of_acceptances", "held_out_profit", "held_out_set_profit", "is_best",
)  # fmt: skip
Decision = Literal["contact", "leave out", "unclear"]
_TAIL = 0.025


def targeting_table(segmented: SegmentedPatterns, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Compute the expected profit of contacting each segment, for the campaigns with a cost and a revenue.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments.
    outcomes
        Table that `outcome_table` made of it.

    Returns
    -------
    DataFrame
        One row per segment and campaign: ``rate`` with ``low`` and ``high``; ``break_even``, the rate at
        which a contact earns its cost; ``profit_per_contact`` with its interval, and ``profit`` from
        contacting the whole segment; ``decision``: contact (the whole interval is above the break-even),
        leave out (below), or unclear. By the shrunken rate, which is not biased for the segment that looks
        best: ``shrunken_rate``, ``expected_profit`` of the whole segment with a 95 % interval ``expected_low``
        to ``expected_high``, ``probability_pays``, the probability of a rate above the break-even, and
        ``is_in_best_set``, whether the expected profit is above 0.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for j, outcome in enumerate(segmented.patterns.outcomes):
        cost, revenue = outcome.cost_per_contact, outcome.revenue_per_acceptance
        if cost is None or revenue is None:
            continue
        found = acceptances_of(segmented, j)
        rates = found.shrunken
        for row in outcomes[outcomes["outcome"] == outcome.name].itertuples():
            rate, low, high = row.value, row.low, row.high
            per_contact = [revenue * r - cost for r in (rate, low, high)]
            rows.append(
                (row.segment, outcome.name, row.n, rate, low, high, cost / revenue, *per_contact,
                 per_contact[0] * row.n, _decision(low, high, cost / revenue),
                 *_expected_profit(rates, found, int(row.segment) - 1, cost, revenue))
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(TARGETING_COLUMNS))


def _expected_profit(
    rates: BetaRates, found: Acceptances, s: int, cost: float, revenue: float
) -> tuple[float, float, float, float, float, bool]:
    n, mean = float(found.customers[s]), float(rates.mean[s])
    at = (mean, float(rates.quantile(_TAIL)[s]), float(rates.quantile(1 - _TAIL)[s]))
    expected, low, high = (n * (revenue * r - cost) for r in at)
    return mean, expected, low, high, float(rates.above(cost / revenue)[s]), expected > 0


def _decision(low: float, high: float, break_even: float) -> Decision:
    if low > break_even:
        return "contact"
    return "leave out" if high < break_even else "unclear"


def gains_table(segmented: SegmentedPatterns) -> pd.DataFrame:
    """Compute the gains of contacting one segment after the other, the best first; checked on held-out customers.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments; the check needs its sums by fold.

    Returns
    -------
    DataFrame
        One row per campaign (a flag that the recipe does not except) and step: the ``segment`` that the step adds
        (in the order of the shrunken rates), and for all segments so far ``n`` customers, their ``share``,
        ``acceptances``, ``share_of_acceptances``; where cost and revenue are known the expected ``profit`` by
        shrunken rates with its 95 % interval ``profit_low`` to ``profit_high``, and ``is_best``, the step of the
        highest profit (none where no segment pays). ``held_out_share``, ``held_out_share_of_acceptances``,
        ``held_out_profit``: the same where one half of the customers sets the order and the other half is
        contacted, added up over both directions. ``held_out_set_profit``, equal in all rows of a campaign: the
        profit where the first half also chooses the set of segments.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for j, outcome in enumerate(segmented.patterns.outcomes):
        if outcome.is_campaign:
            rows += _gain_steps(segmented, j)
    return pd.DataFrame(rows, columns=list(GAINS_COLUMNS))


def _gain_steps(segmented: SegmentedPatterns, j: int) -> list[tuple[object, ...]]:
    outcome = segmented.patterns.outcomes[j]
    found = acceptances_of(segmented, j)
    rates = found.shrunken
    order = np.argsort(-rates.mean, kind="stable")
    customers = found.customers[order]
    accepted = (np.nan_to_num(found.rate) * found.customers)[order]
    n, taken = np.cumsum(customers), np.cumsum(accepted)
    profit, low, high = _profit(outcome, rates.mean[order], rates.variance[order], customers)
    best = int(profit.argmax()) if np.isfinite(profit).any() and profit.max() > 0 else -1
    shares = (quotient(n, n[-1]), taken, quotient(taken, taken[-1]))
    figures = (*shares, profit, low, high, *_held_out_gains(segmented, j))
    return [
        (outcome.name, i + 1, int(order[i]) + 1, int(n[i]), *(float(v[i]) for v in figures), i == best)
        for i in range(segmented.n_segments)
    ]


def _profit(
    outcome: OutcomeInfo, rate: Floats, variance: Floats, customers: Floats
) -> tuple[Floats, Floats, Floats]:
    """Expected profit of the segments so far, with its 95 % interval; missing without cost and revenue.

    The rate of a set is taken as beta distributed, with the mean and the variance that follow from its segments.
    """
    cost, revenue = outcome.cost_per_contact, outcome.revenue_per_acceptance
    if cost is None or revenue is None:
        nothing = np.full(len(customers), np.nan)
        return nothing, nothing, nothing
    n = np.cumsum(customers)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_set = BetaRates.of(np.cumsum(customers * rate) / n, np.cumsum(customers**2 * variance) / n**2)
        at = (of_set.mean, of_set.quantile(_TAIL), of_set.quantile(1 - _TAIL))
    expected, low, high = (np.nan_to_num(n * (revenue * r - cost)) for r in at)
    return expected, low, high


def _held_out_gains(segmented: SegmentedPatterns, j: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Per step share of customers, share of acceptances and profit, by the order of the other half; profit of its set."""
    patterns, n_segments = segmented.patterns, segmented.n_segments
    folds, outcome = patterns.usable_folds, patterns.outcomes[j]
    nothing = np.full(n_segments, np.nan)
    if folds is None:
        return nothing, nothing, nothing, nothing
    cost, revenue = outcome.cost_per_contact, outcome.revenue_per_acceptance
    break_even = np.nan if cost is None or revenue is None else cost / revenue
    contacted, accepted = (
        np.ascontiguousarray(segmented.sum_by_segment(values[:, :, j]).T)
        for values in (folds.value_weights, folds.sums)
    )
    # under survey weights a half's weight stands for as many customers as the whole table's does
    scale = float(quotient(patterns.n_values[:, j].sum(), contacted.sum()))
    known = scale * patterns.fold_share  # rates are as certain as the customers in the halves make them
    n, taken, of_set = np.zeros(n_segments), np.zeros(n_segments), np.zeros(2)
    for f in range(folds.n_folds):
        others = [i for i in range(folds.n_folds) if i != f]
        learned = shrunken_rates(known * accepted[others].sum(axis=0), known * contacted[others].sum(axis=0))
        order = np.argsort(-learned.mean, kind="stable")
        n += scale * np.cumsum(contacted[f][order])
        taken += scale * np.cumsum(accepted[f][order])
        pays = learned.mean > break_even
        of_set += scale * np.array([accepted[f][pays].sum(), contacted[f][pays].sum()])
    profit, set_profit = nothing, nothing
    if cost is not None and revenue is not None:
        profit = revenue * taken - cost * n
        set_profit = np.full(n_segments, revenue * of_set[0] - cost * of_set[1])
    return quotient(n, n[-1]), quotient(taken, taken[-1]), profit, set_profit
