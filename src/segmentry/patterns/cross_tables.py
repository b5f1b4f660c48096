"""Tables of two variables of the patterns, and how closely these go together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats


def cross_table(
    rows: tuple[npt.NDArray[np.integer], int], columns: tuple[npt.NDArray[np.integer], int], weights: Floats
) -> Floats:
    """(n_rows, n_columns) weights of the patterns by two variables, each its codes and their number.

    Patterns with a missing code (-1) are left out.
    """
    (row, n_rows), (column, n_columns) = rows, columns
    known = (row >= 0) & (column >= 0)
    cells = np.asarray(row[known], np.intp) * n_columns + column[known]
    flat = np.bincount(cells, weights[known], minlength=n_rows * n_columns)
    return np.asarray(flat, np.float64).reshape(n_rows, n_columns)


def cramers_v(counts: npt.ArrayLike) -> float:
    """Cramér's V of a table of counts: 0 where rows and columns are independent, 1 where one determines the other.

    V = √(χ² / (N (min(rows, columns) - 1))), without empty rows and columns; missing where a single row or
    column is left. Under survey weights the table holds weights.

    Examples
    --------
    >>> round(cramers_v([[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]), 6)
    0.279045
    """
    table = np.asarray(counts, np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape, default=0) < 2:
        return float("nan")
    total = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / total
    chi_square = ((table - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi_square / (total * (min(table.shape) - 1))))
