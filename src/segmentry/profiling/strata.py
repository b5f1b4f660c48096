"""Whether differences hold within strata, or come from who is in the segment (Simpson's paradox)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import special
from scipy.sparse import csr_array

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable
from segmentry.profiling.intervals import ALPHA, CONFIDENCE, adjust_by_holm
from segmentry.profiling.moments import moments_of
from segmentry.profiling.quotients import quotient
from segmentry.profiling.rows import rows_of
from segmentry.profiling.segmented import SegmentedPatterns

if TYPE_CHECKING:
    import pandas as pd

LEAST_CUSTOMERS = 10
"""A stratum counts where both the segment and the rest have this many customers with a value."""
COMPARABLE = 0.5
"""A difference is judged where strata with enough customers hold this share of the segment."""
StrataFinding = Literal["holds", "vanishes", "reversed", "unclear", "not comparable", ""]
STRATA_COLUMNS = (
    "segment", "group", "outcome", "role", "feature", "difference", "standardised", "standardised_low",
    "standardised_high", "p_value", "p_adjusted", "mantel_haenszel", "n_strata", "n_opposite", "comparable_share", "finding",
)  # fmt: skip


def strata_table(
    segmented: SegmentedPatterns,
    outcomes: pd.DataFrame,
    strata: Sequence[str] = (),
    effects: Floats | None = None,
) -> pd.DataFrame:
    """Recompute every difference from the rest within the levels of features.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments.
    outcomes
        Table that `outcome_table` made of them.
    strata
        Names of the features whose levels are the strata; by default all features.
    effects
        (n_segments, n_outcomes) design effects of the differences; by default `difference_effects` of `segmented`.

    Returns
    -------
    DataFrame
        One row per segment, outcome and feature: ``difference`` as in the table of outcomes;
        ``standardised``, the mean over strata of the difference between the segment and the rest, weighted
        by all customers of the stratum (direct standardisation), with its 95 % interval; ``p_value`` of it, and
        ``p_adjusted`` for all segments and outcomes within the levels of this feature (Holm 1979);
        ``mantel_haenszel``, for flags, the ratio of rates over strata (Mantel & Haenszel 1959); ``n_strata``,
        the strata with enough customers on both sides, ``n_opposite``, those of them with a difference of the
        other sign, ``comparable_share``, the share of the segment's customers in them; ``finding`` for differences that the
        table of outcomes claims: *holds*, or is *reversed*, where ``p_adjusted`` is below 0.05; *vanishes* where it is not and
        the difference lies outside the interval; else *unclear*; *not comparable* where the strata hold too few of the segment.
    """
    import pandas as pd

    features = segmented.patterns.features
    named = [f.name for f in features]
    chosen = [named.index(name) for name in strata] or range(len(named))
    effects = difference_effects(segmented) if effects is None else effects
    frames = [
        _within_levels(segmented, j, effects).assign(feature=named[j])
        for j in chosen
        if len(features[j].levels) > 1 and len(outcomes) and segmented.n_segments > 1
    ]
    if not frames:
        return pd.DataFrame(columns=list(STRATA_COLUMNS))
    known = outcomes[["segment", "group", "outcome", "role", "difference"]]
    known = known.assign(is_claimed=outcomes["p_adjusted"] < ALPHA)  # a missing p-value is not significant
    table = pd.concat(frames).merge(known, on=["segment", "outcome"])
    table["finding"] = [_judge_difference(row) if row["is_claimed"] else "" for row in rows_of(table)]
    return table[list(STRATA_COLUMNS)]


def difference_effects(segmented: SegmentedPatterns) -> Floats:
    """By how much the sample's weights, strata and clusters raise the variance of differences from the rest.

    Customers of one cluster are on both sides, so that much of what a mean varies with its clusters is not in a difference.

    Returns
    -------
    ndarray (n_segments, n_outcomes)
        At least 1, as intervals of differences never count more customers than there are. Missing where the customers with a value, of the
        segment or of the rest, are in too few clusters to tell; by the weights alone where the design is not known, or no value differs.
    """
    patterns = segmented.patterns
    by_weights = patterns.n_customers / patterns.n_effective
    effects = np.full((segmented.n_segments, len(patterns.outcomes)), by_weights)
    for j in range(len(patterns.outcomes)):
        moments = moments_of(segmented, j)
        if moments.design is None:
            continue
        sides, between = (moments.segments(), moments.rest().segments()), moments.design.between
        simple = np.add(*(quotient(side.spread, side.customers - 1) for side in sides))
        found = np.maximum(quotient(between, simple, by_weights), 1.0)
        effects[:, j] = np.where(np.isnan(between), np.nan, found)
    return effects


def _within_levels(segmented: SegmentedPatterns, j: int, effects: Floats) -> pd.DataFrame:
    """The differences of every segment and outcome within the levels of one feature."""
    import pandas as pd

    patterns, n_segments = segmented.patterns, segmented.n_segments
    mine = _sums_by_level(segmented, j)
    everyone = {name: values.sum(axis=0) for name, values in mine.items()}
    rest = {name: everyone[name] - values for name, values in mine.items()}
    weight = np.where(_has_enough(mine, rest), everyone["weight"], 0.0)
    share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.where(weight > 0, _mean_of(mine) - _mean_of(rest), 0.0)
        parts = [np.where(weight > 0, _squared_error(s, patterns, effects), 0.0) for s in (mine, rest)]
        p_value = _p_values(share, gap, (mine, rest), patterns, effects)
        ratio = _mantel_haenszel(mine, rest, weight > 0)
        known = mine["customers"].sum(axis=1)
        comparable = np.where(weight > 0, mine["customers"], 0.0).sum(axis=1) / known
    n_strata = (weight > 0).sum(axis=1)
    standardised = np.where(n_strata > 0, (share * gap).sum(axis=1), np.nan)
    reach = special.ndtri((1 + CONFIDENCE) / 2) * np.sqrt((share**2 * (parts[0] + parts[1])).sum(axis=1))
    flags = np.array([o.role == "flags" for o in patterns.outcomes])
    opposite = ((gap * standardised[:, None] < 0) & (weight > 0)).sum(axis=1)
    columns: dict[str, Any] = {
        "standardised": standardised,
        "standardised_low": standardised - reach,
        "standardised_high": standardised + reach,
        "p_value": p_value,
        "p_adjusted": adjust_by_holm(np.where(comparable >= COMPARABLE, p_value, np.nan)),
        "mantel_haenszel": np.where(flags, ratio, np.nan),
        "n_strata": n_strata,
        "n_opposite": opposite,
        "comparable_share": comparable,
    }
    names = [o.name for o in patterns.outcomes]
    return pd.DataFrame(
        {
            "segment": np.repeat(np.arange(1, n_segments + 1), len(names)),
            "outcome": np.tile(names, n_segments),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def _sums_by_level(segmented: SegmentedPatterns, j: int) -> dict[str, Floats]:
    """(n_segments, n_levels, n_outcomes) sums of customers, weights, values and squares."""
    patterns, labels, n_segments = segmented.patterns, segmented.labels, segmented.n_segments
    n_levels = len(patterns.features[j].levels)
    codes = np.asarray(patterns.codes[:, j])
    known = np.flatnonzero(codes >= 0)
    cells = labels[known] * n_levels + codes[known]
    members = csr_array((np.ones(len(known)), (cells, known)), (n_segments * n_levels, len(codes)))
    arrays = {
        "customers": patterns.n_values,
        "weight": patterns.weight_of_values,
        "total": patterns.sums,
        "squares": patterns.squares,
    }
    shape = (n_segments, n_levels, len(patterns.outcomes))
    return {name: np.asarray(members @ values).reshape(shape) for name, values in arrays.items()}


def _has_enough(mine: dict[str, Floats], rest: dict[str, Floats]) -> Any:
    return (mine["customers"] >= LEAST_CUSTOMERS) & (rest["customers"] >= LEAST_CUSTOMERS)


def _mean_of(side: dict[str, Floats]) -> Floats:
    return np.asarray(side["total"] / side["weight"])


def _squared_error(side: dict[str, Floats], patterns: PatternTable, effects: Floats) -> Floats:
    """Squared standard error of the mean, times the design effect of the difference without strata."""
    about = side["squares"] - side["weight"] * (_mean_of(side) - patterns.origins) ** 2
    spread = np.maximum(about, 0.0) / side["weight"]
    return np.asarray(effects[:, None] * spread / (side["customers"] - 1))


def _p_values(
    share: Floats,
    gap: Floats,
    sides: tuple[dict[str, Floats], dict[str, Floats]],
    patterns: PatternTable,
    effects: Floats,
) -> Floats:
    """(n_segments, n_outcomes) p-values of the standardised difference by t with the degrees of freedom of Welch (1947).

    Of flags one acceptance and one refusal are added to every cell (Agresti & Caffo 2000): a stratum in which nobody accepted
    is not certain.
    """
    flags = np.array([o.role == "flags" for o in patterns.outcomes])
    total, freedom = np.zeros(gap[:, 0].shape), np.zeros(gap[:, 0].shape)
    for side in sides:
        n = side["customers"]
        rate = (np.nan_to_num(_mean_of(side)) * n + 1) / (n + 2)
        error = np.where(
            flags, rate * (1 - rate) / (n + 2) * effects[:, None], _squared_error(side, patterns, effects)
        )
        part = np.where(share > 0, share**2 * error, 0.0)
        total += part.sum(axis=1)
        freedom += np.where(share > 0, part**2 / (n - 1), 0.0).sum(axis=1)
    t = np.abs((share * gap).sum(axis=1)) / np.sqrt(total)
    return np.asarray(2 * special.stdtr(np.maximum(total**2 / freedom, 1.0), -t))


def _mantel_haenszel(mine: dict[str, Floats], rest: dict[str, Floats], is_used: Any) -> Floats:
    n = mine["weight"] + rest["weight"]
    upper = np.where(is_used, mine["total"] * rest["weight"] / n, 0.0).sum(axis=1)
    lower = np.where(is_used, rest["total"] * mine["weight"] / n, 0.0).sum(axis=1)
    return np.where((upper > 0) & (lower > 0), upper / lower, np.nan)


def _judge_difference(row: dict[str, Any]) -> StrataFinding:
    if not row["comparable_share"] >= COMPARABLE:
        return "not comparable"
    if row["p_adjusted"] < ALPHA:
        return "holds" if row["standardised"] * row["difference"] > 0 else "reversed"
    is_outside = row["difference"] < row["standardised_low"] or row["difference"] > row["standardised_high"]
    return "vanishes" if is_outside else "unclear"
