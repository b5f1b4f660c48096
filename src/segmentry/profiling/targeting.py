"""Which segments a campaign should contact: profit per segment, the best set, and the gain of each further segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from segmentry.arrays import Floats, Integers
from segmentry.profiling.intervals import wilson_interval
from segmentry.profiling.naming_sets import LEVEL as _TAIL
from segmentry.profiling.naming_sets import REACH as _REACH
from segmentry.profiling.naming_sets import naming_of
from segmentry.profiling.quotients import quotient
from segmentry.profiling.ranking import acceptances_of
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.shrinkage import shrunken_rates

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
        One row per segment and campaign: ``rate`` with ``low`` and ``high``, an interval that holds for the segment
        that looks best, too (`Acceptances.interval`); ``break_even``, the rate at which a contact earns its cost;
        ``profit_per_contact`` with its interval, and ``profit`` from contacting the whole segment; ``decision``: contact
        (the whole interval is above the break-even), leave out (below), or unclear. By the shrunken rate, which is not
        biased for the segment that looks best: ``shrunken_rate``, ``expected_profit`` of the whole segment with a 95 %
        interval ``expected_low`` to ``expected_high``, ``probability_pays``, the probability of a rate above the
        break-even, and ``is_in_best_set``, whether the segment belongs to the set that the gains name.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for j, outcome in enumerate(segmented.patterns.outcomes):
        cost, revenue = outcome.cost_per_contact, outcome.revenue_per_acceptance
        if cost is None or revenue is None:
            continue
        found = acceptances_of(segmented, j)
        rates = found.joint.single
        low, high = found.interval(rates)
        named = named_segments(segmented, j)
        for row in outcomes[outcomes["outcome"] == outcome.name].itertuples():
            s = int(row.segment) - 1
            ends = float(low[s]), float(high[s])
            per_contact = [revenue * r - cost for r in (row.value, *ends)]
            expected = [
                float(found.customers[s]) * (revenue * r - cost) for r in (float(rates.mean[s]), *ends)
            ]
            rows.append(
                (row.segment, outcome.name, row.n, row.value, *ends, cost / revenue, *per_contact,
                 per_contact[0] * row.n, decision_of(*ends, cost / revenue), float(rates.mean[s]), *expected,
                 float(rates.above(cost / revenue)[s]), s in named)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(TARGETING_COLUMNS))


def decision_of(low: float, high: float, break_even: float) -> Decision:
    """Decide on a segment by the interval of its rate."""
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
        the joint posterior of the rates with its 95 % interval ``profit_low`` to ``profit_high``, and ``is_best``,
        the last step of the set that is named: the most profitable one, where it pays beyond chance (`naming_of`). Where
        one is named, the profits are those given that it was: they and their intervals are lower than before. ``held_out_share``, ``held_out_share_of_acceptances``,
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
    found = acceptances_of(segmented, j)
    name, earned = segmented.patterns.outcomes[j].name, _earned(segmented, j)
    order = earned.order
    accepted = (np.nan_to_num(found.rate) * found.customers)[order]
    n, taken = np.cumsum(found.customers[order]), np.cumsum(accepted)
    shares = (quotient(n, n[-1]), taken, quotient(taken, taken[-1]))
    figures = (*shares, earned.profit, earned.low, earned.high, *_held_out_gains(segmented, j))
    return [
        (name, i + 1, int(order[i]) + 1, int(n[i]), *(float(v[i]) for v in figures), i == earned.best)
        for i in range(segmented.n_segments)
    ]


@dataclass(frozen=True)
class _Earned:
    """Profit of the segments so far with its 95 % interval, missing without cost and revenue; the step of the set, or -1."""

    order: Integers
    profit: Floats
    low: Floats
    high: Floats
    best: int


def named_segments(segmented: SegmentedPatterns, j: int) -> set[int]:
    """Return the segments of the set that is named for a campaign, given by its position: the most profitable one, where it pays beyond chance."""
    earned = _earned(segmented, j)
    return set(earned.order[: earned.best + 1].tolist())


def _earned(segmented: SegmentedPatterns, j: int) -> _Earned:
    """Value the sets of the first segments by the joint posterior of their rates, and name the best one where it pays."""
    outcomes = segmented.patterns.outcomes
    found = acceptances_of(segmented, j)
    joint = found.joint
    order = np.argsort(-joint.single.mean, kind="stable")
    cost, revenue = outcomes[j].cost_per_contact, outcomes[j].revenue_per_acceptance
    if cost is None or revenue is None:
        nothing = np.full(len(order), np.nan)
        return _Earned(order, nothing, nothing, nothing, -1)
    sets, n = joint.of_sets(order, found.customers), np.cumsum(found.customers[order])
    profit, error = n * (revenue * sets.mean - cost), n * revenue * np.sqrt(sets.variance)
    best = int(profit.argmax())
    n_campaigns = sum(o.cost_per_contact is not None and o.is_campaign for o in outcomes)
    naming = naming_of(float(quotient(profit[best], error[best], 0.0)), n_campaigns)
    low, high = (n * (revenue * r - cost) for r in (sets.quantile(_TAIL), sets.quantile(1 - _TAIL)))
    known, hits = np.cumsum(found.n[order]), np.cumsum(found.accepted[order])
    plain_low, plain_high = (
        n * (revenue * r - cost) for r in wilson_interval(quotient(hits, known, 0.0), known)
    )
    return _Earned(
        order,
        profit - naming.down * error,
        np.minimum(low - (naming.below - _REACH) * error, plain_low),
        np.maximum(high + (naming.above - _REACH) * error, plain_high),
        best if naming.is_named else -1,
    )


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
