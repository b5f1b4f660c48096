"""Loss of fit: does the model describe these customers as well as those it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats
from segmentry.drift.draws import Redraws, drawn_p_value
from segmentry.profiling.intervals import CONFIDENCE
from segmentry.profiling.population import Population

_LEAST, _LEAST_OF_ONE = 0.05, 0.2
"""A loss is measured against at least this many standard deviations of the misfit; with one segment, more."""


@dataclass(frozen=True)
class Fit:
    """How badly the model describes customers without missing values (`Population.misfit`), then and now.

    `old` is the misfit that the customers of then would show in the segments' shares of now, raised by what
    the model knows of them by heart (its parameters per customer: Akaike 1974), so that customers who
    only moved between segments lose nothing. `low` to `high` is where 95 % of redraws of the loss lie.
    `dependence` is by how much the misfit of then would have grown if the features had been independent;
    `share_lost` is the loss as a share of it.
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
        """The misfit beyond what was expected."""
        return self.new - self.old

    @property
    def share_lost(self) -> float:
        """Loss as a share of what there was to lose."""
        return self.loss / self.dependence


def fit_of(old: Population, new: Population, redraws: Redraws) -> Fit:
    """Compare the misfit segment by segment, in the segments' shares of now."""
    n_old, n_new = (p.complete * p.n_effective / p.segments.sum() for p in (old, new))
    known = (n_old > 0) & (n_new > 0)
    total = float(n_new[known].sum())
    if total == 0:
        nan = float("nan")
        return Fit(nan, nan, nan, nan, nan, _to_lose(old))
    shares = np.where(known, n_new, 0.0) / total
    variance = (old.misfit_variance * n_old + new.misfit_variance * n_new) / np.maximum(n_old + n_new, 1e-300)
    by_heart = old.n_parameters / old.n_effective
    expected, found = float(shares @ old.misfit) + by_heart, float(shares @ new.misfit)
    drawn = _drawn_losses(redraws, shares, total, n_old, variance)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    p = drawn_p_value(abs(found - expected), np.abs(drawn))
    return Fit(expected, found, float(low), float(high), p, _to_lose(old))


def _drawn_losses(redraws: Redraws, shares: Floats, total: float, n_old: Floats, variance: Floats) -> Floats:
    """Losses where nothing changed: counts per segment are multinomial, means within a segment normal."""
    weight = redraws.shares(total, shares)
    error = variance * (1 / np.maximum(weight * total, 1.0) + 1 / np.maximum(n_old, 1.0))
    return np.asarray(redraws.normal() * np.sqrt((weight**2 * error).sum(axis=1)))


def _to_lose(old: Population) -> float:
    """What the misfit would grow by if the features were independent, and at least a little."""
    weight = old.complete / max(float(old.complete.sum()), 1e-300)
    spread = float(weight @ (old.misfit_variance + (old.misfit - weight @ old.misfit) ** 2))
    least = _LEAST_OF_ONE if len(weight) == 1 else _LEAST
    return max(old.dependence, least * float(np.sqrt(spread)), 1e-12)
