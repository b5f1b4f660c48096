"""Every index for every number of segments, with its null band: what `--thorough` adds to the scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from segmentry.cluster import one_thread
from segmentry.cluster.replicates import Replicates
from segmentry.patterns import PatternTable
from segmentry.selection.draws import observed_cells
from segmentry.selection.indices import distances_of, index_row
from segmentry.selection.nulls import more_classes
from segmentry.selection.refits import refit_of

if TYPE_CHECKING:
    import pandas as pd

N_TABLES = 200
"""Tables drawn for each null band, redraws and halvings of the table itself, and at most for each test."""


def with_indices(
    table: pd.DataFrame,
    patterns: PatternTable,
    method: str,
    *,
    seed: int = 0,
    n_tables: int = N_TABLES,
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Add to a scan the indices of each number of segments, each with ``_null_low`` and ``_null_high``.

    Parameters
    ----------
    table
        What `scan` returned; its k are taken.
    patterns, method
        What was scanned, and by which method.
    seed
        Of the draws.
    n_tables
        Tables drawn for each null band, and redraws and halvings of the table itself.
    progress
        Called with a line of text before each number.

    Returns
    -------
    DataFrame
        With ``silhouette``, ``prediction_strength``, ``gap`` and ``jaccard`` (of the least stable segment),
        not a number for one segment, and ``likelihood_ratio_p``: the p-value of k latent classes against
        k - 1, not a number from the first number on that follows one above 0.05.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    cells, _ = observed_cells(patterns, rng)
    data = Replicates(cells.codes, cells.n_levels, cells.weights)
    refit, distances = refit_of(method, patterns), distances_of(method, patterns)
    rows, fewer, is_open = [], None, True
    with one_thread():
        margins = data.fit(1, 1, rng).parameters[:, 0]
        for k in table["k"].tolist():
            if progress:
                progress(f"Indices of {k} segment{'s' if k > 1 else ''}")
            mixture = data.fit(k, 10, rng).parameters[:, 0]
            row = index_row(cells, k, refit, distances, margins, n_tables, rng) if k > 1 else {}
            if fewer is not None and is_open and len(mixture) == len(fewer) + 1:
                test = more_classes(cells, fewer, mixture, n_tables, rng)
                row["likelihood_ratio_p"], is_open = test.p_value, test.is_beyond
            rows.append(row)
            fewer = mixture
    return pd.concat([table, pd.DataFrame(rows, index=table.index)], axis=1)
