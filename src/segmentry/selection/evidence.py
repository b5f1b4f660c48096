"""What speaks for segments and what against: tests beside their nulls, and refits, on counts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.cluster import one_thread
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.patterns import PatternTable
from segmentry.selection.confusion import Pair, Segments, pairs_of
from segmentry.selection.continuum import factor_bic
from segmentry.selection.draws import Cells, bootstrap, from_mixture, observed_cells
from segmentry.selection.nulls import NullTest, beyond_continuum, more_classes
from segmentry.selection.refits import Refit
from segmentry.selection.stability import Stability, exchanged, stability


@dataclass(frozen=True)
class Effort:
    """How many tables are drawn: at most for a test, for refits, for the null of refits."""

    tests: int = 100
    refits: int = 50
    null_tables: int = 10
    null_refits: int = 10


LARGE, EFFORT_OF_LARGE = 2_000, Effort(refits=20, null_refits=3)
"""Above so many patterns, so much effort: refits of k-modes cost the square of the patterns."""


@dataclass(frozen=True)
class Evidence:
    """What the verdict rests on, for one number of segments.

    Attributes
    ----------
    independence
        Two latent classes against independent features.
    continuum
        The latent classes against one factor behind all features.
    classes_bic, factor_bic
        BIC of the latent classes, and of the one-factor model; the lower describes the table better.
    stability
        Segments against those of refits to redrawn tables.
    null_low, null_high
        The middle 90 % of the least stable segment's similarity where features are independent.
    n_customers
        The customers that it was gathered on: all, or a sample where there are many patterns.
    pairs
        Every two segments, those that are hardest to tell apart first.
    """

    k: int
    independence: NullTest
    continuum: NullTest | None
    classes_bic: float
    factor_bic: float
    stability: Stability
    null_low: float
    null_high: float
    n_customers: int
    pairs: tuple[Pair, ...] = ()

    @property
    def is_beyond_continuum(self) -> bool:
        """Whether the test says so, and BIC too, since the number of classes was chosen on the same table."""
        is_tested = self.continuum is not None and self.continuum.is_beyond
        return is_tested and self.classes_bic < self.factor_bic

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Rebuild the evidence from plain values."""
        tests = {
            name: None if content[name] is None else NullTest(**content[name])
            for name in ("independence", "continuum")
        }
        found = content["stability"]
        lists = {name: tuple(found[name]) for name in ("jaccard", "n_unmatched")}
        pairs = tuple(_pair_from_dict(pair) for pair in content.get("pairs", ()))
        return cls(**{**content, **tests, "stability": Stability(**{**found, **lists}), "pairs": pairs})


def _pair_from_dict(content: dict[str, Any]) -> Pair:
    names = {name: tuple(content[name]) for name in ("separated_by", "alike_in")}
    return Pair(**{**content, **names})


def gather(
    patterns: PatternTable,
    segments: Segments,
    refit: Refit,
    *,
    effort: Effort | None = None,
    seed: int = 0,
) -> Evidence:
    """Gather the evidence for segments.

    Parameters
    ----------
    patterns
        The pattern table.
    segments
        The segments of the patterns, two or more.
    refit
        How the method is fitted to drawn tables.
    effort
        How many tables are drawn; by default `Effort()`, above `LARGE` patterns `EFFORT_OF_LARGE`.
    seed
        Of the draws.

    Raises
    ------
    ValueError
        There is one segment: it needs no evidence.
    """
    if segments.k < 2:
        raise ValueError(f"evidence is for two or more segments, not {segments.k}")
    with one_thread():
        return _gather(patterns, segments, refit, effort, seed)


def _gather(
    patterns: PatternTable, segments: Segments, refit: Refit, effort: Effort | None, seed: int
) -> Evidence:
    rng = np.random.default_rng(seed)
    k = segments.k
    cells, rows = observed_cells(patterns, rng)
    if effort is None:
        effort = Effort() if len(cells.codes) <= LARGE else EFFORT_OF_LARGE
    labels, weights = segments.labels[rows], cells.weights[0]
    data = Replicates(cells.codes, cells.n_levels, cells.weights)
    mixtures = {n: data.fit(n, 10, rng).parameters[:, 0] for n in sorted({1, 2, k})}
    independence = more_classes(cells, mixtures[1], mixtures[2], effort.tests, rng)
    low, high = null_stability(cells, mixtures[1], k, refit, effort, rng)
    refits = refit(bootstrap(cells, effort.refits, rng), k, rng)
    n_free = k - 1 + k * sum(max(n - 1, 0) for n in cells.n_levels)
    return Evidence(
        k=k,
        independence=independence,
        continuum=beyond_continuum(cells, mixtures[k], effort.tests, rng) if independence.is_beyond else None,
        classes_bic=float(-2 * data.values(mixtures[k])[0] + n_free * np.log(cells.size)),
        factor_bic=factor_bic(data, cells.size),
        stability=stability(labels, refits, weights, k),
        null_low=low,
        null_high=high,
        n_customers=cells.size,
        pairs=pairs_of(
            patterns.codes[rows],
            weights,
            labels,
            segments.second[rows],
            segments.is_close[rows],
            exchanged(labels, refits, weights, k),
            [f.name for f in patterns.features],
        ),
    )


def refit_stability(
    cells: Cells, labels: Labels, k: int, refit: Refit, n_refits: int, rng: np.random.Generator
) -> Stability:
    """Compare the segments of a table with those of redrawn tables (Hennig 2007, on counts)."""
    return stability(labels, refit(bootstrap(cells, n_refits, rng), k, rng), cells.weights[0], k)


def null_stability(
    cells: Cells, margins: Floats, k: int, refit: Refit, effort: Effort, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the middle 90 % of the least stable segment's similarity where the features are independent."""
    drawn = from_mixture(cells, margins, effort.null_tables, rng)
    values = []
    for weights in drawn.weights:
        kept = weights > 0
        table = Cells(drawn.codes[kept], drawn.n_levels, weights[kept][None])
        n = min(k, int(kept.sum()))
        found = refit_stability(table, refit(table, n, rng)[0], n, refit, effort.null_refits, rng)
        values.append(found.lowest)
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)
