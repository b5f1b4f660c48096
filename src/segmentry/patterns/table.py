"""The pattern table: every distinct combination of levels, with its customers and the sums of their outcomes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Integers
from segmentry.errors import DataError, SegmentryWarning
from segmentry.patterns.cleaning import Cleaning, CleaningStep, add_cleaning
from segmentry.patterns.features import Codes, FeatureLevels, OutcomeInfo
from segmentry.patterns.folds import MAX_FOLDED_PATTERNS, FoldSums, joined, usable
from segmentry.patterns.sums import Grouping
from segmentry.text.display import MAX_NAMED, Shown
from segmentry.text.numbers import count, number
from segmentry.text.words import counted, listed


@dataclass(frozen=True, repr=False)
class PatternTable(Shown):
    """All that segments, profiles and tests need of a customer table.

    Rows are distinct patterns in the order of their codes. Pattern tables of the same recipe add up
    (`merge`): regions, months, databases.

    Attributes
    ----------
    features, outcomes
        Features and outcomes of the columns of the arrays.
    codes
        (n_patterns, n_features) codes of the levels; -1 is missing.
    counts
        (n_patterns,) customers.
    n_values, sums, squares
        (n_patterns, n_outcomes) customers with a value, sum of the values, and sum of their squared
        differences from `origins`; weighted sums where there is a survey weight.
    cubes
        (n_patterns, n_outcomes) sums of the cubed differences from `origins`, for the skewness of means;
        None in tables that were collected before segmentry took them.
    origins
        (n_outcomes,) numbers near the means, from which squares and cubes are taken for the sake of precision.
    weights, squared_weights, value_weights
        Sums of the survey weights w and of w² per pattern, and of w over the customers with a value per
        pattern and outcome; None where every customer counts once.
    cleaning
        Numbers of rows that were read, dropped and changed.
    folds
        Sums of each half of the customers; None where customers have no id that can be hashed,
        or where there are too many patterns to keep them.
    made_by
        Parts of the recipe as JSON, by their place in it; tables add up where these are the same.
    fold_share
        Share of the customers that the folds hold; below 1 for large tables.
    """

    features: tuple[FeatureLevels, ...]
    codes: Codes
    counts: Integers
    outcomes: tuple[OutcomeInfo, ...] = ()
    n_values: Integers = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    sums: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    squares: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    cubes: Floats | None = None
    origins: Floats = field(default_factory=lambda: np.zeros(0))
    weights: Floats | None = None
    squared_weights: Floats | None = None
    value_weights: Floats | None = None
    cleaning: Cleaning = field(default_factory=lambda: Cleaning(0))
    folds: FoldSums | None = None
    made_by: Mapping[str, str] = field(default_factory=dict)
    fold_share: float = 1.0

    @property
    def usable_folds(self) -> FoldSums | None:
        """The sums by fold; None where there are none, or one fold has hardly any customers."""
        return usable(self.folds)

    @property
    def n_patterns(self) -> int:
        """Number of patterns: the length of the table."""
        return len(self.counts)

    @property
    def n_customers(self) -> int:
        """Number of customers: the sum of the counts."""
        return int(self.counts.sum())

    @property
    def sample_weight(self) -> Floats:
        """Survey weights of the patterns where there are any, else counts: what shares and means are made of."""
        return self.weights if self.weights is not None else self.counts.astype(np.float64)

    @property
    def n_effective(self) -> float:
        """Kish's effective number of customers under survey weights, else their number: what criteria and tests count on."""
        if self.weights is None or self.squared_weights is None:
            return float(self.n_customers)
        return float(self.weights.sum() ** 2 / self.squared_weights.sum())

    @property
    def effective_weight(self) -> Floats:
        """What models are fitted to: survey weights that add up to the effective number, whatever their unit."""
        weights = self.sample_weight
        return weights if self.weights is None else weights * (self.n_effective / weights.sum())

    @property
    def weight_of_values(self) -> Floats:
        """Weights of the customers with a value, per pattern and outcome."""
        return self.value_weights if self.value_weights is not None else self.n_values.astype(np.float64)

    def level_counts(self, feature: int) -> Floats:
        """Return the weight of each level of the `feature` at a position; customers without a value are left out."""
        codes = np.asarray(self.codes[:, feature])
        known = codes >= 0
        n_levels = len(self.features[feature].levels)
        return np.asarray(
            np.bincount(codes[known], self.sample_weight[known], minlength=n_levels), np.float64
        )

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """Return the table with only the patterns in `rows`, which are positions or a mask."""
        folds = None if self.folds is None else self.folds.take(rows)
        return replace(self, folds=folds, **{n: v[rows] for n, v in per_pattern(self).items()})

    def without_feature(self, position: int) -> Self:
        """Return the table without the feature at `position`; patterns that become equal are not added up."""
        kept = [i for i in range(len(self.features)) if i != position]
        return replace(
            self, features=tuple(self.features[i] for i in kept), codes=as_codes(self.codes[:, kept])
        )

    def as_shown(self) -> Self:
        """Return the same rows with the levels that the recipe declares; patterns that become equal are not added up."""
        if not any(feature.shown for feature in self.features):
            return self
        codes = np.asarray(self.codes).copy()
        for j, feature in enumerate(self.features):
            if feature.shown:
                codes[:, j] = np.array([*feature.shown_codes, -1])[codes[:, j]]
        return replace(self, features=tuple(f.as_shown() for f in self.features), codes=as_codes(codes))

    def without_outcomes(self) -> Self:
        """Return the table with only the patterns and their customers."""
        return replace(self.with_outcomes(()), value_weights=None, cubes=None, folds=None)

    def with_outcomes(self, names: Sequence[str]) -> Self:
        """Return the table with the outcomes in `names`, in this order."""
        known = [outcome.name for outcome in self.outcomes]
        kept = [known.index(name) for name in names]
        arrays = {
            "n_values": self.n_values.reshape(self.n_patterns, len(known)),
            "sums": self.sums.reshape(self.n_patterns, len(known)),
            "squares": self.squares.reshape(self.n_patterns, len(known)),
            "cubes": self.cubes,
            "value_weights": self.value_weights,
        }
        return replace(
            self,
            outcomes=tuple(self.outcomes[j] for j in kept),
            origins=self.origins[kept],
            folds=None if self.folds is None else self.folds.with_outcomes(kept),
            **{name: None if values is None else values[:, kept] for name, values in arrays.items()},  # type: ignore[arg-type]
        )

    def withhold(self, min_count: int) -> Self:
        """Return the table without the patterns of fewer than `min_count` customers.

        A step of `cleaning` counts the customers that this leaves out; `merge` adds these steps up.

        Examples
        --------
        >>> import segmentry as sg
        >>> from segmentry.datasets import sample_households
        >>> table = sg.collect(sample_households(rows=1_000), "households").withhold(5)
        >>> int(table.counts.min()), table.cleaning.steps[-1].step
        (5, 'fewer_than_5')
        """
        kept = self.counts >= min_count
        if kept.all():
            return self
        if not kept.any():
            raise DataError(
                f"no pattern has {min_count} customers; the most frequent has {self.counts.max(initial=0):,}",
                hint="lower the smallest count, or let the recipe make fewer levels",
            )
        why = f"patterns of fewer than {min_count} customers are withheld"
        step = CleaningStep(f"fewer_than_{min_count}", "withheld", int(self.counts[~kept].sum()), why)
        return replace(self.take(np.flatnonzero(kept)), cleaning=self.cleaning.with_steps(step))

    def merge(self, *others: PatternTable) -> PatternTable:
        """Add up this table and `others` of the same recipe.

        Levels that were found in the tables, not declared in the recipe, are united. Squares are brought to
        the same origins.

        Raises
        ------
        DataError
            The tables differ in features, edges, levels, cleaning or outcomes, only some have survey weights, or one holds what
            no table can, such as a count below 0.

        Warns
        -----
        SegmentryWarning
            The tables' fine levels differ: those that all have are left.
        """
        from segmentry.patterns.checking import check_table
        from segmentry.patterns.common_fine import said_of_lost
        from segmentry.patterns.merging import check_alike, unite_levels

        given = [check_table(table) for table in (self, *others)]
        first, *rest = unite_levels(given)
        tables = (first, *(_about(other, first.origins) for other in rest))
        for other in tables[1:]:
            check_alike(first, other)
        if lost := said_of_lost(given, first):
            warnings.warn(lost, SegmentryWarning, stacklevel=2)
        names = set.intersection(*(set(per_pattern(t)) for t in tables))
        stacked = {n: np.concatenate([per_pattern(t)[n] for t in tables]) for n in names}
        cleaning = add_cleaning([t.cleaning for t in tables])
        folds = _add_folds(tables, *group_patterns(stacked["codes"]))
        share = min(t.fold_share for t in tables)
        changed = {"cubes": None, **_summed(stacked), "fold_share": share if folds is not None else 1.0}
        return replace(first, **changed, cleaning=cleaning, folds=folds)

    def roll_up(self, levels: Mapping[str, Any] | None = None, **more: Any) -> PatternTable:
        """Put levels of features together; counts, sums and halves are those of a table collected so.

        Parameters
        ----------
        levels, more
            What becomes of a feature, by its name. Numbers are edges: among those of the feature, or any where it has single
            numbers as levels. A dict of groups names the levels that each group holds; levels that it does not name stay. None
            leaves the feature out.

        Raises
        ------
        DataError
            There is no such feature, level or edge, or a level is in two groups.

        Examples
        --------
        >>> import segmentry as sg
        >>> from segmentry.datasets import sample_households
        >>> table = sg.collect(sample_households(rows=1_000), "households")
        >>> coarse = table.roll_up(income=[40000], education={"Degree": ["Graduation", "Master", "PhD"]}, children=None)
        >>> [feature.levels for feature in coarse.features if feature.name in ("income", "education")]
        [('under 40,000', '40,000 and over'), ('Degree', 'Basic')]
        >>> coarse.n_customers == table.n_customers
        True
        """
        from segmentry.patterns.roll_up import rolled_up

        return rolled_up(self, {**(levels or {}), **more})

    def save(self, path: str | Path) -> None:
        """Save as a Parquet file at `path`; `load` reads it back."""
        from segmentry.patterns.files import write_patterns

        write_patterns(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> PatternTable:
        """Load a pattern table that `save` wrote to `path`.

        Raises
        ------
        DataError
            The file is not a pattern table, or a newer segmentry wrote it.
        """
        from segmentry.patterns.files import read_patterns

        return read_patterns(Path(path))

    def _shown(self) -> tuple[str, Mapping[str, str]]:
        levels = [f"{f.name} ({counted(len(f.levels), 'level')})" for f in self.features]
        details = {
            "features": listed(levels, MAX_NAMED) or "none",
            "outcomes": listed((o.name for o in self.outcomes), MAX_NAMED) or "none",
            "rows": f"{counted(self.cleaning.n_rows, 'row')} read, {count(self.cleaning.n_dropped)} dropped",
        }
        if said := self.cleaning.said_of_ids():
            details["ids"] = " ".join(said)
        if self.weights is not None:
            details["weights"] = f"survey weights, {number(float(self.weights.sum()))} in sum"
        head = f"{counted(self.n_customers, 'customer')} in {counted(self.n_patterns, 'pattern')}"
        return head, details


def as_codes(values: npt.ArrayLike) -> Codes:
    """View integers as codes, in which -1 is missing."""
    return np.ascontiguousarray(values, dtype=np.int32).view(Codes)


def group_patterns(codes: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Find equal rows.

    Returns
    -------
    first, group
        `first` (n_groups,): a row of each group, groups in the order of the codes. `group` (n_rows,): the
        group of each row.
    """
    if codes.shape[1] == 0:
        return np.zeros(min(1, len(codes)), np.intp), np.zeros(len(codes), np.intp)
    order = np.lexsort(np.asarray(codes).T[::-1])
    ordered = np.asarray(codes)[order]
    starts = np.ones(len(codes), bool)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.empty(len(codes), np.intp)
    group[order] = np.cumsum(starts) - 1
    return order[starts], group


def per_pattern(table: PatternTable) -> dict[str, npt.NDArray[Any]]:
    """The arrays with a row per pattern, by name; where there are no outcomes, their arrays may have no rows at all."""
    names = ["codes", "counts", "weights", "squared_weights"]
    names += ["n_values", "sums", "squares", "cubes", "value_weights"]
    arrays = {name: getattr(table, name) for name in names}
    return {n: v for n, v in arrays.items() if v is not None and len(v) == len(table.counts)}


def _summed(stacked: dict[str, npt.NDArray[Any]]) -> dict[str, Any]:
    """Add the rows with equal codes up."""
    codes = stacked.pop("codes")
    first, group = group_patterns(codes)
    grouping = Grouping(codes[first], group)
    return {"codes": as_codes(codes[first]), **grouping.added_each(stacked)}


def unite(table: PatternTable) -> PatternTable:
    """Return the table with equal patterns added up, in the order of their codes."""
    return replace(table, **_summed(dict(per_pattern(table))), folds=None)


def unite_folds(table: PatternTable, fold: npt.NDArray[np.integer], n_folds: int) -> PatternTable:
    """Return the table with equal patterns added up, in the order of their codes, also by the `fold` of its rows.

    Rows with a fold from `n_folds` on are in none.
    """
    united = unite(table)
    if united.n_patterns > MAX_FOLDED_PATTERNS:
        return united
    _, group = group_patterns(table.codes)
    folded = fold < n_folds
    rows = [values[folded] for values in (table.counts, table.weight_of_values, table.sums, table.squares)]
    folds = FoldSums.of(fold[folded], group[folded], (united.n_patterns, n_folds), rows)
    return _with_folds(united, folds)


def with_folds_of(table: PatternTable, part: PatternTable) -> PatternTable:
    """Return the table with the folds of a part of its customers, which the same recipe collected about the same origins.

    Patterns of the part that the table lacks, because rows were added between the two scans, are left out.
    """
    if part.folds is None:
        return table
    _, group = group_patterns(np.concatenate([np.asarray(table.codes), np.asarray(part.codes)]))
    place = np.full(len(group), -1, np.intp)
    place[group[: table.n_patterns]] = np.arange(table.n_patterns)
    places = place[group[table.n_patterns :]]
    known = places >= 0
    folds = part.folds.take(known).grouped(places[known], table.n_patterns)
    return _with_folds(table, folds)


def _with_folds(table: PatternTable, folds: FoldSums) -> PatternTable:
    return replace(table, folds=folds, fold_share=float(folds.counts.sum()) / table.n_customers)


def _add_folds(
    tables: Sequence[PatternTable], first: npt.NDArray[np.intp], group: npt.NDArray[np.intp]
) -> FoldSums | None:
    """Add up the folds of all tables, each scaled to the smallest share of customers that the folds of a table hold."""
    least = min(t.fold_share for t in tables)
    folds = [t.folds.scaled(least / t.fold_share) for t in tables if t.folds is not None]
    if len(folds) < len(tables) or len(first) > MAX_FOLDED_PATTERNS:
        return None
    return joined(folds).grouped(group, len(first))


def _about(table: PatternTable, origins: Floats) -> PatternTable:
    """Return the table with its squares taken about other origins."""
    if np.array_equal(table.origins, origins) or len(origins) != len(table.origins):
        return table
    shift = table.origins - origins
    n = table.weight_of_values
    first = table.sums - n * table.origins
    squares = table.squares + 2 * shift * first + n * shift**2
    cubes = None
    if table.cubes is not None:
        cubes = table.cubes + 3 * shift * table.squares + 3 * shift**2 * first + n * shift**3
    folds = None if table.folds is None else table.folds.about(table.origins, origins)
    return replace(table, squares=squares, cubes=cubes, origins=origins, folds=folds)
