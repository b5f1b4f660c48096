"""What the likelihood of latent classes says: parameters, entropies, fit to the table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster.input.collapsed_rows import WeightedPatterns

FEWEST_ORDERED = 3
"""Levels from which a centre and a spread say more than a probability."""


def ordered_of(n_levels: Sequence[int], distributions: Sequence[str]) -> list[bool]:
    """Say which features have a centre and a spread: those of distribution "ordered" with three levels or more."""
    return [
        word == "ordered" and n >= FEWEST_ORDERED for n, word in zip(n_levels, distributions, strict=True)
    ]


def n_class_parameters(
    n_classes: int, n_levels: Sequence[int], is_ordered: Sequence[bool] | None = None
) -> int:
    """Return the free parameters of latent classes over features with so many observed levels.

    An ordered feature has its thresholds once, and a centre and a spread for every class but the scale's own two.
    """
    ordered = [False] * len(n_levels) if is_ordered is None else is_ordered
    by_feature = [
        max(n - 1, 0) + 2 * (n_classes - 1) if chosen else n_classes * max(n - 1, 0)
        for n, chosen in zip(n_levels, ordered, strict=True)
    ]
    return n_classes - 1 + sum(by_feature)


def softmax(joint: Floats) -> Floats:
    """Return the posteriors from the joint log-probabilities (..., n_classes)."""
    odds = np.exp(joint - joint.max(axis=-1, keepdims=True))
    posteriors: Floats = odds / odds.sum(axis=-1, keepdims=True)
    return posteriors


def log_sums(joint: Floats) -> Floats:
    """Return the log-likelihood (n_rows,) from the joint log-probabilities (n_rows, n_classes)."""
    peak = joint.max(axis=1)
    sums: Floats = peak + np.log(np.exp(joint - peak[:, None]).sum(axis=1))
    return sums


def entropies(shares: Floats) -> Floats:
    """Return the entropy (...,) of shares (..., n_classes)."""
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=-1))


def g_squared(patterns: WeightedPatterns, log_likelihood: float) -> float:
    """Return twice the log of the likelihood ratio of the saturated table to the model; NaN where a cell is missing."""
    if (patterns.codes < 0).any():
        return float("nan")
    saturated = float(patterns.weights @ np.log(patterns.weights / patterns.total_weight))
    return max(0.0, 2 * (saturated - log_likelihood))
