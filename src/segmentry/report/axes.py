"""Two principal axes of the patterns, for the map: correspondence analysis, or components of the codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable
from segmentry.report import wording


@dataclass(frozen=True)
class Axes:
    """(n_patterns, 2) coordinates, and the share of the inertia or variance that each axis holds."""

    coordinates: Floats
    shares: tuple[float, float]
    kind: str


def principal_axes(patterns: PatternTable, method: str) -> Axes:
    """Map the patterns: principal components of the standardised codes for k-means, else MCA.

    Multiple correspondence analysis gives every level a place of its own, and ignores the order of levels. Its shares are
    Greenacre's adjusted inertias (Greenacre 2007, chapter 19). Missing values lie at the centre of their
    feature.
    """
    weight = patterns.sample_weight / patterns.sample_weight.sum()
    if method == "k-means":
        table, kind = _standardised(patterns, weight), wording.PRINCIPAL
    else:
        table, kind = _indicators(patterns, weight), wording.CORRESPONDENCE
    u, singular, _ = np.linalg.svd(table * np.sqrt(weight)[:, None], full_matrices=False)
    inertia = np.append(singular**2, [0.0, 0.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(weight[:, None] > 0, u * singular / np.sqrt(weight)[:, None], 0.0)
    scores = np.column_stack([scores, np.zeros((len(weight), 2))])[:, :2]
    shares = _shares(inertia) if method == "k-means" else _adjusted(inertia, patterns)
    return Axes(_oriented(scores), shares, kind)


def _standardised(patterns: PatternTable, weight: Floats) -> Floats:
    codes = np.asarray(patterns.codes, np.float64)
    centred = codes - weight @ codes
    deviation = np.sqrt(weight @ centred**2)
    return centred / np.where(deviation > 0, deviation, 1.0)


def _indicators(patterns: PatternTable, weight: Floats) -> Floats:
    """Make the indicator columns of MCA, (z - p) / sqrt(p J), of the levels that customers have."""
    n_features = len(patterns.features)
    columns = []
    for j, feature in enumerate(patterns.features):
        codes = np.asarray(patterns.codes[:, j])
        known = codes >= 0
        for level in range(len(feature.levels)):
            p = float(weight[codes == level].sum())
            if p > 0:
                columns.append(np.where(known, (codes == level) - p, 0.0) / np.sqrt(p * n_features))
    return np.column_stack(columns) if columns else np.zeros((len(weight), 1))


def _shares(inertia: Floats) -> tuple[float, float]:
    total = inertia.sum()
    return (float(inertia[0] / total), float(inertia[1] / total)) if total > 0 else (0.0, 0.0)


def _adjusted(inertia: Floats, patterns: PatternTable) -> tuple[float, float]:
    n_features = len(patterns.features)
    if n_features < 2:
        return _shares(inertia)
    n_levels = sum(int((patterns.level_counts(j) > 0).sum()) for j in range(n_features))
    ratio = n_features / (n_features - 1)
    adjusted = np.where(inertia > 1 / n_features, (ratio * (inertia - 1 / n_features)) ** 2, 0.0)
    total = ratio * ((inertia**2).sum() - (n_levels - n_features) / n_features**2)
    return (float(adjusted[0] / total), float(adjusted[1] / total)) if total > 1e-12 else (0.0, 0.0)


def _oriented(scores: Floats) -> Floats:
    """Fix the sign that a decomposition leaves open: the largest score of an axis is positive."""
    largest = np.abs(scores).argmax(axis=0)
    signs = np.sign(scores[largest, np.arange(scores.shape[1])])
    return scores * np.where(signs == 0, 1.0, signs)
