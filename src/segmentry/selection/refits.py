"""Segments fitted anew to drawn tables, by each method, with few starts: there are many tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Labels
from segmentry.patterns import PatternTable
from segmentry.selection.draws import Cells

Refit = Callable[[Cells, int, np.random.Generator], Labels]
"""Fits segments to each table of cells: labels (n_tables, n_patterns) of all their patterns."""
REFIT_STARTS = 3
"""Random starts of each fit to a drawn table."""
STARTS_PER_CLASS, MOST_STARTS, _SHORT = 2, 10, 3
"""Refits of latent classes have two starts per class, at most ten, of so many cycles: with three starts, drawn for
all refits at once, five clear classes were found again at 69 % where ten find them at 94 %."""
_STARTS_OF_MEANS = 10
"""Refits by k-means: three starts found the least stable of four segments of the customer personality file again at 58 to
67 %, ten at 72 to 77 %, 25 at 78 to 82 %: what differed was the search, not the customers."""
_MAX_GRID = (
    1_000  # combinations of levels up to which modes are searched on all; beyond, alternation takes a tenth
)
TOLERANCE = 1e-6  # labels need less than likelihoods: similarities change by 0.01, in a third of the time


def refit_of(method: str, patterns: PatternTable, tolerance: float = TOLERANCE) -> Refit:
    """Return how a method is fitted to drawn tables; `tolerance` ends a fit of latent classes."""
    if method == "latent-class":
        return partial(refit_classes, tolerance=tolerance)
    if method == "k-means":
        return refit_means
    distances = [f.distance for f in patterns.features]
    weights = [f.weight for f in patterns.features]

    def refit_modes(cells: Cells, k: int, rng: np.random.Generator) -> Labels:
        return _refit_modes(cells, k, rng, distances, weights)

    return refit_modes


def refit_classes(cells: Cells, k: int, rng: np.random.Generator, tolerance: float = TOLERANCE) -> Labels:
    """Fit latent classes to each table."""
    labels, done = np.zeros(cells.weights.shape, np.intp), 0
    n_starts = max(REFIT_STARTS, min(STARTS_PER_CLASS * k, MOST_STARTS))
    for rows, data in cells.parts():
        found = data.fit(k, n_starts, rng, n_short=_SHORT, tolerance=tolerance).parameters
        labels[done : done + len(data), rows] = data.labels(found)
        done += len(data)
    return labels


def refit_means(cells: Cells, k: int, rng: np.random.Generator) -> Labels:
    """Fit k-means on the standardised codes of each table; missing codes lie at the mean."""
    from segmentry.cluster import label_by_means

    tables = ((standardised(cells.codes, weights), weights) for weights in cells.weights)
    return label_by_means(tables, k, _STARTS_OF_MEANS, rng)


def standardised(codes: npt.NDArray[np.int32], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the codes with mean 0 and variance 1 under `weights`; missing ones are 0."""
    known = codes >= 0
    masses = weights[:, None] * known
    totals = np.maximum(masses.sum(axis=0), 1e-300)
    centred = np.where(known, codes - (masses * codes).sum(axis=0) / totals, 0.0)
    deviation = np.sqrt((masses * centred**2).sum(axis=0) / totals)
    return np.asarray(centred / np.where(deviation > 0, deviation, 1.0))


def _refit_modes(
    cells: Cells, k: int, rng: np.random.Generator, distances: Sequence[str], weights: Sequence[float]
) -> Labels:
    from segmentry.cluster import KModesModel

    labels = np.empty(cells.weights.shape, np.intp)
    for i, table in enumerate(cells.weights):
        model = KModesModel(
            min(k, int((table > 0).sum())),
            n_init=REFIT_STARTS,
            max_grid=_MAX_GRID,
            distance=distances,
            feature_weights=weights,
            missing_value=-1,
            handle_unknown="missing",
            random_state=int(rng.integers(2**31)),
        )
        labels[i] = model.fit(cells.codes, sample_weight=table).predict(cells.codes)
    return labels
