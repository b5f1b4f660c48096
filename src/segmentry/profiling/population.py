"""A population in sums: what is kept of customers to tell later whether other customers are like them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable, as_codes
from segmentry.profiling.moments import moments_of
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.text.display import Shown
from segmentry.text.plain_json import plain_value
from segmentry.text.words import counted

OTHER_CELLS = ("no value", "value in no level")
"""The two cells that follow the levels of a feature in `Population.levels`."""
_COMBINATIONS = 20_000
_LIMITS = (0.5, 0.75, 0.9, 0.95, 0.975, 0.99)


@dataclass(frozen=True, repr=False)
class Population(Shown):
    """Sums of customers by segment, by level and by outcome.

    Attributes
    ----------
    n_customers
        Number of customers.
    n_effective
        Number of customers that intervals count on: Kish's effective number under survey weights.
    n_rows
        Rows that were read.
    n_dropped
        Rows that cleaning left out.
    segments
        (n_segments,) customers, or sums of survey weights.
    levels
        Per feature (n_levels + 2,) customers: of its levels, without a value, and with a value in no
        level. Not-a-number where a count is withheld.
    complete
        (n_segments,) customers with a known level of every feature.
    misfit, misfit_variance
        (n_segments,) mean and variance of the misfit of these customers: minus the log-likelihood for latent
        classes, the distance to the segment's centre for the other methods.
    worst
        Largest misfit of a pattern.
    dependence
        Increase of the mean misfit if the features were independent and their shares unchanged.
    n_parameters
        Number of parameters that were fitted to these customers; 0 where there is no likelihood.
    n_values
        (n_segments, n_outcomes) customers that intervals count on.
    means, variances
        (n_segments, n_outcomes) means and variances of the outcomes.
    limits, beyond
        Limits of the misfit, beyond which from half down to 1 % of the fitted customers lie, and the weight of these customers beyond
        each; empty in populations that were saved without.
    """

    n_customers: int
    n_effective: float
    n_rows: int
    n_dropped: int
    segments: Floats
    levels: tuple[Floats, ...]
    complete: Floats
    misfit: Floats
    misfit_variance: Floats
    worst: float
    dependence: float
    n_parameters: int
    n_values: Floats
    means: Floats
    variances: Floats
    limits: Floats = field(default_factory=lambda: np.zeros(0))
    beyond: Floats = field(default_factory=lambda: np.zeros(0))

    def _shown(self) -> tuple[str, dict[str, str]]:
        n = f"{counted(self.n_customers, 'customer')} in {counted(len(self.segments), 'segment')}"
        return (
            f"{n}, in sums of {counted(len(self.levels), 'feature')} and {counted(self.means.shape[1], 'outcome')}",
            {},
        )

    @property
    def shares(self) -> Floats:
        """(n_segments,) shares of the segments."""
        return self.segments / self.segments.sum()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; `from_dict` reads them."""
        plain: dict[str, Any] = plain_value(self)
        return plain

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Rebuild a population from what `to_dict` returned."""
        arrays = ("segments", "complete", "misfit", "misfit_variance", "n_values", "means", "variances")
        read = {n: np.asarray(content[n], np.float64) for n in arrays}
        levels = tuple(np.asarray(cells, np.float64) for cells in content["levels"])
        later = {n: np.asarray(content.get(n, ()), np.float64) for n in ("limits", "beyond")}
        plain = {f.name: content[f.name] for f in fields(cls) if f.name not in later}
        return cls(**{**plain, **read, **later, "levels": levels})


def population_of(
    segmented: SegmentedPatterns,
    misfit: Floats,
    *,
    worst: float | None = None,
    n_parameters: int = 0,
    limits: Floats | None = None,
) -> Population:
    """Add a pattern table up to the sums that drift is measured on, without the dependence.

    Parameters
    ----------
    segmented
        Pattern table with its segments.
    misfit
        (n_patterns,) misfit of each pattern.
    worst
        Upper limit of the misfit, so that a few customers unlike all others do not outweigh the rest; by default
        the largest misfit of these patterns.
    n_parameters
        Number of parameters that were fitted to these customers.
    limits
        Limits of the misfit; by default those of these customers.
    """
    patterns, labels = segmented.patterns, segmented.labels
    whole = np.where((np.asarray(patterns.codes) >= 0).all(axis=1), patterns.sample_weight, 0.0)
    worst = float(misfit[whole > 0].max(initial=0.0)) if worst is None else worst
    misfit = np.minimum(misfit, worst)
    limits = _limits_of(misfit, whole) if limits is None else limits
    complete = segmented.sum_by_segment(whole)
    n = np.maximum(complete, 1e-300)
    mean = segmented.sum_by_segment(whole * misfit) / n
    variance = segmented.sum_by_segment(whole * (misfit - mean[labels]) ** 2) / n
    n_values, means, variances = _outcome_moments(segmented)
    return Population(
        n_customers=patterns.n_customers,
        n_effective=patterns.n_effective,
        n_rows=patterns.cleaning.n_rows,
        n_dropped=patterns.cleaning.n_dropped,
        segments=segmented.weights,
        levels=tuple(_cells(patterns.as_shown(), j) for j in range(len(patterns.features))),
        complete=complete,
        misfit=mean,
        misfit_variance=variance,
        worst=worst,
        dependence=0.0,
        n_parameters=n_parameters,
        n_values=n_values,
        means=means,
        variances=variances,
        limits=limits,
        beyond=np.array([whole[misfit > limit].sum() for limit in limits]),
    )


def independent_patterns(patterns: PatternTable) -> PatternTable:
    """Return a pattern table with the same shares of levels, in which the features are independent.

    It holds all combinations of levels, weighted by the products of their shares; above 20,000 combinations, 20,000
    random ones.
    """
    shares = [patterns.level_counts(j) for j in range(len(patterns.features))]
    shares = [s / s.sum() for s in shares]
    sizes = [len(s) for s in shares]
    if math.prod(sizes) <= _COMBINATIONS:
        codes = np.stack([c.ravel() for c in np.indices(sizes)], axis=1)
        chance = np.prod([s[codes[:, j]] for j, s in enumerate(shares)], axis=0)
        codes, weight = codes[chance > 0], chance[chance > 0]
    else:
        rng = np.random.default_rng(0)
        codes = np.stack([rng.choice(len(s), _COMBINATIONS, p=s) for s in shares], axis=1)
        weight = np.full(_COMBINATIONS, 1 / _COMBINATIONS)
    ones = np.ones(len(codes), np.int64)
    return PatternTable(patterns.features, as_codes(codes), ones, weights=weight)


def without_outcomes(population: Population) -> Population:
    """Return the population without its outcomes."""
    none = np.zeros((len(population.segments), 0))
    return replace(population, n_values=none, means=none, variances=none)


def _limits_of(misfit: Floats, weight: Floats) -> Floats:
    """The misfits beyond which shares of the customers lie; a little above a pattern's own, against rounding."""
    if not weight.sum() > 0:
        return np.zeros(0)
    order = np.argsort(misfit, kind="stable")
    shares = np.cumsum(weight[order]) / weight.sum()
    at = np.minimum(np.searchsorted(shares, _LIMITS), len(order) - 1)
    return np.asarray(misfit[order][at] + 1e-9)


def _cells(patterns: PatternTable, j: int) -> Floats:
    """(n_levels + 2,) weights of the levels, of customers without a value, and of those with a value in no level."""
    missing = np.asarray(patterns.codes[:, j]) < 0
    weight, count = patterns.sample_weight[missing].sum(), patterns.counts[missing].sum()
    name = patterns.features[j].name
    unseen = patterns.cleaning.n_of("unseen", name)
    of_unseen = weight * min(unseen / count, 1.0) if count else 0.0
    return np.append(patterns.level_counts(j), [weight - of_unseen, of_unseen])


def _outcome_moments(segmented: SegmentedPatterns) -> tuple[Floats, Floats, Floats]:
    """(n_segments, n_outcomes) customers that intervals count on, means, and variances (divisor n - 1)."""
    found = [moments_of(segmented, j).segments() for j in range(len(segmented.patterns.outcomes))]
    if not found:
        return (np.zeros((segmented.n_segments, 0)),) * 3
    n, means, variances = ([getattr(m, name) for m in found] for name in ("n", "mean", "variance"))
    return np.stack(n, axis=1), np.stack(means, axis=1), np.stack(variances, axis=1)
