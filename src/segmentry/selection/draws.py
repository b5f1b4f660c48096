"""Tables drawn from a model or from the table itself: many at a time, as weights on shared patterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.patterns import PatternTable
from segmentry.profiling import effective_customers

MAX_CUSTOMERS = 5_000
"""Above this many patterns, the evidence is gathered on a sample of this many customers."""
MAX_PATTERNS = 5_000
_MAX_CELLS = 4_096
_SHARED = 0.2  # share of all patterns that a table has, from which on one design serves all tables


@dataclass(frozen=True)
class Cells:
    """Patterns as codes (n_patterns, n_features), -1 missing, their levels, and weights (n_tables, n_patterns)."""

    codes: npt.NDArray[np.int32]
    n_levels: list[int]
    weights: Floats

    @property
    def size(self) -> int:
        """Return the customers of a table, all tables have as many."""
        return round(float(self.weights[0].sum()))

    def only(self, table: int) -> Cells:
        """Return one of the tables."""
        return Cells(self.codes, self.n_levels, self.weights[table : table + 1])

    def parts(self) -> list[tuple[Indices, Replicates]]:
        """Return what to fit together, with the patterns it has: all tables, or each where they share few patterns."""
        if len(self.weights) == 1 or (self.weights > 0).mean() >= _SHARED:
            return [(np.arange(len(self.codes)), Replicates(self.codes, self.n_levels, self.weights))]
        kept = [np.flatnonzero(weights) for weights in self.weights]
        return [
            (rows, Replicates(self.codes[rows], self.n_levels, weights[rows][None]))
            for rows, weights in zip(kept, self.weights, strict=True)
        ]


def observed_cells(
    patterns: PatternTable,
    rng: np.random.Generator,
    max_patterns: int = MAX_PATTERNS,
    max_customers: int = MAX_CUSTOMERS,
) -> tuple[Cells, Indices]:
    """Return the pattern table as one table, without levels that nobody has; and which patterns its rows are.

    Survey weights count as Kish's effective number of customers. Of a table with more than `max_patterns`
    patterns a sample of `max_customers` customers is taken.
    """
    weights = patterns.sample_weight
    codes = np.asarray(patterns.codes, np.int32)
    n_customers = effective_customers(patterns)
    rows = np.flatnonzero(weights > 0)
    codes, shares = codes[rows], weights[rows] / weights[rows].sum()
    counts = shares * n_customers
    if len(codes) > max_patterns and n_customers > max_customers:
        counts = rng.multinomial(max_customers, shares).astype(np.float64)
        rows, codes, counts = rows[counts > 0], codes[counts > 0], counts[counts > 0]
    columns, n_levels = [], []
    for column in codes.T:
        seen = np.unique(column[column >= 0])
        place = np.full(int(column.max(initial=0)) + 2, -1, np.int32)
        place[seen] = np.arange(len(seen))
        columns.append(place[column])
        n_levels.append(len(seen))
    return Cells(np.column_stack(columns), n_levels, counts[None]), rows


def bootstrap(cells: Cells, n_tables: int, rng: np.random.Generator) -> Cells:
    """Draw tables of as many customers from the table itself: a multinomial redraw of its counts."""
    weights = cells.weights[0]
    drawn = rng.multinomial(cells.size, weights / weights.sum(), size=n_tables)
    return Cells(cells.codes, cells.n_levels, drawn.astype(np.float64))


def from_mixture(cells: Cells, mixture: Floats, n_tables: int, rng: np.random.Generator) -> Cells:
    """Draw tables of as many customers from a mixture (n_classes, 1 + n_columns) of independent features.

    One class is the product of margins. Missing values are drawn at each feature's own share, whatever the
    class.
    """
    shares = _with_missing(cells, mixture)
    if np.prod([s.shape[1] for s in shares], dtype=float) <= _MAX_CELLS:
        return _from_grid(cells, mixture[:, 0], shares, n_tables, rng)
    return _from_splits(cells, mixture[:, 0], shares, n_tables, rng)


def _with_missing(cells: Cells, mixture: Floats) -> list[Floats]:
    """Return per feature the shares (n_classes, n_levels [+ 1]) of its levels and, last, of missing."""
    starts = np.cumsum([1, *cells.n_levels])
    total = cells.weights[0].sum()
    parts = []
    for j, n in enumerate(cells.n_levels):
        levels = np.maximum(mixture[:, starts[j] : starts[j] + n], 0.0)
        levels = levels / levels.sum(axis=1, keepdims=True) if n else np.ones((len(mixture), 0))
        absent = float(cells.weights[0][cells.codes[:, j] < 0].sum() / total)
        column = np.full((len(mixture), 1), absent)
        parts.append(np.hstack([levels * (1 - absent), column]) if absent > 0 or not n else levels)
    return parts


def _from_grid(
    cells: Cells, prior: Floats, shares: list[Floats], n_tables: int, rng: np.random.Generator
) -> Cells:
    joint = prior[:, None]
    for share in shares:
        joint = (joint[:, :, None] * share[:, None]).reshape(len(prior), -1)
    cell_shares = joint.sum(axis=0)
    drawn = rng.multinomial(cells.size, cell_shares / cell_shares.sum(), size=n_tables)
    places = np.stack(np.unravel_index(np.arange(joint.shape[1]), [s.shape[1] for s in shares]), axis=1)
    kept = drawn.any(axis=0)
    return _tables(cells, places[kept], drawn[:, kept])


def _from_splits(
    cells: Cells, prior: Floats, shares: list[Floats], n_tables: int, rng: np.random.Generator
) -> Cells:
    """Split the customers of each table by class, then by feature after feature: no cell is ever listed."""
    counts = rng.multinomial(cells.size, prior / prior.sum(), size=n_tables)
    table, group = np.nonzero(counts)
    counts = counts[table, group]
    places = np.empty((len(counts), 0), np.intp)
    for share in shares:
        parts = rng.multinomial(counts, share[group] / share[group].sum(axis=1, keepdims=True))
        row, level = np.nonzero(parts)
        counts, table, group = parts[row, level], table[row], group[row]
        places = np.column_stack([places[row], level])
    distinct, pattern = np.unique(places, axis=0, return_inverse=True)
    weights = np.zeros((n_tables, len(distinct)))
    np.add.at(weights, (table, pattern.reshape(-1)), counts)
    return _tables(cells, distinct, weights)


def _tables(cells: Cells, places: Indices, weights: npt.NDArray[np.number]) -> Cells:
    """Return drawn tables, places beyond a feature's levels being missing."""
    codes = np.where(places < np.array(cells.n_levels), places, -1).astype(np.int32)
    return Cells(codes, cells.n_levels, np.asarray(weights, np.float64))
