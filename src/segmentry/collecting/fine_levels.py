"""Fine levels: cuts of the numbers and values of the groups, as many as the data and a budget of patterns allow."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Integers
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import coded_edges, coded_groups, level_labels, replace_features

MAX_LEVELS = 64
"""Largest number of intervals of a number, and of values of groups that are kept apart."""
MAX_PATTERNS = 1_000_000
"""Budget of patterns, unless a caller has another."""
LEAST_MODELLED = 5
"""Customers that a level of an ordered feature has at least."""
_TRIED = (MAX_LEVELS, 48, 32, 24, 16, 12, 8, 6, 4)
_PER_HALVING = 12
"""Each end is halved once for so many levels: how widely a class is spread is told by the customers far out."""
_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class FeatureValues:
    """Values of the features of some customers, and the number of all customers.

    `values` has for each feature an array with a row per customer: numbers with NaN, or texts with None.
    """

    values: Mapping[str, npt.NDArray[Any]]
    n_customers: int

    @property
    def n_read(self) -> int:
        """Number of customers whose values are here."""
        return min((len(v) for v in self.values.values()), default=0)


@dataclass(frozen=True)
class FineLevels:
    """A recipe with fine levels, at most `n_levels` for each feature, and about how many patterns it makes.

    `n_patterns` is None where there are so few customers that it need not be estimated.
    """

    recipe: Recipe
    n_levels: int
    n_patterns: int | None = None


def fine(
    recipe: Recipe,
    found: FeatureValues,
    names: Collection[str] | None = None,
    *,
    max_levels: int = MAX_LEVELS,
    max_patterns: int = MAX_PATTERNS,
    least: int = LEAST_MODELLED,
) -> FineLevels:
    """Return the recipe with as fine levels as a budget of patterns allows.

    A number is cut at its values where there are few, else at round numbers near its quantiles, and always at the edges of
    the recipe. Each value of a group is a level of its own, and so are the most frequent values of the rest. Fine levels that
    the recipe declares are kept.

    Parameters
    ----------
    recipe
        Recipe with every edge filled in.
    found
        Values of the features.
    names
        Features that get fine levels; by default all.
    max_levels
        Largest number of levels of a feature.
    max_patterns
        Largest number of patterns; where there would be more, features get fewer levels.
    least
        Smallest number of customers in a level of an ordered feature, as far as the recipe's own levels have as many: the model
        tells how many customers a level has.
    """
    for n_levels in [max_levels, *(n for n in _TRIED if n < max_levels)]:
        finer = {
            f.name: with_fine(f, found.values[f.name], n_levels, least if f.distribution == "ordered" else 1)
            for f in recipe.features
            if can_be_finer(f) and f.name in found.values and (names is None or f.name in names)
        }
        made = recipe.model_copy(update={"features": replace_features(recipe.features, finer)})
        if found.n_customers <= max_patterns:
            return FineLevels(made, n_levels)
        n_patterns = estimate_patterns(made, found)
        if n_patterns <= max_patterns:
            break
    return FineLevels(made, n_levels, n_patterns)


def can_be_finer(feature: Feature) -> bool:
    """Whether the feature's levels can be divided: ranges of numbers, and groups of values that need no order."""
    if feature.fine is not None:
        return False
    has_groups = feature.groups is not None or (feature.levels is not None and feature.rest is not None)
    return feature.edges is not None or (has_groups and feature.distribution == "levels")


def with_fine(feature: Feature, values: npt.NDArray[Any], n_levels: int, least: int = 1) -> Feature:
    """Return the feature with at most `n_levels` fine levels, if its own levels are not as many; else unchanged.

    Each range of a number that is finer than the recipe's holds `least` customers or more.
    """
    if feature.edges is not None:
        numbers = values.astype(np.float64)
        numbers = np.sort(numbers[np.isfinite(numbers)])
        cuts = _frequent(feature, _cuts(feature, numbers, n_levels), numbers, least)
        is_finer = len(cuts) > len(feature.edges)
    else:
        cuts = _values(feature, values, n_levels)
        is_finer = len(cuts) > len(coded_groups(feature)) and len(level_labels(feature)) > 1
    return feature.model_copy(update={"fine": tuple(cuts)}) if is_finer else feature


def _cuts(feature: Feature, numbers: Floats, n_levels: int) -> list[Any]:
    """The edges, and cuts between so many other neighbouring values that the levels hold the shares of `_targets`."""
    edges = list(feature.edges or ())
    values, counts = np.unique(numbers, return_counts=True)
    side: Literal["left", "right"] = "left" if feature.closed == "left" else "right"
    has_edge = set(np.searchsorted(values, [float(e) for e in edges], side=side).tolist())
    below = np.cumsum(counts)[:-1] / max(
        len(numbers), 1
    )  # share below the gap i + 1, between values i and i + 1
    free = np.array([i for i in range(1, len(values)) if i not in has_edge], np.intp)
    n_wanted = n_levels - 1 - len(edges)
    if n_wanted < 1:
        return edges
    if len(free) > n_wanted:
        free = _spread(free, below, _targets(n_wanted + 1, len(numbers)), has_edge)
    if len(values) <= n_levels:
        at = free if feature.closed == "left" else free - 1
        return sorted({*edges, *(_plain(float(v)) for v in values[at])})
    is_heavy = np.maximum(counts[1:], counts[:-1]) >= 0.5 * len(numbers) / n_levels
    # cuts beside a frequent value leave it alone
    shares = np.where(is_heavy, 0.0, 0.25 * _width(below, n_levels))
    rooms = [_room(values, below, gap, float(shares[gap - 1])) for gap in free.tolist()]
    return sorted({*edges, *(round_number(*room, closed=feature.closed) for room in rooms)})


def _frequent(feature: Feature, cuts: list[Any], numbers: Floats, least: int) -> list[Any]:
    """The edges, and those of the other cuts between which there are `least` numbers or more."""
    side: Literal["left", "right"] = "left" if feature.closed == "left" else "right"
    below = dict(zip(cuts, np.searchsorted(numbers, cuts, side=side).tolist(), strict=True))
    edges, kept, last = list(feature.edges or ()), [], 0
    for cut in cuts:
        following = next((below[e] for e in edges if e > cut), len(numbers))
        if cut in edges or (below[cut] - last >= least and following - below[cut] >= least):
            kept.append(cut)
            last = below[cut]
    return kept


def _targets(n_levels: int, n_customers: int) -> Floats:
    """Shares of the customers below the cuts: levels of equal shares, at both ends halved while they hold enough customers."""
    bearable = math.log2(max(n_customers / n_levels / LEAST_MODELLED, 1))
    n_halved = min(n_levels // _PER_HALVING, int(bearable))
    equal = np.arange(1, n_levels - 2 * n_halved) / (n_levels - 2 * n_halved)
    end = 0.5 ** np.arange(1, n_halved + 1) / (n_levels - 2 * n_halved)
    return np.sort(np.concatenate([end, equal, 1 - end]))


def _width(below: Floats, n_levels: int) -> Floats:
    """About how large a share a level has beside a cut with these shares of the customers below it."""
    return np.minimum(1 / n_levels, np.minimum(below, 1 - below) / 2)


def _spread(free: Integers, below: Floats, targets: Floats, has_edge: set[int]) -> Integers:
    """Of the free gaps those nearest to the targets, without those that are nearer to an edge than half a level."""
    shares = below[free - 1]
    at = np.clip(np.searchsorted(shares, targets), 1, max(len(shares) - 1, 1))
    at = at - (targets - shares[at - 1] < shares[np.minimum(at, len(shares) - 1)] - targets)
    chosen = free[np.unique(np.clip(at, 0, len(free) - 1))]
    edges = np.array([below[g - 1] for g in has_edge if 0 < g <= len(below)])
    if not len(edges):
        return chosen
    apart = np.abs(below[chosen - 1][:, None] - edges).min(axis=1)
    return np.asarray(chosen[apart >= 0.5 * _width(below[chosen - 1], len(targets) + 1)])


def _room(values: Floats, below: Floats, gap: int, share: float) -> tuple[float, float]:
    """Where a cut may lie: between the values on both sides, and further by a share of the customers."""
    at = below[gap - 1]
    first = int(np.searchsorted(below, at - share, side="left")) if share else gap - 1
    last = int(np.searchsorted(below, at + share, side="right")) if share else gap
    return float(values[min(first, gap - 1)]), float(values[max(min(last, len(values) - 1), gap)])


def round_number(low: float, high: float, closed: str = "left") -> int | float:
    """Return the roundest number above `low` and up to `high`; with ``closed="right"`` from `low` up to below `high`.

    Of equally round ones it is the nearest to the middle.

    Examples
    --------
    >>> round_number(31_234, 31_980), round_number(2, 3), round_number(0.12, 0.19), round_number(2, 3, "right")
    (31500, 3, 0.15, 2)
    """
    for power in range(math.floor(math.log10(high - low)) + 1, -400, -1):
        for digit in (5, 2, 1):
            found = _multiple(low, high, digit, power, closed)
            if found is not None:
                return found
    return _plain(high if closed == "left" else low)


def values_within(feature: Feature) -> Floats:
    """Return a number in each fine level of a number: a round one, which of whole numbers is the one that the level holds.

    Infinite in the first and the last, which are open.

    Examples
    --------
    >>> age = Feature(name="age", column="age", edges=(30, 50), fine=(30, 31, 32, 50))
    >>> values_within(age).tolist()
    [-inf, 30.0, 31.0, 40.0, inf]
    """
    held = (
        "right" if feature.closed == "left" else "left"
    )  # the end that a level holds, where cuts hold the other
    inner = [round_number(*pair, closed=held) for pair in itertools.pairwise(coded_edges(feature))]
    return np.array([-math.inf, *inner, math.inf])


def _multiple(low: float, high: float, digit: int, power: int, closed: str) -> int | float | None:
    """The multiple of ``digit * 10**power`` nearest to the middle of a range, if one lies in it."""
    step = digit * 10.0**power
    middle = round((low + high) / 2 / step)
    for k in (middle, middle - 1, middle + 1):
        number = round(k * step, max(-power, 0)) if power > -300 else k * step
        if low < number <= high if closed == "left" else low <= number < high:
            return _plain(float(number))
    return None


def _plain(number: float) -> int | float:
    """The number as a whole one, where it is one and no digit is lost."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _values(feature: Feature, values: npt.NDArray[Any], n_levels: int) -> list[Any]:
    """The values of the groups, and of the rest the most frequent ones."""
    declared = [v for group in coded_groups(feature) for v in group]
    if len(declared) > n_levels:
        return []
    if feature.rest is None:
        return declared
    known = set(declared)
    plain = [_plain(v) if isinstance(v, float) else v for v in values.tolist() if v is not None]
    counted = Counter(v for v in plain if v not in known and not (isinstance(v, float) and math.isnan(v)))
    frequent = sorted(counted, key=lambda v: (-counted[v], str(v)))
    return [*declared, *frequent[: max(n_levels - 1 - len(declared), 0)]]


def estimate_patterns(recipe: Recipe, found: FeatureValues) -> int:
    """Estimate how many patterns all customers make, from how their number grows in those that were read.

    It grows from a half of them in random order, the same each time: in the order of the table neighbours may be alike.
    """
    codes = np.zeros(found.n_read, np.uint64)
    for feature in recipe.features:
        if feature.name in found.values:
            codes = codes * _PRIME + _codes(feature, found.values[feature.name])
    n, whole = len(codes), len(np.unique(codes))
    if found.n_customers <= n or n < 2:
        return whole
    half = len(np.unique(np.random.default_rng(0).permutation(codes)[: n // 2]))
    growth = math.log2(whole / half)
    return min(found.n_customers, round(whole * (found.n_customers / n) ** growth))


def _codes(feature: Feature, values: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    if feature.edges is not None:
        numbers = values.astype(np.float64)
        side: Literal["left", "right"] = "right" if feature.closed == "left" else "left"
        codes = np.searchsorted(np.array(coded_edges(feature), np.float64), numbers, side=side)
        return np.where(np.isnan(numbers), MAX_LEVELS + 1, codes).astype(np.uint64)
    place = {v: i for i, group in enumerate(coded_groups(feature)) for v in group}
    if place:
        return np.array([place.get(v, -1) + 1 for v in values.tolist()], np.uint64)
    return np.asarray(np.unique(values.astype(str), return_inverse=True)[1].ravel().astype(np.uint64))
