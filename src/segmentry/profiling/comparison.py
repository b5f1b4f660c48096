"""Do the segments beat the obvious: what they explain of held-out customers, beside cuts with as many groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable
from segmentry.profiling.trees import LevelColumns, grow, leaf_groups

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.arrays import Labels

COMPARISON_COLUMNS = ("outcome", "cut", "detail", "n_groups", "n", "explained")
ALL_OUTCOMES = "mean of all outcomes"
CUTS = ("segments", "one feature", "two features", "tree", "all patterns")

_MOST = 1e12
"""Customers that the mean of all counts for where groups do not differ at all."""

Groups = npt.NDArray[np.intp]


@dataclass(frozen=True)
class _Sums:
    """(n_patterns, n_outcomes) values about their origins: weights, sums, squares."""

    weights: Floats
    sums: Floats
    squares: Floats

    def grouped(self, groups: Groups, n_groups: int) -> _Sums:
        def by_group(values: Floats) -> Floats:
            total = np.zeros((n_groups, values.shape[1]))
            np.add.at(total, groups, values)
            return total

        return _Sums(by_group(self.weights), by_group(self.sums), by_group(self.squares))

    def total(self) -> _Sums:
        return _Sums(*(v.sum(axis=0, keepdims=True) for v in (self.weights, self.sums, self.squares)))

    @property
    def scatter(self) -> Floats:
        """(n_outcomes,) sum of squares about the mean."""
        whole = self.total()
        return np.asarray((whole.squares - _over(whole.sums**2, whole.weights))[0])


@dataclass(frozen=True)
class _Cut:
    """A division of the customers, and the features that it uses."""

    groups: Groups
    features: tuple[int, ...]

    @property
    def n_groups(self) -> int:
        return int(self.groups.max()) + 1 if len(self.groups) else 0


def comparison_table(patterns: PatternTable, labels: Labels, n_segments: int) -> pd.DataFrame:
    """Compare the segments with simple cuts, on customers that these were not made from.

    Parameters
    ----------
    patterns
        The pattern table, with its sums by fold.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.

    Returns
    -------
    DataFrame
        One row per outcome and cut, and per cut their mean: ``outcome``, ``cut``, ``detail`` (the features
        that it uses), ``n_groups``, ``n`` customers with a value, and ``explained``, the share of the
        outcome's variation that the cut explains; below 0 where it predicts worse than one mean for all. No
        rows where there are no folds, or lopsided ones, no outcomes, or fewer than two segments.

    Notes
    -----
    Cuts: ``segments``; ``one feature``, ``two features`` and ``tree`` (any features), each a tree with at most as many
    groups as there are segments, grown on one half of the customers to explain all outcomes together, each by
    its share. On the other half every customer is predicted by the mean of the group, learned on the first half
    and shrunk towards the mean of all by the group's size (as in one-way random effects); then the halves
    change places. Explained is one less the squared errors over those of the mean of all.

    ``all patterns`` is the ceiling of whatever is made from these features: the share of variation between
    patterns, estimated without bias as one less the mean square within patterns over that of all customers
    (ε²; Kelley 1935). Held-out means of hundreds of patterns would be noise.
    """
    import pandas as pd

    folds = patterns.usable_folds
    if folds is None or n_segments < 2 or not patterns.outcomes or not patterns.features:
        return pd.DataFrame({name: [] for name in COMPARISON_COLUMNS})
    parts = [
        _centred(folds.value_weights[:, f], folds.sums[:, f], folds.squares[:, f], patterns.origins)
        for f in range(folds.n_folds)
    ]
    columns = LevelColumns.of(patterns)
    errors: dict[str, list[Floats]] = {cut: [] for cut in CUTS[:-1]}
    base: list[Floats] = []
    for f, held_out in enumerate(parts):
        learned = _added([p for i, p in enumerate(parts) if i != f])
        cuts = _cuts(columns, learned, labels, n_segments)
        base.append(_errors(learned.total(), learned.total(), held_out.total()))
        for name, found in errors.items():
            found.append(_held_out(cuts[name], learned, held_out))
    whole = _added(parts)
    shown = _cuts(columns, whole, labels, n_segments)
    explained = {name: 1 - _over(sum(found), sum(base), np.nan) for name, found in errors.items()}
    explained["all patterns"] = _between(whole)
    rows = _rows(patterns, shown, explained, whole)
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def _rows(
    patterns: PatternTable, cuts: dict[str, _Cut], explained: dict[str, Floats], whole: _Sums
) -> list[tuple[object, ...]]:
    n = np.rint(patterns.n_values.sum(axis=0) * patterns.fold_share)
    details = {
        name: " and ".join(patterns.features[j].label for j in cut.features) if name in CUTS[1:4] else ""
        for name, cut in cuts.items()
    }
    rows: list[tuple[object, ...]] = [
        (o.name, name, details[name], cut.n_groups, int(n[j]), explained[name][j])
        for j, o in enumerate(patterns.outcomes)
        for name, cut in cuts.items()
    ]
    n_customers = round(patterns.n_customers * patterns.fold_share)
    varies = whole.scatter > 0
    for name, cut in cuts.items():
        known = explained[name][varies]
        mean = float(np.nanmean(known)) if np.isfinite(known).any() else float("nan")
        rows.append((ALL_OUTCOMES, name, details[name], cut.n_groups, n_customers, mean))
    return rows


def _cuts(columns: LevelColumns, learned: _Sums, labels: Labels, n_segments: int) -> dict[str, _Cut]:
    """Every cut, made from the customers in `learned`."""
    # each outcome counts by the share of its variation that is explained
    unit = np.sqrt(_over(np.ones(len(learned.scatter)), learned.scatter))
    sums = learned.sums * unit
    positions = range(len(columns.slices))

    def grown(features: Sequence[int]) -> tuple[float, _Cut]:
        leaves, _ = grow(columns, sums, learned.weights, n_segments, features)
        groups = leaf_groups(leaves, len(sums))
        used = tuple(sorted({j for leaf in leaves for j in leaf.allowed}))
        by_group = learned.grouped(groups, len(leaves))
        return float((_over(by_group.sums**2, by_group.weights) * unit**2).sum()), _Cut(groups, used)

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


def _between(patterns: _Sums) -> Floats:
    """(n_outcomes,) share of the variation that lies between patterns, estimated without bias."""
    n = patterns.weights.sum(axis=0)
    within = patterns.squares - _over(patterns.sums**2, patterns.weights)
    mean_square = _over(np.maximum(within, 0).sum(axis=0), n - (patterns.weights > 0).sum(axis=0), np.nan)
    return np.asarray(1 - _over(mean_square, _over(patterns.scatter, n - 1, np.nan), np.nan))


def _held_out(cut: _Cut, learned: _Sums, held_out: _Sums) -> Floats:
    n_groups = cut.n_groups
    groups = learned.grouped(cut.groups, n_groups)
    return _errors(groups, learned.total(), held_out.grouped(cut.groups, n_groups))


def _errors(groups: _Sums, whole: _Sums, held_out: _Sums) -> Floats:
    """(n_outcomes,) squared errors of the held-out customers about the shrunken means of their groups."""
    mean = _over(whole.sums, whole.weights)
    toward = _customers_of_the_prior(groups)
    top = groups.sums + toward * mean
    predicted = np.where(groups.weights + toward > 0, _over(top, groups.weights + toward), mean)
    about = held_out.squares - 2 * predicted * held_out.sums + held_out.weights * predicted**2
    return np.asarray(np.maximum(about, 0).sum(axis=0))


def _customers_of_the_prior(groups: _Sums) -> Floats:
    """(n_outcomes,) how many customers the mean of all counts for: variance within over variance between groups."""
    occupied = (groups.weights > 0).sum(axis=0)
    n, inside = (
        groups.weights.sum(axis=0),
        (groups.squares - _over(groups.sums**2, groups.weights)).sum(axis=0),
    )
    within = _over(np.maximum(inside, 0), np.maximum(n - occupied, 0))
    between = groups.scatter - np.maximum(inside, 0)
    size = n - _over((groups.weights**2).sum(axis=0), n)
    variance = _over(between - np.maximum(occupied - 1, 0) * within, size)
    toward = np.minimum(_over(within, variance, _MOST), _MOST)
    return np.where(occupied < 2, 0.0, toward)


def _centred(weights: Floats, sums: Floats, squares: Floats, origins: Floats) -> _Sums:
    return _Sums(weights, sums - weights * origins, squares)


def _added(parts: Sequence[_Sums]) -> _Sums:
    return _Sums(
        np.sum([p.weights for p in parts], axis=0),
        np.sum([p.sums for p in parts], axis=0),
        np.sum([p.squares for p in parts], axis=0),
    )


def _over(top: object, bottom: object, otherwise: float = 0.0) -> Floats:
    """Quotient; `otherwise` where the divisor is not positive."""
    top, bottom = np.broadcast_arrays(np.asarray(top, np.float64), np.asarray(bottom, np.float64))
    return np.divide(top, bottom, out=np.full(top.shape, otherwise), where=bottom > 0)
