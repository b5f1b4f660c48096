"""Every index for every number of segments, with its null band: what `--thorough` adds to the scan."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.cluster import one_thread
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.patterns import PatternTable
from segmentry.selection.bins import moved_by_jitter, moved_by_merging
from segmentry.selection.continuum import as_mixture, fit_one_factor
from segmentry.selection.draws import Cells, observed_cells
from segmentry.selection.indices import Distances, Nulls, distances_of, index_row
from segmentry.selection.nulls import more_classes
from segmentry.selection.refits import Refit, refit_of
from segmentry.system.progress import silent
from segmentry.text.numbers import format_number

if TYPE_CHECKING:
    import pandas as pd

N_NULL_TABLES = 200
"""Tables drawn for each null band, redraws and halvings of the table itself, and at most for each test."""
LARGE, N_CUSTOMERS_LARGE, N_TABLES_LARGE = 2_000, 2_000, 10
"""Above so many patterns, the indices are those of a sample of so many customers, and of so many tables unless
another number is asked for."""
N_JITTERED = 20
_TOLERANCE = 1e-5
"""Ends the fits of latent classes to drawn tables, which are ten times as many as the verdict's: similarities of classes
that are there change by up to 0.006, the upper end of their null rises by up to 0.07, in two thirds of the time."""
_THREADS = 2
_ATTEMPTS = 10


def with_indices(
    table: pd.DataFrame,
    labels: dict[int, npt.NDArray[np.intp]],
    patterns: PatternTable,
    method: str,
    *,
    seed: int = 0,
    n_tables: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Add to a scan the indices of each number of segments, each with ``_null_low`` and ``_null_high``.

    Parameters
    ----------
    table
        A row per k.
    labels : dict of ndarray of int (n_patterns,)
        The segment of each pattern, from 0, by k.
    patterns, method
        What was scanned, and by which method.
    seed
        Of the draws.
    n_tables
        Tables drawn for each null band, and redraws and halvings of the table itself; by default `N_NULL_TABLES`,
        or `N_TABLES_LARGE` above `LARGE` patterns.
    progress
        Called with a line of text when a number of segments is done, and when a test is.

    Returns
    -------
    DataFrame
        With ``silhouette``, ``prediction_strength``, ``gap``, ``gap_continuum`` and ``jaccard`` (of the least
        stable segment; ``jaccard_by_segment`` has all), the shares of customers ``moved`` by refits,
        ``moved_by_jitter`` and ``moved_by_merging`` of bins, not a number for one segment;
        ``likelihood_ratio_p``, the p-value of k latent classes against k - 1, and the
        ``likelihood_ratio_tables`` drawn for it, not a number from the first number on that follows one above
        0.05.
    """
    import pandas as pd

    say = progress or silent
    study = _Study.of(patterns, method, n_tables)
    numbers = table["k"].tolist()
    done: dict[int, dict[str, Any]] = {k: {} for k in numbers}
    say(f"Indices of {len(numbers) - 1} numbers of segments, on {study.n_tables} tables each")
    with one_thread(), ThreadPoolExecutor(_THREADS) as pool:
        rows = {
            pool.submit(study.row, labels[k], k, np.random.default_rng([seed, k])): k
            for k in sorted(numbers, reverse=True)
            if k > 1
        }
        tests = pool.submit(study.tests, numbers, np.random.default_rng([seed, 0]), say)
        for n_done, row in enumerate(as_completed(rows), 1):
            done[rows[row]] |= row.result()
            say(f"Indices: {n_done} of {len(rows)} numbers of segments, on {study.n_tables} tables each")
        for k, found in tests.result().items():
            done[k] |= found
    return pd.concat([table, pd.DataFrame([done[k] for k in numbers], index=table.index)], axis=1)


@dataclass(frozen=True)
class _Study:
    """The table, its null models, and how the method is fitted to drawn tables."""

    cells: Cells
    rows: npt.NDArray[np.intp]
    nulls: Nulls
    refit: Refit
    distances: Distances
    ordinal: tuple[int, ...]
    n_tables: int

    @classmethod
    def of(cls, patterns: PatternTable, method: str, n_tables: int | None) -> _Study:
        """Sample the table where it is large, and fit the null models."""
        rng = np.random.default_rng(0)
        cells, rows = observed_cells(patterns, rng, LARGE, N_CUSTOMERS_LARGE)
        data = Replicates(cells.codes, cells.n_levels, cells.weights)
        with one_thread():
            nulls = Nulls(data.fit(1, 1, rng).parameters[:, 0], as_mixture(data, fit_one_factor(data)))
        return cls(
            cells,
            rows,
            nulls,
            refit_of(method, patterns, _TOLERANCE),
            distances_of(method, patterns),
            tuple(j for j, f in enumerate(patterns.features) if f.scale == "ordinal"),
            n_tables or (N_TABLES_LARGE if patterns.n_patterns > LARGE else N_NULL_TABLES),
        )

    def row(self, labels: npt.NDArray[np.intp], k: int, rng: np.random.Generator) -> dict[str, Any]:
        """Return the indices of `k` segments."""
        mine = labels[self.rows]
        found = index_row(self.cells, mine, k, self.refit, self.distances, self.nulls, self.n_tables, rng)
        given = (self.cells, mine, k, self.ordinal, self.refit)
        jitter = moved_by_jitter(*given, min(N_JITTERED, self.n_tables), rng)
        return {**found, "moved_by_jitter": jitter, "moved_by_merging": moved_by_merging(*given, rng)}

    def tests(
        self, numbers: list[int], rng: np.random.Generator, say: Callable[[str], None]
    ) -> dict[int, dict[str, float]]:
        """Test k latent classes against k - 1, k by k, until a step is not significant."""
        data = Replicates(self.cells.codes, self.cells.n_levels, self.cells.weights)
        found: dict[int, dict[str, float]] = {}
        fewer = self.nulls.independence
        for k in range(2, max(numbers) + 1):
            more = data.fit(k, _ATTEMPTS, rng).parameters[:, 0]
            test = more_classes(self.cells, fewer, more, self.n_tables, rng)
            say(
                f"Likelihood ratio, {k} classes against {k - 1}: p = {format_number(test.p_value, '.2f')} on {test.n_tables} tables"
            )
            if k in numbers:
                found[k] = {
                    "likelihood_ratio_p": test.p_value,
                    "likelihood_ratio_tables": float(test.n_tables),
                }
            if not test.is_beyond:
                break
            fewer = more
        return found
