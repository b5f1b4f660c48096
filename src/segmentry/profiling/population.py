"""A population in sums: what has to be kept of customers to tell later whether others are like them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.patterns import PatternTable, as_codes
from segmentry.profiling.features import segment_weights
from segmentry.text.display import Shown, counted
from segmentry.text.plain_json import plain_value

OTHER_CELLS = ("no value", "value in no level")
"""What follows the levels of a feature in `Population.levels`."""
_COMBINATIONS = 20_000


@dataclass(frozen=True, repr=False)
class Population(Shown):
    """Customers in sums, by segment, by level and by outcome.

    Attributes
    ----------
    n_customers, n_effective
        Customers; and the number that intervals count on (Kish's, under survey weights).
    n_rows, n_dropped
        Rows read, and rows that cleaning left out.
    segments
        (n_segments,) customers, or sums of survey weights.
    levels
        Per feature (n_levels + 2,) customers: its levels, then without a value, then with a value in no
        level. Not-a-number where a count is withheld.
    complete, misfit, misfit_variance
        (n_segments,) customers with a known level of every feature; mean and variance over these of how badly
        the model describes them: minus the log-likelihood for latent classes, the distance to the
        segment's centre for the others.
    worst, dependence, n_parameters
        The largest misfit of a pattern; by how much the misfit would grow if the features were independent,
        their shares unchanged; the parameters fitted to these very customers (0 where there is no likelihood).
    n_values, means, variances
        (n_segments, n_outcomes) customers that intervals count on, means and variances of the outcomes.
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

    def _shown(self) -> tuple[str, dict[str, str]]:
        n = f"{counted(self.n_customers, 'customer')} in {counted(len(self.segments), 'segment')}"
        return (
            f"{n}, in sums of {counted(len(self.levels), 'feature')} and {counted(self.means.shape[1], 'outcome')}",
            {},
        )

    @property
    def shares(self) -> Floats:
        """Shares of the segments."""
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
        return cls(**{**{f.name: content[f.name] for f in fields(cls)}, **read, "levels": levels})


def population_of(
    patterns: PatternTable,
    labels: Labels,
    n_segments: int,
    misfit: Floats,
    *,
    worst: float | None = None,
    dependence: float = 0.0,
    n_parameters: int = 0,
) -> Population:
    """Add a pattern table up to what drift is measured on.

    Parameters
    ----------
    patterns
        The pattern table.
    labels, misfit
        (n_patterns,) segment of each pattern, counted from 0, and how badly the model describes it.
    n_segments
        How many segments there are.
    worst
        Larger misfits count as this one: what nobody was like must not outweigh everybody. By default
        the largest of these patterns.
    dependence, n_parameters
        See `Population`.
    """
    weight = patterns.sample_weight
    whole = np.where((np.asarray(patterns.codes) >= 0).all(axis=1), weight, 0.0)
    worst = float(misfit[whole > 0].max(initial=0.0)) if worst is None else worst
    misfit = np.minimum(misfit, worst)
    complete = np.asarray(np.bincount(labels, whole, minlength=n_segments), np.float64)
    n = np.maximum(complete, 1e-300)
    mean = np.bincount(labels, whole * misfit, minlength=n_segments) / n
    variance = np.bincount(labels, whole * (misfit - mean[labels]) ** 2, minlength=n_segments) / n
    n_values, means, variances = _outcomes(patterns, labels, n_segments)
    return Population(
        n_customers=patterns.n_customers,
        n_effective=_effective(patterns),
        n_rows=patterns.cleaning.n_rows,
        n_dropped=patterns.cleaning.n_dropped,
        segments=segment_weights(patterns, labels, n_segments),
        levels=tuple(_cells(patterns, j) for j in range(len(patterns.features))),
        complete=complete,
        misfit=mean,
        misfit_variance=variance,
        worst=worst,
        dependence=dependence,
        n_parameters=n_parameters,
        n_values=n_values,
        means=means,
        variances=variances,
    )


def independent_patterns(patterns: PatternTable) -> PatternTable:
    """Return customers in whom every level is as frequent as among these, and no feature knows of another.

    All combinations of levels with their products of shares; where these are more than 20,000, as many draws.
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
    """Return the population with nothing known of outcomes."""
    none = np.zeros((len(population.segments), 0))
    return replace(population, n_values=none, means=none, variances=none)


def _cells(patterns: PatternTable, j: int) -> Floats:
    """Weight of each level, of customers without a value, and of those with a value in no level."""
    missing = np.asarray(patterns.codes[:, j]) < 0
    weight, count = patterns.sample_weight[missing].sum(), patterns.counts[missing].sum()
    name = patterns.features[j].name
    unseen = sum(s.n_rows for s in patterns.cleaning.steps if s.what == "unseen" and s.step == name)
    of_unseen = weight * min(unseen / count, 1.0) if count else 0.0
    return np.append(patterns.level_counts(j), [weight - of_unseen, of_unseen])


def _effective(patterns: PatternTable) -> float:
    if patterns.weights is None or patterns.squared_weights is None:
        return float(patterns.n_customers)
    return float(patterns.weights.sum() ** 2 / patterns.squared_weights.sum())


def _outcomes(patterns: PatternTable, labels: Labels, n_segments: int) -> tuple[Floats, Floats, Floats]:
    """(n_segments, n_outcomes) customers that intervals count on, means, and variances (divisor n - 1)."""
    if not patterns.outcomes:
        return (np.zeros((n_segments, 0)),) * 3

    def added(values: Floats) -> Floats:
        sums = np.zeros((n_segments, len(patterns.outcomes)))
        np.add.at(sums, labels, values)
        return sums

    customers, weight = added(patterns.n_values.astype(np.float64)), added(patterns.weight_of_values)
    if patterns.weights is not None and patterns.squared_weights is not None:
        ones = np.ones((1, len(patterns.outcomes)))
        total = added(patterns.weights[:, None] * ones)
        squared = np.maximum(added(patterns.squared_weights[:, None] * ones), 1e-300)
        customers = np.minimum(customers, total**2 / squared)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 0, added(patterns.sums) / weight, np.nan)
        spread = (added(patterns.squares) - weight * (mean - patterns.origins) ** 2) / weight
        unbiased = np.maximum(spread, 0.0) * customers / (customers - 1)
        return customers, mean, np.where(customers > 1, unbiased, np.nan)
