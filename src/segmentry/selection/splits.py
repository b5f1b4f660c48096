"""How customers split from k to k + 1 segments, and the same of independent features: a clustergram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.cluster import PatternModel, one_thread
from segmentry.patterns import PatternTable
from segmentry.selection.count_tables import from_mixture, observed_table
from segmentry.selection.refits import refit_of, table_of

if TYPE_CHECKING:
    import pandas as pd

SPLIT_COLUMNS = ("table", "k", "start", "end", "segment", "customers")
N_FURTHER = 3
"""So many numbers of segments beyond the chosen one are followed, and at least `LEAST_K` in all."""
LEAST_K = 6
MOST_K = 10
"""More segments than this are not followed; what was chosen beyond it only colours them."""


def split_table(
    patterns: PatternTable, method: str, models: Mapping[int, PatternModel], chosen: int, *, seed: int = 0
) -> pd.DataFrame:
    """Follow the customers from one segment to several, in this table and in one without segments.

    The picture is Schonlau's clustergram (2002), with the sizes of the segments in place of means. Beside it
    stands the same of a table with the same margins and independent features: any method splits that, too.

    Parameters
    ----------
    patterns
        Pattern table.
    method
        Method that segments are found by.
    models
        Fitted models by their number of segments, as `scan` returns them.
    chosen
        Number of segments that was chosen.
    seed
        Seed of the drawn table and of the fits to it.

    Returns
    -------
    DataFrame
        ``table`` (``customers`` or ``independent``); ``customers`` who are in the segment ``start`` of ``k``,
        in ``end`` of k + 1, and in the ``segment`` of the chosen number; all count from 1.
    """
    import pandas as pd

    wanted = range(1, min(max(LEAST_K, chosen + N_FURTHER), MOST_K) + 1)
    numbers = [k for k in (*wanted, chosen) if k in models]
    if chosen not in numbers or 1 not in numbers or 2 not in numbers:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in SPLIT_COLUMNS})
    rng = np.random.default_rng(seed)
    found = {k: np.asarray(models[k].labels_, np.intp) for k in numbers}
    rows = _rows("customers", found, patterns.sample_weight, chosen)
    with one_thread():
        patterns = table_of(method, patterns)
        table, _ = observed_table(patterns, rng)
        drawn = from_mixture(table, table.margins(rng), 1, rng)
        refit, n_patterns = refit_of(method, patterns), (drawn.weights[0] > 0).sum()
        labels = {k: refit(drawn, k, rng)[0] for k in dict.fromkeys(numbers) if 1 < k <= n_patterns}
    labels[1] = np.zeros(len(drawn.codes), np.intp)
    if chosen in labels:
        rows += _rows("independent", labels, drawn.weights[0], chosen)
    return pd.DataFrame(rows, columns=list(SPLIT_COLUMNS))


def _rows(name: str, labels: Mapping[int, Labels], weights: Floats, chosen: int) -> list[tuple[Any, ...]]:
    """Return the customers of every way through k, k + 1 and the chosen number, as far as numbers follow each other."""
    rows = []
    for k in sorted(labels)[:-1]:
        if k + 1 not in labels:
            break
        ways = np.stack([labels[k], labels[k + 1], labels[chosen]], axis=1)
        distinct, place = np.unique(ways, axis=0, return_inverse=True)
        sums = np.bincount(place.reshape(-1), weights)
        rows += [
            (name, k, int(a) + 1, int(b) + 1, int(s) + 1, float(n))
            for (a, b, s), n in zip(distinct, sums, strict=True)
            if n > 0
        ]
    return rows
