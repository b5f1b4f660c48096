"""Counts of few customers, kept out of the model file: they, and what they could be reckoned from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segmentry.patterns import Cleaning, CleaningStep, Floats
from segmentry.profile.population import Population

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.segmentation import Segmentation

Mask = npt.NDArray[np.bool_]
MIN_CELL = 5
"""A model file holds no count of customers below this."""


@dataclass(frozen=True)
class Withheld:
    """What a model file does not hold: patterns and their customers, and cells of its tables."""

    min_cell: int
    n_patterns: int
    n_customers: int
    n_cells: int


def without_small_counts(result: Segmentation) -> tuple[Segmentation, Withheld]:
    """Return what may be saved of a segmentation, and what may not: no count below its `min_cell`."""
    n = result.min_cell
    if n <= 1 or result.withheld is not None:
        return result, result.withheld or Withheld(1, 0, 0, 0)
    features, n_features = of_features(result.features, n)
    outcomes, n_outcomes = of_outcomes(result.outcomes, n)
    cleaning = of_cleaning(result.cleaning, n)
    changed: dict[str, Any] = {
        "segments": tuple(replace(s, size=0, share=0.0) if 0 < s.size < n else s for s in result.segments),
        "cleaning": cleaning,
        "features": features,
        "outcomes": outcomes,
        "targeting": of_targeting(result.targeting, outcomes),
        "migration": of_migration(result.migration, n),
        "selection": of_selection(result.selection, result.n_customers, n),
    }
    if result.population is not None:
        changed["population"] = of_population(result.population, outcomes, cleaning, n)
    n_patterns = n_customers = 0
    if result.patterns is not None and result.labels is not None:
        kept = np.flatnonzero(result.patterns.counts >= n)
        n_patterns = result.patterns.n_patterns - len(kept)
        n_customers = result.patterns.n_customers - int(result.patterns.counts[kept].sum())
        changed["patterns"] = result.patterns.take(kept).without_outcomes()
        changed["labels"] = result.labels[kept]
        changed["certainty"] = None if result.certainty is None else result.certainty[kept]
    return replace(result, **changed), Withheld(n, n_patterns, n_customers, n_features + n_outcomes)


def hidden_cells(counts: Floats, min_cell: int) -> Mask:
    """Find the cells (n_rows, n_columns) of a table that must not be shown, its margins being known.

    These are the counts from 1 to `min_cell` - 1, and as many others, smallest first, as keep every row and
    column from telling them: the hidden cells of a line are none, or at least two with `min_cell` customers
    together. Not-a-number is hidden already.

    Examples
    --------
    >>> hidden_cells(np.array([[2.0, 30.0, 40.0], [20.0, 25.0, 9.0]]), 5).astype(int)
    array([[1, 1, 0],
           [1, 1, 0]])
    """
    return _hidden(counts, min_cell)[:-1, :-1]


def _hidden(counts: Floats, min_cell: int) -> Mask:
    """Return the hidden cells with those of the margins, which come last."""
    sums = np.column_stack([counts, counts.sum(axis=1)])
    table = np.vstack([sums, sums.sum(axis=0)])
    hidden: Mask = np.isnan(table) | ((table > 0) & (table < min_cell))
    hidden[-1] &= table[-1] > 0  # a margin that is hidden in a part only is known from the whole
    hidden[:, -1] &= table[:, -1] > 0
    changed = True
    while changed:
        changed = False
        for lines, cells in ((table, hidden), (table.T, hidden.T)):
            for line, mask in zip(lines, cells, strict=True):
                changed |= _hide_more(line[:-1], mask[:-1], min_cell)
    return hidden


def _hide_more(line: Floats, mask: Mask, min_cell: int) -> bool:
    """Hide the smallest further cells until the hidden ones cannot be told from their sum."""
    changed = False
    while mask.any() and not mask.all():
        known = line[mask]
        if mask.sum() > 1 and (np.isnan(known).any() or known.sum() >= min_cell):
            break
        mask[np.where(mask, np.inf, np.where(line > 0, line, 1e300)).argmin()] = True
        changed = True
    return changed


def of_features(table: pd.DataFrame, min_cell: int) -> tuple[pd.DataFrame, int]:
    """Return the table of features without its small cells, and how many these are."""
    found, unknown = np.zeros(len(table), bool), np.zeros(len(table), bool)
    for _, rows in table.groupby("feature", sort=False):
        n_segments = rows["segment"].nunique()
        hidden = _hidden(rows["count"].to_numpy(np.float64).reshape(n_segments, -1), min_cell)
        found[rows.index] = hidden[:-1, :-1].ravel()
        unknown[rows.index] = np.tile(hidden[-1, :-1], n_segments)
    blanked = _blank(table, found, ("segment", "base_share"))
    blanked["base_share"] = table["base_share"].where(~unknown)
    return blanked, int(found.sum())


def of_outcomes(table: pd.DataFrame, min_cell: int) -> tuple[pd.DataFrame, int]:
    """Return the table of outcomes without rates of small counts and small denominators."""
    found = np.zeros(len(table), bool)
    for _, rows in table.groupby("outcome", sort=False):
        n = rows["n"].to_numpy(np.float64)
        if (rows["role"] == "flags").all():
            hits = np.round(rows["value"].to_numpy(np.float64) * n)
            found[rows.index] = hidden_cells(np.column_stack([hits, n - hits]), min_cell).any(axis=1)
        else:
            found[rows.index] = hidden_cells(np.column_stack([n, np.zeros_like(n)]), min_cell)[:, 0]
    blanked = _blank(table, found, ("segment",))
    if "mix" in table and found.any():
        touched = table.loc[found, ["segment", "group"]].drop_duplicates()
        for segment, group in touched.itertuples(index=False):
            blanked.loc[(table["segment"] == segment) & (table["group"] == group), "mix"] = np.nan
    return blanked, int(found.sum())


def of_targeting(table: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the table of targeting without the rates that the table of outcomes withholds."""
    if not len(table):
        return table
    hidden = outcomes.loc[outcomes["value"].isna(), ["segment", "outcome"]]
    pairs = set(hidden.itertuples(index=False, name=None))
    found = np.array(
        [pair in pairs for pair in table[["segment", "outcome"]].itertuples(index=False, name=None)]
    )
    return _blank(table, found, ("segment", "break_even"))


def of_migration(table: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Return the table of migration without small counts."""
    if not len(table):
        return table
    counts = table.pivot_table(index="previous_segment", columns="segment", values="customers", fill_value=0)
    hidden = hidden_cells(counts.to_numpy(np.float64), min_cell)
    row = counts.index.get_indexer(table["previous_segment"])
    column = counts.columns.get_indexer(table["segment"])
    return _blank(table, hidden[row, column], ("previous_segment", "segment", "moves"))


def of_selection(table: pd.DataFrame, n_customers: int, min_cell: int) -> pd.DataFrame:
    """Return the table of numbers of segments without the shares of segments of few customers."""
    if "smallest" not in table:
        return table
    return table.assign(smallest=table["smallest"].where(table["smallest"] * n_customers >= min_cell - 0.5))


def of_cleaning(cleaning: Cleaning, min_cell: int) -> Cleaning:
    """Return the steps without small counts; rows that a step dropped are then not counted as read."""
    steps, unread = [], 0
    for step in cleaning.steps:
        if not 0 < step.n_rows < min_cell:
            steps.append(step)
            continue
        unread += step.n_rows if step.what == "dropped" else 0
        why = f"fewer than {min_cell} customers; how many is withheld" + (f". {step.why}" if step.why else "")
        steps.append(CleaningStep(step.step, step.what, 0, why))
    return Cleaning(cleaning.n_rows - unread, tuple(steps))


def of_population(
    population: Population, outcomes: pd.DataFrame, cleaning: Cleaning, min_cell: int
) -> Population:
    """Return the population without small counts; what the table of outcomes withholds is not in it, either."""
    hidden = np.isnan(outcomes["value"].to_numpy(np.float64)) if len(outcomes) else np.zeros(0, bool)
    by_segment = hidden.reshape(population.means.shape) if len(hidden) == population.means.size else None
    small = (population.n_values > 0) & (population.n_values < min_cell)
    small = small if by_segment is None else small | by_segment
    n_values, means, variances = (
        np.where(small, np.nan, values)
        for values in (population.n_values, population.means, population.variances)
    )
    few = (population.complete > 0) & (population.complete < min_cell)
    return replace(
        population,
        n_rows=cleaning.n_rows,
        n_dropped=cleaning.n_dropped,
        segments=_without_small(population.segments, min_cell),
        levels=tuple(_levels(cells, min_cell) for cells in population.levels),
        complete=np.where(few, 0.0, population.complete),
        n_values=n_values,
        means=means,
        variances=variances,
    )  # fmt: skip


def _levels(cells: Floats, min_cell: int) -> Floats:
    if np.isnan(cells).any():
        return cells
    hidden = hidden_cells(np.vstack([cells, np.zeros_like(cells)]), min_cell)[0]
    return np.where(hidden, np.nan, cells)


def _without_small(counts: Floats, min_cell: int) -> Floats:
    return np.where((counts > 0) & (counts < min_cell), 0.0, counts)


def _blank(table: pd.DataFrame, rows: Mask, kept: tuple[str, ...]) -> pd.DataFrame:
    """Return the table with the numbers of some rows missing; names, and the columns in `kept`, stay."""
    blanked = table.copy()
    if not rows.any():
        return blanked
    for name in table.columns:
        if name not in kept and table[name].dtype.kind in "iufb":
            blanked[name] = table[name].astype(np.float64)
            blanked.loc[rows, name] = np.nan
        elif name == "decision":
            blanked.loc[rows, name] = "unclear"
    return blanked
