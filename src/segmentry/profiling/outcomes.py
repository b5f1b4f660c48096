"""What the customers of a segment do: rates, means, intervals and totals, each with its own denominator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import OutcomeInfo
from segmentry.profiling.differences import compare_means, compare_rates
from segmentry.profiling.intervals import adjust_p_values, mean_interval, wilson_interval
from segmentry.profiling.misclassification import corrected_means
from segmentry.profiling.moments import Moments, moments_of
from segmentry.profiling.quotients import quotient
from segmentry.profiling.segmented import SegmentedPatterns

if TYPE_CHECKING:
    import pandas as pd

FLOOR = 10
"""Figures of fewer customers with a value are flagged as small."""
QUARTILES = ("any_share", "lower_quartile", "median", "upper_quartile", "quartiles")
OUTCOME_COLUMNS = (
    "segment", "group", "outcome", "role", "n", "value", "low", "high", "base_value", "lift",
    "total", "share_of_total", "mix", "p_adjusted",
    "share_of_customers", "base_mix", "mix_index",
    "difference", "difference_low", "difference_high", "ratio_to_rest", "ratio_low", "ratio_high", "p_value",
    "corrected", "corrected_se", "corrected_low", "corrected_high", "correction",
    *QUARTILES, "timing", "is_small",
)  # fmt: skip


def outcome_table(
    segmented: SegmentedPatterns,
    *,
    correction: Floats | None = None,
    quartiles: pd.DataFrame | None = None,
    timing: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Compare segments on the outcomes.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments.
    correction
        (n_segments, n_segments) inverse of the misclassification between latent classes; row s holds the
        weights of customers assigned to s. None where segments are no latent classes.
    quartiles
        Table that `quartile_table` made; None where values were not counted.
    timing
        Time of each outcome: ``after`` the features, ``overlaps`` them, or ``before`` them.

    Returns
    -------
    DataFrame
        One row per segment and outcome; docs/files.md describes the columns.
        ``value`` is a rate (flags) or a mean per customer, ``difference`` and ``ratio_to_rest`` compare it
        with the customers outside the segment, ``p_value`` is that of the difference, and ``p_adjusted`` is
        adjusted for all segments and outcomes of the table (Benjamini & Hochberg).

    Notes
    -----
    Rates have Wilson intervals, a Newcombe interval of the difference, and a chi² or Fisher test. Means
    have Student's intervals corrected for skewness (Hall 1992), and a p-value that is never smaller than that of
    customers dealt out at random. All figures come from sums per pattern.
    """
    import pandas as pd

    infos = segmented.patterns.outcomes
    moments = [moments_of(segmented, j) for j in range(len(infos))]
    group_totals = _group_totals(infos, moments)
    frames = [
        _one_outcome(outcome, moment, group_totals[outcome.group], correction)
        for outcome, moment in zip(infos, moments, strict=True)
    ]
    if not frames:
        return pd.DataFrame(columns=list(OUTCOME_COLUMNS))
    table = pd.concat(frames, ignore_index=True)
    table["p_adjusted"] = adjust_p_values(table["p_value"].to_numpy(np.float64))
    table["timing"] = [(timing or {}).get(name, "unknown") for name in table["outcome"]]
    table["is_small"] = table["n"] < FLOOR
    table = _with_quartiles(table, quartiles)
    return table.sort_values("segment", kind="stable", ignore_index=True)[list(OUTCOME_COLUMNS)]


def n_comparisons(outcomes: pd.DataFrame) -> int:
    """Number of tested differences: the size of the family that `p_adjusted` is adjusted for."""
    return int(outcomes["p_adjusted"].notna().sum())


def _group_totals(outcomes: tuple[OutcomeInfo, ...], moments: list[Moments]) -> dict[str, Floats]:
    totals: dict[str, Floats] = {}
    for outcome, moment in zip(outcomes, moments, strict=True):
        totals[outcome.group] = totals.get(outcome.group, np.zeros_like(moment.total)) + moment.total
    return totals


def _one_outcome(
    outcome: OutcomeInfo, moments: Moments, group_total: Floats, correction: Floats | None
) -> pd.DataFrame:
    import pandas as pd

    is_flag = outcome.role == "flags"
    mine, value, total = moments.segments(), moments.mean, moments.total
    if is_flag:
        low, high = wilson_interval(np.nan_to_num(mine.mean), mine.n)
    else:
        low, high = mean_interval(mine.mean, mine.variance, mine.n, mine.third)
    compared = compare_rates(moments) if is_flag else compare_means(moments)
    mix = quotient(total, group_total)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(value[-1] != 0, mine.mean / value[-1], np.nan)
    columns = {
        "segment": np.arange(1, len(value)),
        "group": outcome.group,
        "outcome": outcome.name,
        "role": outcome.role,
        "n": mine.customers.astype(np.int64),
        "value": mine.mean,
        "low": low,
        "high": high,
        "base_value": value[-1],
        "lift": lift,
        "total": mine.total,
        "share_of_total": quotient(mine.total, total[-1]),
        "mix": mix[:-1],
        "share_of_customers": quotient(mine.weight, moments.weight[-1]),
        "base_mix": mix[-1],
        "mix_index": quotient(100 * mix[:-1], mix[-1]),
        **vars(compared),
    }
    return pd.DataFrame({**columns, **corrected_means(moments, correction, is_rate=is_flag)})


def _with_quartiles(table: pd.DataFrame, quartiles: pd.DataFrame | None) -> pd.DataFrame:
    if quartiles is None:
        return table.assign(**dict.fromkeys(QUARTILES[:-1], np.nan), quartiles="")
    found = quartiles[["segment", "outcome", *QUARTILES]]
    table = table.merge(found, on=["segment", "outcome"], how="left")
    return table.assign(quartiles=table["quartiles"].fillna(""))
