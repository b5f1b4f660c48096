"""The design of a sample: sums by cluster and segment, and the variance of what is made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats, Indices


@dataclass(frozen=True)
class DesignSums:
    """Sums by sampled unit and segment: units are clusters; where the sample has strata alone, every customer is one.

    Attributes
    ----------
    strata
        (n_rows,) stratum, from 0, of each row of the sums: a row is a cluster, or a stratum whose customers are the units.
    n_units
        (n_strata,) sampled units.
    customers
        (n_rows, n_segments) customers whose weight is above 0.
    sums
        (n_rows, n_segments, 1 + 2 n_outcomes) sums of the weights; then for each outcome of the weights of the customers with a
        value, and of the weighted values about the origin.
    squares
        (n_rows, n_segments, 1 + 3 n_outcomes) where customers are the units: sums of the squared weights; then for each outcome those
        of the customers with a value, times 1, the value and its square. None where units are clusters.
    """

    strata: Indices
    n_units: Indices
    customers: Floats
    sums: Floats
    squares: Floats | None = None

    @property
    def n_lonely(self) -> int:
        """Number of strata with a single unit."""
        return int((self.n_units == 1).sum())

    @property
    def has_clusters(self) -> bool:
        """Whether the units are clusters."""
        return self.squares is None

    def freedom(self, members: Floats, outcome: int | None = None) -> Floats:
        """Units less strata among the customers of some segments.

        Parameters
        ----------
        members
            (n_estimates, n_segments) 1 of segments whose customers an estimate is made of, else 0.
        outcome
            Position of an outcome: only units with a value of it count. Where customers are the units, how many of them have one is
            not known: all count in strata and segments where anybody has.
        """
        is_counted = 1.0 if outcome is None else self.sums[:, :, 1 + 2 * outcome] > 0
        customers = (self.customers * is_counted) @ members.T
        units = (customers > 0).astype(np.float64) if self.has_clusters else customers
        by_stratum = self._by_stratum(units)
        return np.asarray((by_stratum - (by_stratum > 0)).sum(axis=0))

    def share_variance(self, of_weight: Floats) -> Floats:
        """(n_estimates,) variances of sums of weights, each times the (n_estimates, n_segments) factor of its segment."""
        totals = self.sums[:, :, 0] @ of_weight.T
        squared = None if self.squares is None else self.squares[:, :, 0] @ (of_weight**2).T
        return self._variance(totals, squared)

    def mean_variance(self, outcome: int, of_weight: Floats, of_value: Floats) -> Floats:
        """(n_estimates,) variances of sums over the customers with a value of an outcome, given by its position.

        A customer adds the weight times the factor `of_weight` of the segment, and the weighted value times `of_value`; both are
        (n_estimates, n_segments).
        """
        weights, values = (self.sums[:, :, 1 + 2 * outcome + i] for i in range(2))
        totals = weights @ of_weight.T + values @ of_value.T
        if self.squares is None:
            return self._variance(totals, None)
        ones, once, twice = (self.squares[:, :, 1 + 3 * outcome + i] for i in range(3))
        squared = ones @ (of_weight**2).T + 2 * once @ (of_weight * of_value).T + twice @ (of_value**2).T
        return self._variance(totals, squared)

    def _variance(self, totals: Floats, squared: Floats | None) -> Floats:
        """Variance of a total by what the units of a stratum add to it; `squared` has sums of squares of the rows' customers."""
        squares = self._by_stratum(totals**2 if squared is None else squared)
        sums, n = self._by_stratum(totals), self.n_units[:, None].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            within = n / (n - 1) * np.maximum(squares - sums**2 / n, 0.0)
        return np.asarray(np.where(n > 1, within, squares).sum(axis=0))

    def _by_stratum(self, values: Floats) -> Floats:
        added = np.zeros((len(self.n_units), values.shape[1]))
        np.add.at(added, self.strata, values)
        return added
