"""How ordered numbers are spread in each segment: what the model says of their fine levels, beside all customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentry.arrays import Floats
from segmentry.segmentation import Segmentation
from segmentry.text.edges import NumberKind, kind_of_numbers

STRETCHES = 48
"""Stretches of equal width into which the numbers are put."""
FEWEST_LEVELS, MOST_IN_ONE = 8, 0.2
"""Fewest levels that make a curve, and the largest share of all customers in one of them: a value that so many have has no density."""
_LONGEST_TAIL = 0.15  # of what lies between the outermost cuts


@dataclass(frozen=True)
class DensityFact:
    """The shares of stretches of equal width, from `low` to `high`, in a segment and among all customers.

    `marks` are edges of the recipe, `kind` says how the numbers are written. Few customers are beyond the ends.
    """

    low: float
    high: float
    marks: tuple[float, ...]
    kind: NumberKind
    shares: tuple[float, ...]
    base_shares: tuple[float, ...]


def density_facts(result: Segmentation) -> dict[tuple[int, str], DensityFact]:
    """Gather the densities by segment and feature; none where the model has no fine levels of a number, or too few."""
    found: dict[tuple[int, str], DensityFact] = {}
    for j, feature in enumerate(result.recipe.features):
        if feature.distribution != "ordered" or feature.edges is None or feature.fine is None:
            continue
        masses = _masses(result, j, len(feature.fine) + 1)
        if masses is not None:
            kind = kind_of_numbers(feature.sql, feature.edges)
            drawn = enumerate(_densities(feature, kind, *masses), start=1)
            found |= {(segment, feature.name): density for segment, density in drawn}
    return found


def _masses(result: Segmentation, j: int, n_levels: int) -> tuple[Floats, Floats] | None:
    """Return the shares (n_segments, n_levels) of fine levels in each segment, and those of all customers.

    A latent class has them by itself; of other methods the customers are counted, where their patterns have the fine levels.
    """
    if result.method == "latent-class" and result.core is not None:
        of_classes = np.zeros((len(result.segments), n_levels))
        of_classes[:, np.asarray(result.core.categories_[j], np.intp)] = result.core.response_proba_[j]
        weights = np.asarray(result.core.class_prior_)
        return of_classes, weights @ of_classes
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None or len(patterns.features[j].levels) != n_levels:
        return None
    counts, codes = np.zeros((len(result.segments), n_levels)), np.asarray(patterns.codes[:, j])
    known = codes >= 0
    np.add.at(counts, (labels[known], codes[known]), patterns.sample_weight[known])
    totals = counts.sum(axis=1, keepdims=True)
    return counts / np.maximum(totals, 1e-300), counts.sum(axis=0) / max(totals.sum(), 1e-300)


def _densities(feature: Any, kind: NumberKind, masses: Floats, base: Floats) -> Iterator[DensityFact]:
    """Yield the density of every segment; none where few levels or a frequent value make no curve."""
    cuts = np.asarray(feature.fine, np.float64)
    if len(cuts) < FEWEST_LEVELS - 1 or base.max() > MOST_IN_ONE:
        return
    below, above = (_tail(cuts[::step], base[::step]) for step in (1, -1))
    ends = np.linspace(cuts[0] - below[0], cuts[-1] + above[0], STRETCHES + 1)
    marks = tuple(float(e) for e in feature.edges if ends[0] < e < ends[-1])
    spread = [_smooth(np.diff(_cumulated(ends, cuts, m, (below, above)))) for m in (*masses, base)]
    for shares in spread[:-1]:
        yield DensityFact(
            float(ends[0]), float(ends[-1]), marks, kind, _rounded(shares), _rounded(spread[-1])
        )


def _tail(cuts: Floats, base: Floats) -> tuple[float, float]:
    """Return how wide the open end before the first cut is drawn, and which share of it.

    It falls from the density of its neighbour to 0, as far as it has customers for that.
    """
    width, longest = abs(cuts[1] - cuts[0]), _LONGEST_TAIL * abs(cuts[-1] - cuts[0])
    height = max(base[1], 1e-12) / width
    wanted = 2 * base[0] / height
    return (wanted, 1.0) if wanted <= longest else (longest, longest / wanted)


def _cumulated(ends: Floats, cuts: Floats, masses: Floats, tails: tuple[Any, Any]) -> Floats:
    """Return the share below each of the ends; within a level customers are spread evenly, in open ends ever thinner."""
    (below, of_first), (above, of_last) = tails
    steps = np.linspace(0, 1, 9)
    first = of_first * masses[0] * steps**2
    inner = of_first * masses[0] + np.cumsum(masses[1:-1])
    last = inner[-1] + of_last * masses[-1] * (1 - (1 - steps[1:]) ** 2)
    at = np.concatenate([cuts[0] - below * (1 - steps), cuts[1:], cuts[-1] + above * steps[1:]])
    return np.interp(ends, at, np.concatenate([first, inner, last]))


def _smooth(shares: Floats) -> Floats:
    """Return shares between which round cuts and frequent values make no teeth."""
    for _ in range(2):
        padded = np.pad(shares, 1, mode="edge")
        shares = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
    return shares


def _rounded(shares: Floats) -> tuple[float, ...]:
    return tuple(np.round(shares, 5).tolist())
