"""What the customers of a segment do: rates, means, intervals, totals; each with its own denominator."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.patterns import Floats, OutcomeInfo, PatternTable
from segmentry.profile.features import Labels
from segmentry.profile.intervals import (
    adjust_p_values,
    mean_interval,
    two_rates_p_value,
    welch_p_value,
    wilson_interval,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "segment", "group", "outcome", "role", "n", "value", "low", "high", "base_value", "lift",
    "total", "share_of_total", "mix", "p_adjusted",
)  # fmt: skip


@dataclass(frozen=True)
class Moments:
    """Sums of one outcome, per segment and (last) for all customers together.

    `customers` and `weight` are of those with a value, `weights` and `squared_weights` of all; the last
    two are None where every customer counts once.
    """

    customers: Floats
    weight: Floats
    weights: Floats | None
    squared_weights: Floats | None
    total: Floats
    squares: Floats
    origin: float

    @property
    def n(self) -> Floats:
        """Customers that intervals may count on: those with a value, at most Kish's effective number."""
        if self.weights is None or self.squared_weights is None:
            return self.customers
        with np.errstate(divide="ignore", invalid="ignore"):
            kish = np.where(self.squared_weights > 0, self.weights**2 / self.squared_weights, 0.0)
        return np.minimum(self.customers, kish)

    @property
    def mean(self) -> Floats:
        """Weighted mean; missing where nobody has a value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weight > 0, self.total / self.weight, np.nan)

    @property
    def variance(self) -> Floats:
        """Variance of the values, with the divisor n - 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            about_mean = self.squares - self.weight * (self.mean - self.origin) ** 2
            spread = np.maximum(about_mean, 0.0) / self.weight
            return np.where(self.n > 1, spread * self.n / (self.n - 1), np.nan)

    def rest(self) -> Moments:
        """The customers outside each segment; the last entry, outside all, is empty."""
        sums = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "origin"}
        parts: dict[str, Any] = {
            name: values if values is None else values[-1] - values for name, values in sums.items()
        }
        return Moments(**parts, origin=self.origin)


def outcome_table(patterns: PatternTable, labels: Labels, n_segments: int) -> pd.DataFrame:
    """Compare segments on the outcomes.

    Parameters
    ----------
    patterns
        The pattern table, with its outcomes.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.

    Returns
    -------
    DataFrame
        One row per segment and outcome: ``segment`` (from 1), ``group``, ``outcome``, ``role``; ``n``
        customers with a value; ``value``, their rate (flags) or mean per customer, with a 95 % interval
        ``low`` to ``high``; ``base_value``, that of all customers; ``lift`` = value / base value;
        ``total``, the sum; ``share_of_total``, of the sum over all segments; ``mix``, of the segment's own
        sum over the outcome's group; ``p_adjusted`` of the difference from the rest of the customers,
        adjusted for all segments and outcomes of the table (Benjamini & Hochberg).

    Notes
    -----
    Rates have Wilson intervals and a chi² or Fisher test, means Student intervals and a Welch test.
    """
    import pandas as pd

    moments = [_moments(patterns, labels, n_segments, j) for j in range(len(patterns.outcomes))]
    group_totals = _group_totals(patterns, moments)
    rows = [
        row
        for outcome, moment in zip(patterns.outcomes, moments, strict=True)
        for row in _rows(outcome, moment, group_totals[outcome.group])
    ]
    table = pd.DataFrame(rows, columns=[*COLUMNS[:-1], "p_value"])
    table["p_adjusted"] = adjust_p_values(table.pop("p_value").to_numpy(np.float64))
    return table.sort_values("segment", kind="stable", ignore_index=True)


def _moments(patterns: PatternTable, labels: Labels, n_segments: int, j: int) -> Moments:
    def by_segment(values: Floats) -> Floats:
        sums = np.bincount(labels, values, minlength=n_segments)
        return np.append(sums, sums.sum())

    return Moments(
        customers=by_segment(patterns.n_values[:, j].astype(np.float64)),
        weight=by_segment(patterns.weight_of_values[:, j]),
        weights=None if patterns.weights is None else by_segment(patterns.weights),
        squared_weights=None if patterns.squared_weights is None else by_segment(patterns.squared_weights),
        total=by_segment(patterns.sums[:, j]),
        squares=by_segment(patterns.squares[:, j]),
        origin=float(patterns.origins[j]),
    )


def _group_totals(patterns: PatternTable, moments: list[Moments]) -> dict[str, Floats]:
    totals: dict[str, Floats] = {}
    for outcome, moment in zip(patterns.outcomes, moments, strict=True):
        totals[outcome.group] = totals.get(outcome.group, np.zeros_like(moment.total)) + moment.total
    return totals


def _rows(outcome: OutcomeInfo, moments: Moments, group_total: Floats) -> list[tuple[object, ...]]:
    value = moments.mean
    if outcome.role == "flags":
        low, high = wilson_interval(np.nan_to_num(value), moments.n)
        p_values = _rate_tests(moments)
    else:
        low, high = mean_interval(value, moments.variance, moments.n)
        p_values = _mean_tests(moments)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(value[-1] != 0, value / value[-1], np.nan)
        of_total = np.where(moments.total[-1] > 0, moments.total / moments.total[-1], np.nan)
        mix = np.where(group_total > 0, moments.total / group_total, np.nan)
    return [
        (s + 1, outcome.group, outcome.name, outcome.role, int(moments.customers[s]),
         value[s], low[s], high[s], value[-1], lift[s], moments.total[s], of_total[s], mix[s], p_values[s])
        for s in range(len(value) - 1)
    ]  # fmt: skip


def _rate_tests(moments: Moments) -> list[float]:
    """Each segment against the rest; under survey weights on the effective number of customers."""
    rest = moments.rest()
    tests = []
    for s in range(len(moments.n) - 1):
        n = (float(moments.n[s]), float(rest.n[s]))
        rates = (float(moments.mean[s]), float(rest.mean[s]))
        tests.append(two_rates_p_value((_hits(rates[0], n[0]), _hits(rates[1], n[1])), n))
    return tests


def _hits(rate: float, n: float) -> float:
    hits = rate * n if n > 0 else 0.0
    return float(round(hits)) if abs(hits - round(hits)) < 1e-6 else hits


def _mean_tests(moments: Moments) -> list[float]:
    rest = moments.rest()
    p = welch_p_value(
        (moments.mean[:-1], rest.mean[:-1]),
        (moments.variance[:-1], rest.variance[:-1]),
        (moments.n[:-1], rest.n[:-1]),
    )
    return [float(v) for v in p]
