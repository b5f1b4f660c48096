"""Tables of counts over the same patterns: the observed one, and many that are drawn from it or from a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, LevelCodes
from segmentry.cluster.latent_class.criteria import ordered_of
from segmentry.cluster.latent_class.replicates import Replicates
from segmentry.patterns import PatternTable
from segmentry.selection.straight_lines import straight_lines

MAX_PATTERNS = 5_000
"""Above so many patterns, a sample of so many customers stands for the table: the evidence is gathered on it."""
GROUPS = 5
REFIT_LEVELS = 12
"""Levels of an ordered feature with fine levels in the tables that are drawn and refitted: latent classes compete on as many."""
_MAX_COMBINATIONS = 4_096  # combinations of levels up to which a draw is one multinomial over all of them
_SHARED, _SHARED_ORDERED = 0.2, 0.5
"""Mean share of the patterns that a table has, from which on one design serves all tables; ordered features are fitted in many
small steps, which tables side by side have in common."""


@dataclass(frozen=True)
class CountTables:
    """Tables that count the same patterns, all of as many customers.

    Attributes
    ----------
    codes
        (n_patterns, n_features) codes of the levels; -1 is missing.
    n_levels
        Number of levels of each feature.
    weights
        (n_tables, n_patterns) customers.
    is_ordered
        Features whose classes have a centre and a spread; None where there are none.
    lines
        (n_lines, n_features) codes of who ticks one level throughout a battery, see `straight_lines`; None where nobody does.
    """

    codes: LevelCodes
    n_levels: list[int]
    weights: Floats
    is_ordered: Sequence[bool] | None = None
    lines: LevelCodes | None = None

    @property
    def n_customers(self) -> int:
        """Number of customers of a table."""
        return round(float(self.weights[0].sum()))

    def table(self, number: int) -> CountTables:
        """Return one of the tables."""
        return replace(self, weights=self.weights[number : number + 1])

    def first(self, n_tables: int) -> CountTables:
        """Return the first tables, at most so many."""
        return replace(self, weights=self.weights[:n_tables])

    def table_without_zeros(self, number: int) -> CountTables:
        """Return one of the tables, without the patterns that nobody has in it."""
        rows = np.flatnonzero(self.weights[number] > 0)
        return replace(self, codes=self.codes[rows], weights=self.weights[number][rows][None])

    def without_feature(self, number: int) -> tuple[CountTables, Indices]:
        """Return the first table without a feature, and the place of each pattern in it."""
        codes, pattern = np.unique(np.delete(self.codes, number, axis=1), axis=0, return_inverse=True)
        pattern = pattern.reshape(-1)
        weights = np.bincount(pattern, self.weights[0]).astype(np.float64)
        n_levels = [n for j, n in enumerate(self.n_levels) if j != number]
        ordered = self.is_ordered
        is_ordered = None if ordered is None else [o for j, o in enumerate(ordered) if j != number]
        return CountTables(codes, n_levels, weights[None], is_ordered), pattern

    def grouped(self) -> CountTables:
        """Return the first table with each ordered feature in at most `GROUPS` groups of about equal size, as levels.

        Classes with a centre and a spread, and models without segments that have a share for every level, count parameters too
        differently to be compared: both are fitted to groups.
        """
        if self.is_ordered is None:
            return self.table(0)
        rows, weights = _beneath(self.codes, self.weights[0], self.lines)
        for j in np.flatnonzero(self.is_ordered):
            rows[:, j] = in_groups(rows[:, j], weights, GROUPS)
        n = len(self.codes)
        codes, pattern = np.unique(rows[:n], axis=0, return_inverse=True)
        counts = np.bincount(pattern.reshape(-1), self.weights[0]).astype(np.float64)
        return _of_seen_levels(codes, counts, np.unique(rows[n:], axis=0))

    def collapsed(self) -> tuple[CountTables, Indices]:
        """Return the tables with patterns of the same levels added up, and the place of each pattern in them.

        Ordered features in groups make such patterns; other tables stay as they are.
        """
        if self.is_ordered is None:
            return self, np.arange(len(self.codes))
        codes, place = np.unique(self.codes, axis=0, return_inverse=True)
        place = place.reshape(-1)
        weights = np.stack([np.bincount(place, one, len(codes)).astype(np.float64) for one in self.weights])
        return CountTables(codes, self.n_levels, weights, self.is_ordered), place

    def replicates(self) -> Replicates:
        """Return the tables as replicates that latent classes are fitted to."""
        return Replicates(self.codes, self.n_levels, self.weights, self.is_ordered)

    def parts(self) -> list[tuple[Indices, CountTables]]:
        """Return what is fitted at once: all tables, or each with its own patterns where they share few of them.

        The first of each pair are the positions of the patterns.
        """
        least = _SHARED if self.is_ordered is None else _SHARED_ORDERED
        if len(self.weights) == 1 or (self.weights > 0).mean() >= least:
            return [(np.arange(len(self.codes)), self)]
        kept = [np.flatnonzero(weights) for weights in self.weights]
        return [
            (rows, CountTables(self.codes[rows], self.n_levels, weights[rows][None], self.is_ordered))
            for rows, weights in zip(kept, self.weights, strict=True)
        ]

    def side_by_side(self) -> Replicates:
        """Return the tables as replicates, each with its own patterns where they share few of them."""
        parts = [part.replicates() for _, part in self.parts()]
        return parts[0] if len(parts) == 1 else Replicates.side_by_side(parts)

    def margins(self, rng: np.random.Generator) -> Floats:
        """Return the first table's shares of all levels, as a mixture (1, 1 + n_columns) of one class."""
        return self.replicates().fit(1, 1, rng).parameters[:, 0]


def in_groups(codes: LevelCodes, weights: Floats, n_groups: int) -> LevelCodes:
    """Return ordered codes (n_patterns,) in at most so many groups of about equal size; -1 stays missing."""
    known = codes >= 0
    sizes = np.bincount(codes[known], weights[known])
    middle = (np.cumsum(sizes) - sizes / 2) / max(sizes.sum(), 1e-300)
    group = np.append(np.minimum((middle * n_groups).astype(np.int32), n_groups - 1), -1)
    return np.asarray(group[np.where(known, codes, -1)], np.int32)


def observed_table(
    patterns: PatternTable,
    rng: np.random.Generator,
    max_patterns: int = MAX_PATTERNS,
    most_levels: int = REFIT_LEVELS,
) -> tuple[CountTables, Indices]:
    """Return the pattern table as one table, without levels that nobody has, and which patterns it holds.

    Features with fine levels have at most `most_levels`; patterns that become equal are not added up. Survey weights count as Kish's effective number of customers. Of a table with more than `max_patterns` patterns
    and customers, a sample of as many customers is taken.
    """
    weights = patterns.sample_weight
    rows = np.flatnonzero(weights > 0)
    shares = weights[rows] / weights[rows].sum()
    n_customers = patterns.n_effective
    counts = shares * n_customers
    if len(rows) > max_patterns and n_customers > max_patterns:
        counts = rng.multinomial(max_patterns, shares).astype(np.float64)
        rows, counts = rows[counts > 0], counts[counts > 0]
    columns = np.array(patterns.codes, np.int32)[rows]
    both, with_zeros = _beneath(columns, counts, straight_lines(patterns.features, columns))
    for j, feature in enumerate(patterns.features):
        if feature.shown:
            both[:, j] = refit_levels(both[:, j], with_zeros, most_levels)
    table = _of_seen_levels(both[: len(rows)], counts, both[len(rows) :])
    is_ordered = ordered_of(table.n_levels, [f.distribution for f in patterns.features])
    return replace(table, is_ordered=is_ordered if any(is_ordered) else None), rows


def refit_levels(codes: LevelCodes, weights: Floats, most: int = REFIT_LEVELS) -> LevelCodes:
    """Return ordered codes (n_patterns,) in groups, if there are more levels than `most`."""
    is_many = len(np.unique(codes[codes >= 0])) > most
    return in_groups(codes, weights, most) if is_many else codes


def _beneath(codes: LevelCodes, weights: Floats, lines: LevelCodes | None) -> tuple[LevelCodes, Floats]:
    """Return codes with the straight lines beneath them, as patterns that nobody has, and the weights of all."""
    if lines is None:
        return codes.copy(), weights
    return np.vstack([codes, lines]), np.append(weights, np.zeros(len(lines)))


def _of_seen_levels(codes: LevelCodes, counts: Floats, lines: LevelCodes | None) -> CountTables:
    """Return one table whose codes, and straight lines, count the observed levels alone."""
    n_rows = len(codes)
    both, _ = _beneath(codes, counts, lines)
    kept, n_levels = np.ones(len(both), bool), []
    for j, column in enumerate(both.T):
        seen = np.unique(codes[codes[:, j] >= 0, j])
        kept &= (column < 0) | np.isin(column, seen)
        new_code = np.full(int(column.max(initial=0)) + 2, -1, np.int32)
        new_code[seen] = np.arange(len(seen))
        both[:, j] = new_code[column]
        n_levels.append(len(seen))
    left = both[n_rows:][kept[n_rows:]]
    return CountTables(both[:n_rows], n_levels, counts[None], lines=left if len(left) else None)


def bootstrap(table: CountTables, n_tables: int, rng: np.random.Generator) -> CountTables:
    """Draw tables of as many customers from the table itself: multinomial redraws of its counts."""
    weights = table.weights[0]
    drawn = rng.multinomial(table.n_customers, weights / weights.sum(), size=n_tables)
    return CountTables(table.codes, table.n_levels, drawn.astype(np.float64), table.is_ordered)


def sample_table(table: CountTables, n_customers: int, rng: np.random.Generator) -> CountTables:
    """Draw one table of at most so many customers from the table; one that has no more stays as it is."""
    if table.n_customers <= n_customers:
        return table
    shares = table.weights[0] / table.weights[0].sum()
    counts = rng.multinomial(n_customers, shares).astype(np.float64)
    drawn = _of_seen_levels(table.codes[counts > 0], counts[counts > 0], table.lines)
    return replace(drawn, is_ordered=table.is_ordered)


def from_mixture(table: CountTables, mixture: Floats, n_tables: int, rng: np.random.Generator) -> CountTables:
    """Draw tables of as many customers from a mixture (n_classes, 1 + n_columns) of independent features.

    A mixture of one class is the product of its margins. Missing values are drawn at each feature's own share,
    whatever the class.
    """
    shares = _with_missing(table, mixture)
    if np.prod([s.shape[1] for s in shares], dtype=float) <= _MAX_COMBINATIONS:
        return _from_combinations(table, mixture[:, 0], shares, n_tables, rng)
    return _from_splits(table, mixture[:, 0], shares, n_tables, rng)


def _with_missing(table: CountTables, mixture: Floats) -> list[Floats]:
    """Return per feature the shares (n_classes, n_levels [+ 1]) of its levels and, last, of missing."""
    starts = np.cumsum([1, *table.n_levels])
    total = table.weights[0].sum()
    parts = []
    for j, n in enumerate(table.n_levels):
        levels = np.maximum(mixture[:, starts[j] : starts[j] + n], 0.0)
        levels = levels / levels.sum(axis=1, keepdims=True) if n else np.ones((len(mixture), 0))
        absent = float(table.weights[0][table.codes[:, j] < 0].sum() / total)
        column = np.full((len(mixture), 1), absent)
        parts.append(np.hstack([levels * (1 - absent), column]) if absent > 0 or not n else levels)
    return parts


def _from_combinations(
    table: CountTables, prior: Floats, shares: list[Floats], n_tables: int, rng: np.random.Generator
) -> CountTables:
    """Draw the counts of all combinations of levels at once."""
    joint = prior[:, None]
    for share in shares:
        joint = (joint[:, :, None] * share[:, None]).reshape(len(prior), -1)
    probabilities = joint.sum(axis=0)
    drawn = rng.multinomial(table.n_customers, probabilities / probabilities.sum(), size=n_tables)
    levels = np.stack(np.unravel_index(np.arange(joint.shape[1]), [s.shape[1] for s in shares]), axis=1)
    kept = drawn.any(axis=0)
    return _drawn_tables(table, levels[kept], drawn[:, kept])


def _from_splits(
    table: CountTables, prior: Floats, shares: list[Floats], n_tables: int, rng: np.random.Generator
) -> CountTables:
    """Split the customers of each table by class, then by feature after feature: no combination is ever listed."""
    counts = rng.multinomial(table.n_customers, prior / prior.sum(), size=n_tables)
    number, group = np.nonzero(counts)
    counts = counts[number, group]
    levels = np.empty((len(counts), 0), np.intp)
    for share in shares:
        parts = rng.multinomial(counts, share[group] / share[group].sum(axis=1, keepdims=True))
        row, level = np.nonzero(parts)
        counts, number, group = parts[row, level], number[row], group[row]
        levels = np.column_stack([levels[row], level])
    distinct, pattern = np.unique(levels, axis=0, return_inverse=True)
    weights = np.zeros((n_tables, len(distinct)))
    np.add.at(weights, (number, pattern.reshape(-1)), counts)
    return _drawn_tables(table, distinct, weights)


def _drawn_tables(table: CountTables, levels: Indices, weights: npt.NDArray[np.number]) -> CountTables:
    """Return drawn tables; a level beyond those of its feature stands for missing."""
    codes = np.where(levels < np.array(table.n_levels), levels, -1).astype(np.int32)
    return CountTables(codes, table.n_levels, np.asarray(weights, np.float64), table.is_ordered)
