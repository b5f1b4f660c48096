"""Customers of a new kind: more of the new customers are unlike the segments than of the old ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from segmentry.profiling.population import Population

_MOST_PARAMETERS = 0.01
"""Largest number of parameters per old customer: with more, those whom the model was fitted to are too much like it."""


@dataclass(frozen=True)
class Unlike:
    """Shares of customers beyond one misfit: that at which the new ones exceed the old ones most.

    Attributes
    ----------
    old, new
        Shares of the old and the new customers without missing values.
    n_new
        Number of the latter.
    p_value, p_adjusted
        P-value of the largest excess over all limits, and the same adjusted for the tests of shares and fit.
    """

    old: float
    new: float
    n_new: int
    p_value: float
    p_adjusted: float = float("nan")

    @property
    def excess(self) -> float:
        """Share of the new customers beyond what the old ones have."""
        return self.new - self.old


def compare_unlike(old: Population, new: Population) -> Unlike | None:
    """Compare how many customers lie beyond limits of the misfit; None where that says nothing.

    That is: where a population was saved without these counts, or the model has too many parameters for its customers.
    """
    is_known = (
        len(old.beyond) > 0 and np.isfinite(old.beyond).all() and old.complete.sum() > 0 < new.complete.sum()
    )
    if not is_known or old.n_parameters > _MOST_PARAMETERS * old.n_effective:
        return None
    shares = [p.beyond / p.complete.sum() for p in (old, new)]
    n = [float(p.complete.sum() * p.n_effective / p.segments.sum()) for p in (old, new)]
    pooled = (shares[0] * n[0] + shares[1] * n[1]) / sum(n)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    excess = shares[1] - shares[0]
    z = np.divide(excess, error, out=np.zeros_like(excess), where=error > 0)
    p_value = min(1.0, float(len(z) * special.ndtr(-z.max())))
    at = int(excess.argmax())
    return Unlike(float(shares[0][at]), float(shares[1][at]), round(n[1]), p_value)
