"""Every index for every number of segments, with its null band: what `--thorough` adds to the scan."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.arrays import Indices, Labels
from segmentry.cluster import one_thread
from segmentry.patterns import PatternTable
from segmentry.selection.bin_sensitivity import moved_by_jitter, moved_by_merging
from segmentry.selection.continuum import as_mixture, fit_traits
from segmentry.selection.count_tables import CountTables, observed_table
from segmentry.selection.indices import NullModels, index_row
from segmentry.selection.null_tests import likelihood_ratio_test
from segmentry.selection.refits import Refit, SegmentedTable, refit_of, table_of
from segmentry.system.progress import silent
from segmentry.text.numbers import p_value

if TYPE_CHECKING:
    import pandas as pd

N_NULL_TABLES = 200
"""Tables drawn for each null band, redraws and halvings of the table itself, and at most for each test."""
MAX_PATTERNS_OF_INDICES, N_TABLES_OF_MANY = 2_000, 10
"""Above so many patterns, the indices are those of a sample of so many customers, and of so many tables unless
another number is asked for."""
N_JITTERED = 20
_TOLERANCE = 1e-5
"""Ends the fits of latent classes to drawn tables, which are ten times as many as the verdict's. Similarities of classes
that are there change by up to 0.006, the upper end of their null rises by up to 0.07, in two thirds of the time."""
_THREADS = 2
_STARTS = 10


def with_indices(
    table: pd.DataFrame,
    labels: dict[int, Labels],
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
        Table of a scan, with a row per k.
    labels
        (n_patterns,) segment of each pattern, counted from 0, by k.
    patterns
        Pattern table that was scanned.
    method
        Method that it was scanned by.
    seed
        Seed of the draws.
    n_tables
        Number of tables drawn for each null band, and of redraws and halvings of the table itself; by default
        `N_NULL_TABLES`, above `MAX_PATTERNS_OF_INDICES` patterns `N_TABLES_OF_MANY`.
    progress
        Function that is called with a line of text when a number of segments is done, and when a test is.

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
    """What the indices of every number of segments share.

    Attributes
    ----------
    table
        Observed table, or a sample of it.
    rows
        Positions of its patterns in the pattern table.
    nulls
        Models without segments.
    refit
        Method that segments are found by.
    ordinal
        Positions of the ordinal features.
    n_tables
        Number of tables to draw.
    """

    table: CountTables
    rows: Indices
    nulls: NullModels
    refit: Refit
    ordinal: tuple[int, ...]
    n_tables: int

    @classmethod
    def of(cls, patterns: PatternTable, method: str, n_tables: int | None) -> _Study:
        """Sample the table where it is large, and fit the null models."""
        rng, patterns = np.random.default_rng(0), table_of(method, patterns)
        table, rows = observed_table(patterns, rng, MAX_PATTERNS_OF_INDICES)
        with one_thread():
            margins, data = table.margins(rng), table.replicates()
            nulls = NullModels(margins, as_mixture(data, fit_traits(data)))
        ordinal = tuple(j for j, f in enumerate(patterns.features) if f.scale == "ordinal")
        is_large = patterns.n_patterns > MAX_PATTERNS_OF_INDICES
        n_default = N_TABLES_OF_MANY if is_large else N_NULL_TABLES
        return cls(table, rows, nulls, refit_of(method, patterns, _TOLERANCE), ordinal, n_tables or n_default)

    def row(self, labels: Labels, k: int, rng: np.random.Generator) -> dict[str, Any]:
        """Return the indices of `k` segments."""
        segmented = SegmentedTable(self.table, labels[self.rows], k, self.refit)
        found = index_row(segmented, self.nulls, self.n_tables, rng)
        jitter = moved_by_jitter(segmented, self.ordinal, min(N_JITTERED, self.n_tables), rng)
        merging = moved_by_merging(segmented, self.ordinal, rng)
        return {**found, "moved_by_jitter": jitter, "moved_by_merging": merging}

    def tests(
        self, numbers: list[int], rng: np.random.Generator, say: Callable[[str], None]
    ) -> dict[int, dict[str, float]]:
        """Test k latent classes against k - 1, k by k, until a step is not significant."""
        data = self.table.replicates()
        found: dict[int, dict[str, float]] = {}
        fewer = self.nulls.independence
        for k in range(2, max(numbers) + 1):
            more = data.fit(k, _STARTS, rng).parameters[:, 0]
            test = likelihood_ratio_test(self.table, fewer, more, self.n_tables, rng)
            p = p_value(test.p_value)
            say(f"Likelihood ratio, {k} classes against {k - 1}: p = {p} on {test.n_tables} tables")
            if k in numbers:
                found[k] = {
                    "likelihood_ratio_p": test.p_value,
                    "likelihood_ratio_tables": float(test.n_tables),
                }
            if not test.is_beyond:
                break
            fewer = more
        return found
