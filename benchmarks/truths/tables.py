"""A customer table with a known answer, as a run gets it: columns and a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import segmentry as sg

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rng = np.random.Generator
Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Table:
    """Level codes of customers, and what the truth about them is.

    Attributes
    ----------
    codes
        (n, n_features) codes from 0; -1 is missing.
    is_ordered
        Whether the levels of each feature are in an order.
    truth
        (n,) class of each customer; None where there are none.
    columns, features
        Further columns, and definitions of features that are made of them.
    weight
        Name of the column of survey weights.
    n_levels
        Number of levels of each feature, where some have no customers; by default those of the codes.
    """

    codes: Codes
    is_ordered: tuple[bool, ...]
    truth: Codes | None = None
    columns: Columns = field(default_factory=dict)
    features: dict[str, dict[str, Any]] = field(default_factory=dict)
    weight: str | None = None
    n_levels: tuple[int, ...] | None = None

    @property
    def n_classes(self) -> int:
        """Number of true classes; 1 where there are none."""
        return 1 if self.truth is None else len(np.unique(self.truth))

    def data(self, columns: Mapping[str, npt.NDArray[Any]] | None = None) -> pa.Table:
        """Return the customers as an Arrow table, with further `columns`."""
        coded = {f"f{j}": pa.array(c, mask=c < 0) for j, c in enumerate(self.codes.T)}
        return pa.table(
            {"id": np.arange(len(self.codes)), **coded, **self.columns, **dict(columns or {})},
        )

    def recipe(self, **parts: Any) -> sg.Recipe:
        """Return the recipe that makes the features of the columns; `parts` are further parts of it."""
        n_levels = self.n_levels or [int(column.max(initial=0)) + 1 for column in self.codes.T]
        coded = {
            f"f{j}": {
                "column": f"f{j}",
                "levels": list(range(m)),
                "scale": "ordinal" if is_ordered else "nominal",
            }
            for j, (m, is_ordered) in enumerate(zip(n_levels, self.is_ordered, strict=True))
        }
        source = {"id": "id"} | ({"weight": self.weight} if self.weight else {})
        return sg.Recipe.from_dict({"source": source, "features": {**coded, **self.features}, **parts})


def ordered(values: npt.NDArray[Any], rng: Rng, n_levels: Sequence[int] | None = None) -> Table:
    """Cut continuous columns (n, n_features) into ordered levels: 2 to 6, with random margins."""
    return coded(cut(values, rng, n_levels), is_ordered=True)


def coded(codes: npt.NDArray[Any], *, is_ordered: bool | Sequence[bool], truth: Codes | None = None) -> Table:
    """Make a table of codes, in which levels without customers are left out."""
    compact = np.column_stack([_compact(column) for column in codes.T])
    kinds = [is_ordered] * codes.shape[1] if isinstance(is_ordered, bool) else list(is_ordered)
    return Table(compact, tuple(kinds), truth)


def cut(values: npt.NDArray[Any], rng: Rng, n_levels: Sequence[int] | None = None) -> Codes:
    """Cut columns at quantiles of random margins, which are never very uneven."""
    counts = rng.integers(2, 7, values.shape[1]) if n_levels is None else n_levels
    cuts = []
    for column, m in zip(values.T, counts, strict=True):
        below = np.cumsum(rng.dirichlet(np.full(m, 5.0)))[:-1]
        cuts.append(np.searchsorted(np.quantile(column, below), column, side="right"))
    return np.column_stack(cuts).astype(np.int64)


def draw_levels(scores: Floats, rng: Rng) -> Codes:
    """Draw a level (n,) for each customer by the logits (n, n_levels) of the levels."""
    return np.asarray((scores + rng.gumbel(size=scores.shape)).argmax(axis=1), np.int64)


def independent(rng: Rng, n: int, n_levels: Sequence[int], evenness: float = 3.0) -> Codes:
    """Draw independent columns; their margins are drawn, too."""
    return np.column_stack([rng.choice(m, n, p=rng.dirichlet(np.full(m, evenness))) for m in n_levels])


def _compact(column: npt.NDArray[Any]) -> Codes:
    known = column >= 0
    found = np.full(len(column), -1, np.int64)
    found[known] = np.unique(column[known], return_inverse=True)[1]
    return found
