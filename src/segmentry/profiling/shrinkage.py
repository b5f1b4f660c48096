"""Rates of segments shrunk towards their common rate, with a joint posterior: what is known of one depends on the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from segmentry.arrays import Floats, Integers
from segmentry.profiling.quotients import quotient

_LOG_ODDS = np.linspace(-12.0, 7.0, 30)
_ABOUT_COMMON = np.linspace(-3.5, 3.5, 11)


@dataclass(frozen=True)
class BetaRates:
    """Posterior beta distributions of rates, in arrays of any shape."""

    a: Floats
    b: Floats

    @classmethod
    def of(cls, mean: Floats, variance: Floats) -> BetaRates:
        """Return the beta distributions with these means and variances."""
        size = mean * (1 - mean) / variance - 1
        return cls(mean * size, (1 - mean) * size)

    @property
    def mean(self) -> Floats:
        """Expected rate."""
        return self.a / (self.a + self.b)

    @property
    def variance(self) -> Floats:
        """Variance of the rate."""
        return self.mean * (1 - self.mean) / (self.a + self.b + 1)

    def quantile(self, share: float) -> Floats:
        """Return the rate that is not exceeded with this probability."""
        return np.asarray(special.betaincinv(self.a, self.b, share), np.float64)

    def above(self, rate: float) -> Floats:
        """Return the probability of a rate above the given one."""
        return np.asarray(special.betaincc(self.a, self.b, np.clip(rate, 0, 1)), np.float64)


@dataclass(frozen=True)
class JointRates:
    """Joint posterior of the rates: a mixture, in each part of which they are independent.

    Attributes
    ----------
    weight
        (n_parts,) probability of each common rate and spread.
    parts
        (n_parts, n_segments) beta distributions of the rates, given these.
    """

    weight: Floats
    parts: BetaRates

    @property
    def single(self) -> BetaRates:
        """(n_segments,) the posterior of each rate by itself."""
        mean, variance = self._mixed(self.parts.mean, self.parts.variance)
        return BetaRates.of(mean, variance)

    def of_sets(self, order: Integers, customers: Floats) -> BetaRates:
        """(n_segments,) posterior of the common rate of the first segment of an order, of the first two, and so on.

        `customers` (n_segments,) are those of the segments, in the order of the table.
        """
        size = np.maximum(
            customers[order], 1e-9
        )  # the rate of a set without customers is the mean of its rates
        share = np.cumsum(size)
        mean = np.cumsum(size * self.parts.mean[:, order], axis=1) / share
        variance = np.cumsum(size**2 * self.parts.variance[:, order], axis=1) / share**2
        return BetaRates.of(*self._mixed(mean, variance))

    def _mixed(self, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the mixture, from those of its parts."""
        overall = self.weight @ mean
        return overall, self.weight @ (variance + (mean - overall) ** 2)


def joint_rates(accepted: Floats, n: Floats) -> JointRates:
    """Shrink rates of segments towards their common rate: more for few customers, and where rates differ little.

    Parameters
    ----------
    accepted
        (n_segments,) customers who accepted; real numbers from 0 up.
    n
        (n_segments,) customers with a value; real numbers from 0 up.

    Returns
    -------
    JointRates
        The joint posterior of the rates.

    Notes
    -----
    Beta-binomial model: the rates of the segments are draws of a beta distribution. Neither its mean, the common rate, nor
    its spread is known. The mean has Jeffreys' prior; the prior's share B = M / (M + h) in a segment of the harmonic
    mean size h is uniform (uniform shrinkage prior; Daniels 1999). Both are integrated out on a grid. Taking the common rate as
    known would leave out the error that all segments share: sets of segments would look surer than they are.
    """
    has = n > 0
    common = (accepted.sum() + 0.5) / (n.sum() + 1.0)
    typical = float(has.sum() / (1 / n[has]).sum()) if has.any() else 1.0
    rates = (accepted[has] + 0.5) / (n[has] + 1.0)
    between = special.logit(rates).var() / len(rates) if has.any() else 0.0
    error = np.sqrt(1 / ((n.sum() + 1.0) * common * (1 - common)) + between)
    mean = special.expit(special.logit(common) + error * _ABOUT_COMMON)
    odds = np.exp(_LOG_ODDS)[:, None]
    yes, no = (typical * odds * share for share in (mean, 1 - mean))
    # on the grids of the log-odds of B, which is uniform, and of the mean, whose prior is Jeffreys'
    log_prior = np.log(odds) - 2 * np.log1p(odds) + (np.log(mean) + np.log1p(-mean)) / 2
    yes, no = yes.reshape(-1, 1), no.reshape(-1, 1)
    parts = BetaRates(accepted + yes, n - accepted + no)
    log_weight = (special.betaln(parts.a, parts.b) - special.betaln(yes, no)).sum(axis=1) + log_prior.ravel()
    weight = np.exp(log_weight - log_weight.max())
    return JointRates(quotient(weight, weight.sum()), parts)


def shrunken_rates(accepted: Floats, n: Floats) -> BetaRates:
    """(n_segments,) shrunken rates, each by itself; see `joint_rates`.

    Examples
    --------
    >>> rates = shrunken_rates(np.array([3.0, 0.0, 40.0]), np.array([10.0, 5.0, 400.0]))
    >>> rates.mean.round(2).tolist()
    [0.21, 0.1, 0.1]
    """
    return joint_rates(accepted, n).single
