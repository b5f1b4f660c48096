"""Standard errors by strata and clusters of a sample: linearised, and as numbers of customers for intervals and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from segmentry.arrays import Floats
from segmentry.patterns import DesignSums
from segmentry.profiling.intervals import CONFIDENCE, wilson_interval
from segmentry.profiling.quotients import quotient

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.profiling.moments import Moments
    from segmentry.profiling.segmented import SegmentedPatterns

DESIGN_COLUMNS = (
    "segment", "outcome", "n", "value", "standard_error", "freedom", "n_kish", "n_effective", "design_effect", "low", "high",
)  # fmt: skip
_UPPER = (1 + CONFIDENCE) / 2
_ROUNDING = 1e-12
_MOST = 1e12


@dataclass(frozen=True)
class Effective:
    """Numbers of customers that a simple sample would need for the same standard errors of an outcome.

    Attributes
    ----------
    own
        (n_segments + 1,) those of each segment and, in the last entry, of all customers.
    mine, rest
        (n_segments,) those of the two sides when a segment is compared with the rest: customers of one cluster are on both.
    variance, freedom
        (n_segments + 1,) squared standard errors, and their degrees of freedom: clusters less strata among the customers with a value.
    between
        (n_segments,) squared standard errors of the differences from the rest; missing where a side has no degrees of freedom.
    effect
        (n_segments + 1,) design effects: these variances by those of as many customers drawn one by one.
    sums, outcome
        Sums that they are made of, and the position of the outcome.
    """

    own: Floats
    mine: Floats
    rest: Floats
    variance: Floats
    freedom: Floats
    between: Floats
    effect: Floats
    sums: DesignSums
    outcome: int

    def variance_of(self, means: Floats, weight: Floats, members: Floats) -> Floats:
        """(n_means,) squared standard errors of means less the origin, whose customers count by segment as `members` say.

        `weight` has the sums of their weights so counted.
        """
        return self.sums.mean_variance(self.outcome, *_factors(means, weight, members))


def effective_numbers(design: DesignSums, outcome: int, moments: Moments, *, is_rate: bool) -> Effective:
    """Linearise means by segment and their differences from the rest, and say how many customers that is worth.

    Parameters
    ----------
    design
        Sums by sampled unit and segment.
    outcome
        Position of the outcome.
    moments
        Sums of the outcome by segment, with Kish's number of customers.
    is_rate
        Whether intervals are those of rates, which use the normal distribution and not t.

    Notes
    -----
    The mean of a domain is a ratio of two totals. To first order it varies as the total of z = w (y - mean) / W over its customers
    (Taylor linearisation: Woodruff 1971; Binder 1983), whose variance is that of the clusters' totals within strata,
    sum over strata of n / (n - 1) times the squared deviations, clusters without a customer of the domain included. A stratum with a
    single cluster adds the square of its total. The number of customers is the one with which the formula for a simple sample gives this
    variance (Korn & Graubard 1998), fewer by what t with clusters less strata is wider, and never more than there are.
    """
    k = len(moments.n) - 1
    own = np.vstack([np.eye(k), np.ones(k)])
    rest, of_rest = 1 - np.eye(k), moments.rest().segments()
    sides = ((moments, own), (of_rest, rest))
    parts = [_factors(side.mean - side.origin, side.weight, members) for side, members in sides]
    gap = tuple(a[:k] - b for a, b in zip(*parts, strict=True))
    variance, beside, between = (design.mean_variance(outcome, *f) for f in (*parts, gap))
    effect = quotient(variance * np.maximum(moments.customers - 1, 0.0), moments.spread)
    least = max(1.0, float(np.nan_to_num(effect[-1], nan=1.0)))
    together = variance[:k] + beside
    scale = np.where(between > _ROUNDING * together, quotient(together, between, 1.0), 1.0)
    freedom = design.freedom(own, outcome), design.freedom(rest, outcome)
    is_known = np.minimum(freedom[0][:k], freedom[1]) >= 1
    numbers = _Numbers(least, is_rate)
    return Effective(
        own=numbers.of(moments, variance, freedom[0]),
        mine=numbers.of(moments.segments(), quotient(variance[:k], scale), freedom[0][:k]),
        rest=numbers.of(of_rest, quotient(beside, scale), freedom[1]),
        variance=variance,
        freedom=freedom[0],
        between=np.where(is_known, between, np.nan),
        effect=effect,
        sums=design,
        outcome=outcome,
    )


def _factors(means: Floats, weight: Floats, members: Floats) -> tuple[Floats, Floats]:
    """What a customer's weight and weighted value about the origin add to the linearised mean, by segment."""
    of_value = quotient(members, weight[:, None], 0.0)
    return -np.nan_to_num(means)[:, None] * of_value, of_value


@dataclass(frozen=True)
class _Numbers:
    """Numbers of customers from variances; where nobody differs, Kish's by the design effect of all (`least`)."""

    least: float
    is_rate: bool

    def of(self, side: Moments, variance: Floats, freedom: Floats) -> Floats:
        """Customers with whom a simple sample has the variance, less what t is wider."""
        is_known = variance > _ROUNDING * np.nan_to_num(side.spread)
        plain = np.where(is_known, quotient(np.nan_to_num(side.spread), variance, _MOST), side.n / self.least)
        t = np.asarray(special.stdtrit(np.maximum(freedom, 1.0), _UPPER), np.float64)
        n = plain * (special.ndtri(_UPPER) / t) ** 2 if self.is_rate else 1 + _as_wide(plain / t**2)
        return np.minimum(np.where(freedom >= 1, n, 1.0), side.customers)


def _as_wide(wanted: Floats) -> Floats:
    """Degrees of freedom m with m / t(m)² as wanted: Student's interval of m + 1 customers is then as wide as it is to be."""
    low, high = np.ones_like(wanted), np.full_like(wanted, _MOST)
    for _ in range(80):
        middle = np.sqrt(low * high)
        is_below = middle / special.stdtrit(middle, _UPPER) ** 2 < wanted
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return low


def design_table(segmented: SegmentedPatterns) -> pd.DataFrame:
    """Standard errors of the shares of segments (no outcome), and of outcomes by segment and of all customers (segment 0).

    Empty where the sample's design is not known. `n_kish` stands beside `n_effective`, the number that intervals count on; shares have an
    interval (`low`, `high`) here, outcomes in their own table. Where nobody has a value there is neither standard error nor freedom.
    """
    import pandas as pd

    from segmentry.profiling.moments import moments_of

    if segmented.design is None:
        return pd.DataFrame(columns=list(DESIGN_COLUMNS))
    frames = [_shares(segmented, segmented.design)]
    order = [*range(1, segmented.n_segments + 1), 0]
    for j, outcome in enumerate(segmented.patterns.outcomes):
        moments = moments_of(segmented, j)
        found = moments.design
        assert found is not None  # noqa: S101 - the design is known
        has_value = moments.weight > 0
        columns = {
            "segment": order, "outcome": outcome.name, "n": moments.customers.astype(np.int64), "value": moments.mean,
            "standard_error": np.where(has_value, np.sqrt(found.variance), np.nan),
            "freedom": np.where(has_value, found.freedom, np.nan), "n_kish": moments.kish,
            "n_effective": found.own, "design_effect": found.effect, "low": np.nan, "high": np.nan,
        }  # fmt: skip
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)[list(DESIGN_COLUMNS)]


def _shares(segmented: SegmentedPatterns, design: DesignSums) -> pd.DataFrame:
    """The shares of the segments: a share is the mean of belonging, over all customers; no interval without degrees of freedom."""
    import pandas as pd

    k, weights = segmented.n_segments, segmented.weights
    share = weights / weights.sum()
    variance = design.share_variance((np.eye(k) - share[:, None]) / weights.sum())
    n = float(design.customers.sum())
    spread = share * (1 - share)
    kish = np.full(k, segmented.patterns.n_effective)
    freedom = design.freedom(np.ones((k, k)))
    t = special.stdtrit(np.maximum(freedom, 1.0), _UPPER)
    plain = np.where(variance > _ROUNDING * spread, quotient(spread, variance, _MOST), kish)
    effective = np.where(freedom >= 1, np.minimum(plain * (special.ndtri(_UPPER) / t) ** 2, n), 1.0)
    low, high = (np.where(freedom >= 1, end, np.nan) for end in wilson_interval(share, effective))
    columns = {
        "segment": np.arange(1, k + 1), "outcome": "", "n": int(n), "value": share,
        "standard_error": np.sqrt(variance), "freedom": freedom, "n_kish": kish, "n_effective": effective,
        "design_effect": quotient(variance * (n - 1), spread), "low": low, "high": high,
    }  # fmt: skip
    return pd.DataFrame(columns)
