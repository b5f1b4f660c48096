"""Outcomes that the features determine, or nearly: copies of what formed the segments, which no test can judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from segmentry.arrays import Floats, Indices
from segmentry.patterns import PatternTable, ValueCounts

ALL_FEATURES = "*"
"""Stands for the features together, where no single one determines an outcome."""
NEARLY = 0.9
"""Share of the variation that groups of such sizes can explain at most, from which an outcome counts as determined."""
_LEAST_EXPLAINED = 0.3
_LEAST_PER_PATTERN = 2.0


def determined_outcomes(patterns: PatternTable, counts: Sequence[ValueCounts] = ()) -> Mapping[str, str]:
    """Find the outcomes that a feature determines, or all features together.

    Parameters
    ----------
    patterns
        Pattern table with its outcomes.
    counts
        Counts of values by segment; of outcomes without them the largest share that can be explained is taken as 1.

    Returns
    -------
    Mapping
        Name of the feature, or `ALL_FEATURES`, by name of the outcome.

    Notes
    -----
    The share of an outcome's variation between the levels of a feature (ε²; Kelley 1935) is compared with the largest share that
    groups of these sizes can have: that of the values sorted and dealt out to the levels in their order. A number that is banded by a
    feature reaches it exactly, and so does any number that rises with it, however skewed. So do all patterns, where two features add up
    to the outcome.
    """
    if not patterns.outcomes or not patterns.features:
        return {}
    counted = {c.outcome: c for c in counts}
    spread = [_values_of(patterns, j, counted.get(o.name)) for j, o in enumerate(patterns.outcomes)]
    found: dict[str, str] = {}
    names = [f.name for f in patterns.features]
    parts = [(name, np.asarray(patterns.codes[:, f], np.intp) + 1) for f, name in enumerate(names)]
    if patterns.n_customers >= _LEAST_PER_PATTERN * patterns.n_patterns:
        parts.append((ALL_FEATURES, np.arange(patterns.n_patterns)))
    best = np.zeros(len(patterns.outcomes))
    for name, groups in parts:
        shares = _shares_reached(patterns, groups, spread)
        for j, outcome in enumerate(patterns.outcomes):
            if (
                shares[j] >= NEARLY
                and shares[j] > best[j]
                and not (name == ALL_FEATURES and outcome.name in found)
            ):
                found[outcome.name], best[j] = name, shares[j]
    return found


def _shares_reached(
    patterns: PatternTable, groups: Indices, spread: Sequence[tuple[Floats, Floats] | None]
) -> Floats:
    """(n_outcomes,) explained variation over the largest that is possible; 0 where little is explained."""
    n_groups = int(groups.max(initial=0)) + 1
    at = np.arange(len(groups))
    members = csr_array((np.ones(len(groups)), (groups, at)), (n_groups, len(groups)))
    weights, sums, n = (
        np.asarray(members @ v)
        for v in (patterns.weight_of_values, patterns.sums, patterns.n_values.astype(np.float64))
    )
    squares = patterns.squares.sum(axis=0)
    reached = np.zeros(len(spread))
    for j, values in enumerate(spread):
        has = n[:, j] > 0
        of, total = weights[has, j], float(weights[:, j].sum())
        if total <= 0 or has.sum() < 2 or n[:, j].sum() <= has.sum():
            continue
        means = sums[has, j] / of
        centre = float(sums[:, j].sum() / total)
        whole = float(squares[j] - total * (centre - patterns.origins[j]) ** 2)
        if not whole > 1e-9 * max(float(squares[j]), 1e-300):
            continue
        between = float((of * (means - centre) ** 2).sum())
        customers = float(n[:, j].sum())
        explained = 1 - (1 - between / whole) * (customers - 1) / (customers - has.sum())
        if explained >= _LEAST_EXPLAINED:
            most = 1.0 if values is None else _largest_share(of[np.argsort(means, kind="stable")], *values)
            reached[j] = explained / max(most, explained, 1e-12) if most > 0 else 0.0
    return reached


def _largest_share(sizes: Floats, values: Floats, masses: Floats) -> float:
    """Share of the variation between groups of these sizes if the sorted values were dealt out to them in order."""
    ends = np.cumsum(masses)
    up_to = np.cumsum(values * masses)
    cuts = np.cumsum(sizes) / sizes.sum() * ends[-1]
    sums = np.diff(np.interp(cuts, np.append(0.0, ends), np.append(0.0, up_to)), prepend=0.0)
    of = np.diff(cuts, prepend=0.0)
    centre = up_to[-1] / ends[-1]
    whole = float((masses * (values - centre) ** 2).sum())
    return float((of * (sums / np.maximum(of, 1e-300) - centre) ** 2).sum()) / whole if whole > 0 else 0.0


def _values_of(patterns: PatternTable, j: int, counts: ValueCounts | None) -> tuple[Floats, Floats] | None:
    """Values of an outcome in their order, and how often they occur; None where they were not counted."""
    if patterns.outcomes[j].role == "flags":
        total, weight = float(patterns.sums[:, j].sum()), float(patterns.weight_of_values[:, j].sum())
        return np.array([0.0, 1.0]), np.array([max(weight - total, 0.0), max(total, 0.0)])
    if counts is None:
        return None
    order = np.argsort(counts.values, kind="stable")
    masses = counts.customers if counts.weights is None else counts.weights
    return counts.values[order], masses[order]
