"""Refits to redrawn tables, beside those to tables of independent features: more of them where a limit of the verdict is near."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segmentry.arrays import Floats, Labels
from segmentry.selection.count_tables import CountTables, bootstrap, from_mixture
from segmentry.selection.refits import Refitted, Search, SegmentedTable
from segmentry.selection.stability import STABLE, Stability, measure_stability


@dataclass(frozen=True)
class TablesToDraw:
    """How many tables the evidence draws.

    Attributes
    ----------
    tests
        Largest number for a test.
    refits, most_refits
        Number of redraws that segments are refitted to, and the largest where a limit is near.
    null_tables, most_null_tables
        Number of tables of independent features, and the largest where their limit is near.
    null_refits
        Number of redraws of each.
    """

    tests: int = 100
    refits: int = 50
    null_tables: int = 10
    null_refits: int = 10
    most_refits: int = 150
    most_null_tables: int = 40


_ERROR_OF_HIGH = 2.11
"""Standard error of the 95 % quantile of normal values, in their standard deviations over the root of their number."""


@dataclass(frozen=True)
class Redraws:
    """Redrawn tables, and the least stable segment of tables of independent features.

    Attributes
    ----------
    drawn, refits
        The first redrawn tables, and the segments that were found in them.
    labels
        (n_refits, n_patterns) segments of all redrawn tables.
    stability
        Similarity of the segments to these.
    null
        Similarity of the least stable segment in each table of independent features.
    """

    drawn: CountTables
    refits: Refitted
    labels: Labels
    stability: Stability
    null: tuple[float, ...]

    @property
    def null_ends(self) -> tuple[float, float]:
        """Return the middle 90 % where features are independent: a further table is above with a probability of 5 %.

        Of less than 19 tables, the smallest and the largest, above which a further one of ten is with 9 %.
        """
        low, high = np.quantile(self.null, [0.05, 0.95], method="weibull")
        return float(low), float(high)

    @property
    def null_error(self) -> float:
        """Return the standard error of its upper end; 0 of a single table, which says nothing of it."""
        if len(self.null) < 2:
            return 0.0
        return _ERROR_OF_HIGH * float(np.std(self.null, ddof=1)) / len(self.null) ** 0.5

    @property
    def is_near_chance(self) -> bool:
        """Whether chance could decide if the segments are steadier than those of independent features."""
        return self.stability.is_near(self.null_ends[1], self.null_error)


def redraw(
    segmented: SegmentedTable, margins: Floats, to_draw: TablesToDraw, rng: np.random.Generator
) -> Redraws:
    """Refit the segments to redrawn tables, and those of tables with such `margins` (1, 1 + n_columns) to redraws of these."""
    null = null_stability(segmented, margins, to_draw.null_tables, to_draw.null_refits, rng)
    drawn = bootstrap(segmented.table, to_draw.refits, rng)
    refits = segmented.refit.fit(drawn, segmented.k, Search(rng, segmented.labels))
    return Redraws(drawn, refits, refits.labels, _measured(segmented, refits.labels), tuple(null))


def steadied(
    found: Redraws,
    segmented: SegmentedTable,
    margins: Floats,
    to_draw: TablesToDraw,
    rng: np.random.Generator,
    *,
    may_be_natural: bool,
) -> Redraws:
    """Draw further tables as long as one more seed could give another verdict, up to the largest numbers."""
    while (may_be_natural and found.stability.is_near(STABLE)) or found.is_near_chance:
        n_tables = min(to_draw.null_tables, to_draw.most_null_tables - len(found.null))
        n_refits = min(to_draw.refits, to_draw.most_refits - len(found.labels))
        if found.is_near_chance and n_tables > 0:
            more = null_stability(segmented, margins, n_tables, to_draw.null_refits, rng)
            found = replace(found, null=(*found.null, *more))
        elif n_refits > 0:
            again = segmented.refit(
                bootstrap(segmented.table, n_refits, rng), segmented.k, rng, segmented.labels
            )
            labels = np.concatenate([found.labels, again])
            found = replace(found, labels=labels, stability=_measured(segmented, labels))
        else:
            break
    return found


def _measured(segmented: SegmentedTable, labels: Labels) -> Stability:
    return measure_stability(segmented.labels, labels, segmented.weights, segmented.k)


def null_stability(
    segmented: SegmentedTable, margins: Floats, n_tables: int, n_refits: int, rng: np.random.Generator
) -> list[float]:
    """Return the least stable segment's similarity in tables where the features are independent."""
    table, refit = segmented.table, segmented.refit
    drawn = from_mixture(table, margins, n_tables, rng)
    tables = [drawn.table_without_zeros(number) for number in range(n_tables)]
    lowest: list[float] = []
    step = 1 if table.is_ordered is None else len(tables)  # in many small steps, fitted side by side
    for batch in (tables[i : i + step] for i in range(0, len(tables), step)):
        n = min(segmented.k, *(len(one.codes) for one in batch))
        segments = [labels[0] for labels in refit.fit_apart(batch, n, rng)]
        redrawn = [bootstrap(one, n_refits, rng) for one in batch]
        refits = refit.fit_apart(redrawn, n, rng, segments)
        found = zip(batch, segments, refits, strict=True)
        lowest += [measure_stability(a, b, one.weights[0], n).lowest for one, a, b in found]
    return lowest
