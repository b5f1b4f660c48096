"""How much of the outcomes the segments explain, compared with simple cuts into as many groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from segmentry.arrays import Floats, Indices
from segmentry.patterns import PatternTable
from segmentry.profiling.quotients import quotient
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.trees import LevelColumns, grow, leaf_groups

if TYPE_CHECKING:
    import pandas as pd

COMPARISON_COLUMNS = ("outcome", "cut", "detail", "n_groups", "n", "explained")
ALL_OUTCOMES = "mean of all outcomes"
CUTS = ("segments", "one feature", "two features", "tree", "all patterns")

_MOST = 1e12
"""Customers that the mean of all counts for where groups do not differ at all."""


@dataclass(frozen=True)
class _Sums:
    """Weights, sums and squares of the outcomes about their origins, each (n_groups, n_outcomes)."""

    weights: Floats
    sums: Floats
    squares: Floats

    def by_group(self, groups: Indices, n_groups: int) -> _Sums:
        is_in = csr_array((np.ones(len(groups)), (groups, np.arange(len(groups)))), (n_groups, len(groups)))
        return _Sums(*(np.asarray(is_in @ values) for values in (self.weights, self.sums, self.squares)))

    def total(self) -> _Sums:
        return _Sums(*(v.sum(axis=0, keepdims=True) for v in (self.weights, self.sums, self.squares)))

    @property
    def scatter(self) -> Floats:
        """(n_outcomes,) sums of squares about the mean."""
        whole = self.total()
        return np.asarray((whole.squares - quotient(whole.sums**2, whole.weights, 0.0))[0])


@dataclass(frozen=True)
class _Cut:
    """A division of the customers, and the features that it uses."""

    groups: Indices
    features: tuple[int, ...]

    @property
    def n_groups(self) -> int:
        return int(self.groups.max()) + 1 if len(self.groups) else 0


def comparison_table(segmented: SegmentedPatterns, determined: Collection[str] = ()) -> pd.DataFrame:
    """Compare the segments with simple cuts, on customers that the cuts were not made from.

    Parameters
    ----------
    segmented
        Pattern table with its sums by fold, and its segments.
    determined
        Names of outcomes that features determine: a cut at such a feature says nothing new, so they are left out.

    Returns
    -------
    DataFrame
        One row per outcome and cut, and per cut their mean: ``outcome``, ``cut``, ``detail`` (the features
        that it uses), ``n_groups``, ``n`` customers with a value, and ``explained``, the share of the
        outcome's variation that the cut explains; below 0 where it predicts worse than one mean for all. Empty
        without usable folds, without outcomes that can be judged, and with fewer than two segments.

    Notes
    -----
    Cuts: ``segments``; ``one feature``, ``two features`` and ``tree`` (any features), each a tree with at most as many
    groups as there are segments, grown on one half of the customers to explain the outcomes, all of which count
    alike. On the other half every customer is predicted by the mean of the group, learned on the first half
    and shrunk towards the mean of all by the group's size (as in one-way random effects); then the halves
    change places. Explained is one less the squared errors over those of the mean of all.

    ``all patterns`` is the most that any groups of these patterns can explain: the share of variation between
    patterns, estimated without bias as one less the mean square within patterns over that of all customers
    (ε²; Kelley 1935). Held-out means of hundreds of patterns would be noise.
    """
    import pandas as pd

    patterns = segmented.patterns
    folds = patterns.usable_folds
    at = [j for j, o in enumerate(patterns.outcomes) if o.name not in determined]
    if folds is None or segmented.n_segments < 2 or not at or not patterns.features:
        return pd.DataFrame({name: [] for name in COMPARISON_COLUMNS})
    parts = [
        _centred(
            folds.value_weights[:, f][:, at],
            folds.sums[:, f][:, at],
            folds.squares[:, f][:, at],
            patterns.origins[at],
        )
        for f in range(folds.n_folds)
    ]
    columns = LevelColumns.of(patterns)
    errors: dict[str, list[Floats]] = {cut: [] for cut in CUTS[:-1]}
    base: list[Floats] = []
    for f, held_out in enumerate(parts):
        learned = _add_up([p for i, p in enumerate(parts) if i != f])
        cuts = _cuts(columns, learned, segmented)
        base.append(_errors(learned.total(), learned.total(), held_out.total()))
        for name, found in errors.items():
            found.append(_held_out_errors(cuts[name], learned, held_out))
    whole = _add_up(parts)
    explained = {name: 1 - quotient(sum(found), sum(base)) for name, found in errors.items()}
    explained["all patterns"] = _explained_by_patterns(whole)
    rows = _comparison_rows(patterns, at, _cuts(columns, whole, segmented), explained, whole)
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def _comparison_rows(
    patterns: PatternTable,
    at: Sequence[int],
    cuts: dict[str, _Cut],
    explained: dict[str, Floats],
    whole: _Sums,
) -> list[tuple[object, ...]]:
    n = np.rint(patterns.n_values.sum(axis=0) * patterns.fold_share)
    details = {
        name: " and ".join(patterns.features[j].label for j in cut.features) if name in CUTS[1:4] else ""
        for name, cut in cuts.items()
    }
    rows: list[tuple[object, ...]] = [
        (patterns.outcomes[j].name, name, details[name], cut.n_groups, int(n[j]), explained[name][i])
        for i, j in enumerate(at)
        for name, cut in cuts.items()
    ]
    n_customers = round(patterns.n_customers * patterns.fold_share)
    varies = whole.scatter > 0
    for name, cut in cuts.items():
        known = explained[name][varies]
        mean = float(np.nanmean(known)) if np.isfinite(known).any() else float("nan")
        rows.append((ALL_OUTCOMES, name, details[name], cut.n_groups, n_customers, mean))
    return rows


def _cuts(columns: LevelColumns, learned: _Sums, segmented: SegmentedPatterns) -> dict[str, _Cut]:
    """Every cut, made from the customers in `learned`."""
    labels, n_segments = segmented.labels, segmented.n_segments
    # each outcome counts by the share of its variation that is explained
    unit = np.sqrt(quotient(np.ones(len(learned.scatter)), learned.scatter, 0.0))
    sums = learned.sums * unit
    positions = range(len(columns.indicators))

    def grown(features: Sequence[int]) -> tuple[float, _Cut]:
        leaves, _ = grow(columns, sums, learned.weights, n_segments, features)
        groups = leaf_groups(leaves, len(sums))
        used = tuple(sorted({j for leaf in leaves for j in leaf.allowed}))
        sums_of = learned.by_group(groups, len(leaves))
        return float((quotient(sums_of.sums**2, sums_of.weights, 0.0) * unit**2).sum()), _Cut(groups, used)

    one = max((grown([j]) for j in positions), key=lambda found: found[0])
    first = one[1].features[0] if one[1].features else 0
    two = max([one, *(grown([first, j]) for j in positions if j != first)], key=lambda found: found[0])
    every = tuple(positions)
    return {
        "segments": _Cut(np.asarray(labels, np.intp), every),
        "one feature": one[1],
        "two features": two[1],
        "tree": grown(every)[1],
        "all patterns": _Cut(np.arange(len(labels)), every),
    }


def _explained_by_patterns(patterns: _Sums) -> Floats:
    """(n_outcomes,) share of the variation that lies between patterns, estimated without bias."""
    n = patterns.weights.sum(axis=0)
    within = patterns.squares - quotient(patterns.sums**2, patterns.weights, 0.0)
    mean_square = quotient(np.maximum(within, 0).sum(axis=0), n - (patterns.weights > 0).sum(axis=0))
    return np.asarray(1 - quotient(mean_square, quotient(patterns.scatter, n - 1)))


def _held_out_errors(cut: _Cut, learned: _Sums, held_out: _Sums) -> Floats:
    """(n_outcomes,) squared errors of a cut whose means are learned from other customers."""
    n_groups = cut.n_groups
    groups = learned.by_group(cut.groups, n_groups)
    return _errors(groups, learned.total(), held_out.by_group(cut.groups, n_groups))


def _errors(groups: _Sums, whole: _Sums, held_out: _Sums) -> Floats:
    """(n_outcomes,) squared errors of the held-out customers about the shrunken means of their groups."""
    mean = quotient(whole.sums, whole.weights, 0.0)
    toward = _customers_of_the_prior(groups)
    top = groups.sums + toward * mean
    predicted = np.where(groups.weights + toward > 0, quotient(top, groups.weights + toward, 0.0), mean)
    about = held_out.squares - 2 * predicted * held_out.sums + held_out.weights * predicted**2
    return np.asarray(np.maximum(about, 0).sum(axis=0))


def _customers_of_the_prior(groups: _Sums) -> Floats:
    """(n_outcomes,) customers that the mean of all counts for: variance within over variance between groups."""
    occupied = (groups.weights > 0).sum(axis=0)
    n = groups.weights.sum(axis=0)
    inside = (groups.squares - quotient(groups.sums**2, groups.weights, 0.0)).sum(axis=0)
    within = quotient(np.maximum(inside, 0), np.maximum(n - occupied, 0), 0.0)
    between = groups.scatter - np.maximum(inside, 0)
    size = n - quotient((groups.weights**2).sum(axis=0), n, 0.0)
    variance = quotient(between - np.maximum(occupied - 1, 0) * within, size, 0.0)
    toward = np.minimum(quotient(within, variance, _MOST), _MOST)
    return np.where(occupied < 2, 0.0, toward)


def _centred(weights: Floats, sums: Floats, squares: Floats, origins: Floats) -> _Sums:
    return _Sums(weights, sums - weights * origins, squares)


def _add_up(parts: Sequence[_Sums]) -> _Sums:
    return _Sums(
        np.sum([p.weights for p in parts], axis=0),
        np.sum([p.sums for p in parts], axis=0),
        np.sum([p.squares for p in parts], axis=0),
    )
