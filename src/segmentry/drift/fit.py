"""Loss of fit: whether the model describes the new customers as well as those that it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats
from segmentry.drift.draws import Redraws, drawn_p_value
from segmentry.profiling.intervals import CONFIDENCE
from segmentry.profiling.population import Population

_LEAST, _LEAST_OF_ONE = 0.05, 0.2
"""Smallest value of `Fit.dependence`, in standard deviations of the misfit; the second holds for one segment."""


@dataclass(frozen=True)
class Fit:
    """Misfit (`Population.misfit`) of customers without missing values, old and new.

    Attributes
    ----------
    old
        Misfit of the old customers at the new shares of the segments, so that customers who only change segments
        lose no fit. It is raised by the number of parameters per customer, because these were fitted to the old
        customers (Akaike 1974).
    new
        Misfit of the new customers.
    low, high
        Range of 95 % of the redraws of the loss.
    p_value, p_adjusted
        P-value of the loss, and the same adjusted for the tests of shares and fit.
    dependence
        Loss if the features were independent.
    """

    old: float
    new: float
    low: float
    high: float
    p_value: float
    dependence: float
    p_adjusted: float = float("nan")

    @property
    def loss(self) -> float:
        """Misfit of the new customers beyond that of the old."""
        return self.new - self.old

    @property
    def share_lost(self) -> float:
        """Loss as a share of `dependence`."""
        return self.loss / self.dependence


def compare_fit(old: Population, new: Population, redraws: Redraws) -> Fit:
    """Compare the misfit segment by segment, at the new shares of the segments."""
    n_old, n_new = (p.complete * p.n_effective / p.segments.sum() for p in (old, new))
    known = (n_old > 0) & (n_new > 0)
    total = float(n_new[known].sum())
    if total == 0:
        nan = float("nan")
        return Fit(nan, nan, nan, nan, nan, _largest_loss(old))
    shares = np.where(known, n_new, 0.0) / total
    variance = (old.misfit_variance * n_old + new.misfit_variance * n_new) / np.maximum(n_old + n_new, 1e-300)
    optimism = old.n_parameters / old.n_effective
    expected, found = float(shares @ old.misfit) + optimism, float(shares @ new.misfit)
    drawn = _drawn_losses(redraws, shares, total, n_old, variance)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    p = drawn_p_value(abs(found - expected), np.abs(drawn))
    return Fit(expected, found, float(low), float(high), p, _largest_loss(old))


def _drawn_losses(redraws: Redraws, shares: Floats, total: float, n_old: Floats, variance: Floats) -> Floats:
    """Draw losses as if nothing had changed: counts per segment are multinomial, means within a segment normal."""
    weight = redraws.shares(total, shares)
    error = variance * (1 / np.maximum(weight * total, 1.0) + 1 / np.maximum(n_old, 1.0))
    return np.asarray(redraws.normal() * np.sqrt((weight**2 * error).sum(axis=1)))


def _largest_loss(old: Population) -> float:
    """Compute the loss if features were independent, at least a share of the standard deviation of the misfit."""
    weight = old.complete / max(float(old.complete.sum()), 1e-300)
    spread = float(weight @ (old.misfit_variance + (old.misfit - weight @ old.misfit) ** 2))
    least = _LEAST_OF_ONE if len(weight) == 1 else _LEAST
    return max(old.dependence, least * float(np.sqrt(spread)), 1e-12)
