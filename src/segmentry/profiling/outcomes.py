"""What the customers of a segment do: rates, means, intervals and totals, each with its own denominator."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import OutcomeInfo, ValueCounts
from segmentry.profiling.determined import determined_outcomes
from segmentry.profiling.differences import Differences, compare_means, compare_rates
from segmentry.profiling.intervals import adjust_p_values, mean_interval, wilson_interval
from segmentry.profiling.misclassification import corrected_means
from segmentry.profiling.moments import Moments, moments_of
from segmentry.profiling.quartiles import quartile_table
from segmentry.profiling.quotients import quotient
from segmentry.profiling.ranks import rank_p_values
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.tails import MOST_SKEWED, Shape, Side

if TYPE_CHECKING:
    import pandas as pd

CERTAIN = 0.9
"""Below this mean certainty of some segment, figures corrected for misclassification lead."""
FLOOR = 10
"""Figures of fewer customers with a value are flagged as small."""
QUARTILES = ("any_share", "lower_quartile", "median", "upper_quartile", "quartiles")
OUTCOME_COLUMNS = (
    "segment", "group", "outcome", "role", "n", "value", "low", "high", "base_value", "lift", "is_mean_known",
    "total", "share_of_total", "mix", "p_adjusted",
    "share_of_customers", "base_mix", "mix_index",
    "difference", "difference_low", "difference_high", "ratio_to_rest", "ratio_low", "ratio_high", "p_value",
    "corrected", "corrected_se", "corrected_low", "corrected_high", "correction", "leads",
    *QUARTILES, "timing", "is_small", "determined_by",
)  # fmt: skip


def outcome_table(
    segmented: SegmentedPatterns,
    *,
    correction: Floats | None = None,
    certainty: Floats | None = None,
    counts: Sequence[ValueCounts] = (),
    timing: Mapping[str, str] | None = None,
    is_compared: bool = True,
) -> pd.DataFrame:
    """Compare segments on the outcomes.

    Parameters
    ----------
    segmented
        Pattern table with its outcomes and segments.
    correction
        (n_segments, n_segments) inverse of the misclassification between latent classes; row s holds the
        weights of customers assigned to s. None where segments are no latent classes.
    certainty
        (n_segments,) mean certainty of the customers of each segment; where one is below 0.9 corrected figures lead. None where all are certain.
    counts
        Counts of values per segment, which quartiles and tests by ranks are made of; empty where they were not collected.
    timing
        Time of each outcome: ``after`` the features, ``overlaps`` them, or ``before`` them.
    is_compared
        Whether differences from the rest are wanted; without them the values come sooner.

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

    infos, n_segments = segmented.patterns.outcomes, segmented.n_segments
    moments = [moments_of(segmented, j) for j in range(len(infos))]
    group_totals = _group_totals(infos, moments)
    counted = {c.outcome: c for c in counts}
    found = [
        _one_outcome(outcome, moment, group_totals[outcome.group], counted.get(outcome.name))
        | _compared(outcome, moment, counted.get(outcome.name), is_compared=is_compared)
        | corrected_means(moment, correction, is_rate=outcome.role == "flags")
        for outcome, moment in zip(infos, moments, strict=True)
    ]
    if not found:
        return pd.DataFrame(columns=list(OUTCOME_COLUMNS))
    table = pd.DataFrame(
        {name: _stacked([columns[name] for columns in found], n_segments) for name in found[0]}
    )
    determined = determined_outcomes(segmented.patterns, counts) if is_compared else {}
    table["determined_by"] = [determined.get(name, "") for name in table["outcome"]]
    table["p_value"] = table["p_value"].mask(table["determined_by"] != "")  # the segments were made of them
    table["p_adjusted"] = adjust_p_values(table["p_value"].to_numpy(np.float64))
    table["leads"] = _leading(table, certainty)
    table["timing"] = [(timing or {}).get(name, "unknown") for name in table["outcome"]]
    table["is_small"] = table["n"] < FLOOR
    table = _with_quartiles(table, quartile_table(counts, segmented.n_segments) if counts else None)
    return table.sort_values("segment", kind="stable", ignore_index=True)[list(OUTCOME_COLUMNS)]


def _leading(table: pd.DataFrame, certainty: Floats | None) -> list[str]:
    """Which figure of each row comes first: the corrected one where many customers may be of another class, and it is possible."""
    if (
        certainty is None or certainty.min() >= CERTAIN
    ):  # customers of one unsure segment are in the others, too
        return ["value"] * len(table)
    is_corrected = (table["correction"] == "BCH") & table["corrected"].notna()
    return np.where(is_corrected, "corrected", "value").tolist()


def n_comparisons(outcomes: pd.DataFrame) -> int:
    """Number of tested differences: the size of the family that `p_adjusted` is adjusted for."""
    return int(outcomes["p_adjusted"].notna().sum())


def _group_totals(outcomes: tuple[OutcomeInfo, ...], moments: list[Moments]) -> dict[str, Floats]:
    totals: dict[str, Floats] = {}
    for outcome, moment in zip(outcomes, moments, strict=True):
        totals[outcome.group] = totals.get(outcome.group, np.zeros_like(moment.total)) + moment.total
    return totals


def _one_outcome(
    outcome: OutcomeInfo, moments: Moments, group_total: Floats, counts: ValueCounts | None
) -> dict[str, Any]:
    """Columns of one outcome: an array (n_segments,) each, or a value that all rows have."""
    mine, value, total = moments.segments(), moments.mean, moments.total
    is_known = np.ones(len(mine.n), bool)
    if outcome.role == "flags":
        low, high = wilson_interval(np.nan_to_num(mine.mean), mine.n)
    else:
        shape = Shape.of(mine, _any_share(counts))
        is_known = shape.knows(mine.n)
        low, high = _mean_interval(mine, shape)
    mix = quotient(total, group_total)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(value[-1] != 0, mine.mean / value[-1], np.nan)
    return {
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
        "is_mean_known": is_known,
        "total": mine.total,
        "share_of_total": quotient(mine.total, total[-1]),
        "mix": mix[:-1],
        "share_of_customers": quotient(mine.weight, moments.weight[-1]),
        "base_mix": mix[-1],
        "mix_index": quotient(100 * mix[:-1], mix[-1]),
    }


def _compared(
    outcome: OutcomeInfo, moments: Moments, counts: ValueCounts | None, *, is_compared: bool
) -> dict[str, Any]:
    """Columns on the differences of one outcome from the rest of the customers."""
    if not is_compared:
        return {f.name: math.nan for f in fields(Differences)}
    if outcome.role == "flags":
        return vars(compare_rates(moments))
    mine = moments.segments()
    by_ranks = None if counts is None else rank_p_values(counts, mine.n)
    return vars(compare_means(moments, Shape.of(mine, _any_share(counts)), by_ranks))


def _stacked(parts: list[Any], n_segments: int) -> Any:
    """Put a column's parts below each other; texts stay Python's."""
    kind = object if isinstance(parts[0], str) else None
    return np.concatenate([np.broadcast_to(np.asarray(part, kind), n_segments) for part in parts])


def _mean_interval(mine: Moments, shape: Shape) -> tuple[Floats, Floats]:
    """The wider of two intervals: by the segment's own values, and by those of all where it is too small to show its tail."""
    own = Side.of(mine)
    ends = [mean_interval(s.mean, s.variance, s.n, s.third) for s in (own, shape.wary(own))]
    low, high = np.min([e[0] for e in ends], axis=0), np.max([e[1] for e in ends], axis=0)
    is_known = shape.knows(mine.n)
    return np.where(is_known, low, np.nan), np.where(is_known, high, np.nan)


def own_intervals(
    segmented: SegmentedPatterns, outcome: str, numbers: Floats | None = None
) -> dict[str, Floats]:
    """Return the intervals of an amount's means, differences and ratios by each segment's own values, whatever the shape of all is.

    `numbers` are the customers that means count on by the sample's design; differences, which count on others, then have no interval.
    """
    names = [info.name for info in segmented.patterns.outcomes]
    moments = moments_of(segmented, names.index(outcome))
    mine = replace(moments.segments(), effective=numbers)
    side, compared = Side.of(mine), compare_means(moments)
    low, high = mean_interval(side.mean, side.variance, side.n, side.third)
    with np.errstate(divide="ignore", invalid="ignore"):
        skewness = np.nan_to_num(side.third / side.variance**1.5 / np.sqrt(side.n))
    is_known = np.abs(skewness) <= MOST_SKEWED
    ends = {
        "low": low, "high": high, "difference_low": compared.difference_low, "difference_high": compared.difference_high,
        "ratio_low": compared.ratio_low, "ratio_high": compared.ratio_high,
    }  # fmt: skip
    known = dict.fromkeys(ends, is_known)
    if numbers is not None:
        known |= {name: np.zeros_like(is_known) for name in ends if name not in ("low", "high")}
    return {n: np.where(known[n], value, np.nan) for n, value in ends.items()} | {"is_mean_known": is_known}


def _any_share(counts: ValueCounts | None) -> float:
    """Share of the customers with more than 0; 1 where values were not counted, or nobody has one."""
    if counts is None or not counts.customers.sum():
        return 1.0
    return float(counts.customers[counts.values > 0].sum() / counts.customers.sum())


def _with_quartiles(table: pd.DataFrame, quartiles: pd.DataFrame | None) -> pd.DataFrame:
    if quartiles is None:
        return table.assign(**dict.fromkeys(QUARTILES[:-1], np.nan), quartiles="")
    found = quartiles[["segment", "outcome", *QUARTILES]]
    table = table.merge(found, on=["segment", "outcome"], how="left")
    return table.assign(quartiles=table["quartiles"].fillna(""))
