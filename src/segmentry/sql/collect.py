"""Collecting: one GROUP BY that gives every distinct pattern with its count and its outcomes' sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.aggregates import one_where
from segmentry.sql.encode import (
    EncodedRows,
    encode_rows,
    feature_value,
    needed_columns,
    outcome_expression,
    outcome_value,
)
from segmentry.sql.fold import FOLDS, fold_of_id
from segmentry.sql.table import ColumnKind, MatchedTable, Query, SourceTable, column, unique_name

HEAD_ROWS = 1_000


@dataclass(frozen=True)
class OutcomeLayout:
    """Which columns of the result hold what is measured of an outcome, by position; sums are weighted where customers are.

    Attributes
    ----------
    n_values, sums
        Customers with a value, and the sum of the values.
    squares, cubes
        Sums about the origin; of flags, whose squares and cubes are themselves, the column of the sums.
    value_weights
        Sum of the survey weights of the customers with a value.
    """

    n_values: int
    sums: int
    squares: int
    cubes: int
    value_weights: int | None


@dataclass(frozen=True)
class CollectLayout:
    """Which columns of the collecting query's result hold what, by position.

    Attributes
    ----------
    dropped
        Number of the step that dropped the rows, from 1 in the order of `dropped_steps`; 0 of rows that are kept.
    levels
        Code of each feature's level, or its value where its levels are not known yet.
    counts
        Number of customers.
    changed
        Number of customers that each of `changed_steps` changed.
    outcomes
        Positions of the measures of each outcome.
    weights, squared_weights
        Sums of the survey weights and of their squares; None where every customer counts once.
    weightless, strange_weights
        Numbers of customers whose survey weight is missing or 0, and of those with one that is negative, above a million
        millions or below a thousand-millionth; None where every customer counts once.
    other_flags
        Number of customers with a flag that is neither 0 nor 1; None where there are no flags.
    fold
        Fold of the customers, `FOLDS` of those who are in none; None where none was asked for, or there is no id that can
        be hashed.
    """

    dropped: int
    levels: tuple[int, ...]
    counts: int
    changed: tuple[int, ...]
    outcomes: tuple[OutcomeLayout, ...]
    weights: int | None
    squared_weights: int | None
    weightless: int | None
    strange_weights: int | None
    other_flags: int | None
    fold: int | None


@dataclass(frozen=True)
class CollectQuery:
    """The collecting query, the layout of its result, and the names of the cleaning steps that this counts."""

    query: Query
    layout: CollectLayout
    dropped_steps: tuple[str, ...]
    changed_steps: tuple[str, ...]


class _Items:
    """What the query selects; every measure gets a name that no other column has."""

    def __init__(self, encoded: EncodedRows) -> None:
        self.items: list[exp.Expr] = []
        self._taken = {name.casefold() for name in (encoded.dropped, *encoded.levels, encoded.fold)}

    def key(self, name: str) -> int:
        """Select a column by which rows are grouped; return its position."""
        self.items.append(column(name))
        return len(self.items) - 1

    def measure(self, value: exp.Expr, name: str) -> int:
        """Select an aggregate; return its position."""
        self.items.append(exp.alias_(value, unique_name(name, self._taken), quoted=True))
        return len(self.items) - 1


def collecting_query(
    matched: MatchedTable,
    origins: Sequence[float],
    *,
    with_folds: bool = True,
    folded: exp.Expr | None = None,
) -> CollectQuery:
    """Build the query that collects the pattern table, by fold where there are outcomes and an id that can be hashed.

    Only rows for which the condition `folded` holds are in a fold; by default all are.
    """
    fold = fold_of_id(matched.recipe, matched.table) if origins and with_folds else None
    if fold is not None and folded is not None:
        fold = exp.Case(ifs=[exp.If(this=folded, true=fold)], default=exp.convert(FOLDS))
    encoded = encode_rows(matched, outcomes=True, origins=origins, fold=fold)
    weight = column(encoded.weight) if matched.recipe.source.weight else None
    items = _Items(encoded)
    layout = CollectLayout(
        dropped=items.key(encoded.dropped),
        levels=tuple(items.key(level) for level in encoded.levels),
        counts=items.measure(exp.Count(this=exp.Star()), "customers"),
        changed=tuple(items.measure(_sum(one_where(column(mark))), mark) for _, mark in encoded.changed),
        weights=items.measure(_sum(weight), "weight_sum") if weight is not None else None,
        squared_weights=items.measure(_sum(_squared(weight)), "weight_squares")
        if weight is not None
        else None,
        weightless=items.measure(_sum(one_where(_weighs_nothing(weight))), "weightless")
        if weight is not None
        else None,
        strange_weights=items.measure(_sum(one_where(_is_strange(weight))), "strange_weights")
        if weight is not None
        else None,
        outcomes=tuple(_measured(items, *outcome, weight) for outcome in encoded.outcomes),
        other_flags=_other_flags(items, matched, encoded),
        fold=items.key(encoded.fold) if fold is not None else None,
    )  # in the order in which they are selected
    positions = (layout.dropped, *layout.levels, *((layout.fold,) if layout.fold is not None else ()))
    keys = [items.items[i] for i in positions]
    body = exp.select(*items.items, copy=False).from_(encoded.rows, copy=False)
    body.group_by(
        *(k.copy() for k in keys), copy=False
    )  # in no order, for which PostgreSQL would sort all rows
    purpose = "Collect the pattern table: every distinct pattern, its customers, its outcomes' sums"
    return CollectQuery(
        query=Query(purpose, encoded.query(body)),
        layout=layout,
        dropped_steps=encoded.dropped_steps,
        changed_steps=tuple(step for step, _ in encoded.changed),
    )


def _weighs_nothing(weight: exp.Expr) -> exp.Expr:
    return exp.or_(weight.copy().is_(exp.null()), weight.copy().eq(0))


def _is_strange(weight: exp.Expr) -> exp.Expr:
    """Negative, or so large or small that sums of squares lose their digits; the numbers are whole in every dialect."""
    billions = exp.Mul(this=weight.copy(), expression=exp.convert(10**9))
    is_tiny = exp.and_(weight.copy() > 0, exp.LT(this=billions, expression=exp.convert(1)))
    return exp.or_(weight.copy() < 0, weight.copy() > exp.convert(10**12), is_tiny)


def _measured(items: _Items, name: str, centred: str | None, weight: exp.Expr | None) -> OutcomeLayout:
    stem, value = name.removesuffix("_value"), column(name)

    def summed(value: exp.Expr, what: str) -> int:
        return items.measure(_sum(value if weight is None else weight.copy() * value), f"{stem}_{what}")

    n_values = items.measure(exp.Count(this=value.copy()), f"{stem}_n")
    sums = squares = cubes = summed(value.copy(), "sum")
    if centred is not None:
        square = _squared(column(centred))
        squares = summed(square, "squares")
        cubes = summed(exp.Mul(this=square.copy(), expression=column(centred)), "cubes")
    value_weights = None
    if weight is not None:
        has_value = exp.Case(ifs=[exp.If(this=exp.not_(value.copy().is_(exp.null())), true=weight.copy())])
        value_weights = items.measure(_sum(has_value), f"{stem}_weight")
    return OutcomeLayout(n_values, sums, squares, cubes, value_weights)


def _other_flags(items: _Items, matched: MatchedTable, encoded: EncodedRows) -> int | None:
    conditions = [
        _is_no_flag(column(value), matched.kind_of(outcome))
        for (value, _), (outcome, group) in zip(encoded.outcomes, matched.recipe.outcome_columns, strict=True)
        if group.role == "flags"
    ]
    return items.measure(_sum(one_where(exp.or_(*conditions))), "other_flags") if conditions else None


def _is_no_flag(value: exp.Expr, kind: ColumnKind) -> exp.Expr:
    """Whether a value is neither 0 nor 1; numbers that may have decimals are compared one by one, which takes longer."""
    if kind in ("float", "decimal"):
        return exp.not_(value.isin(0, 1))
    return exp.not_(exp.Between(this=value, low=exp.convert(0), high=exp.convert(1)))


def _sum(value: exp.Expr) -> exp.Expr:
    return exp.Sum(this=value.copy())


def _squared(value: exp.Expr) -> exp.Expr:
    return exp.Mul(this=value.copy(), expression=value.copy())


def origins_query(matched: MatchedTable, max_rows: int) -> Query | None:
    """Build the query for the rough means of the outcomes, about which their squares are summed, and for the table's size.

    Its columns are ``mean_1``, ``mean_2`` and so on, of the first rows; and ``n_rows``, the rows of the table, but no more than one
    above `max_rows`.
    """
    recipe, table = matched.recipe, matched.table
    values = [outcome_expression(outcome, group, matched) for outcome, group in recipe.outcome_columns]
    if not values:
        return None
    names = needed_columns(recipe)
    inner = exp.select(*(column(n) for n in names)).from_(table.relation.origin.copy()).limit(HEAD_ROWS)
    means = [exp.alias_(exp.Avg(this=v), f"mean_{i}") for i, v in enumerate(values, 1)]
    ones = exp.select(exp.alias_(exp.convert(1), "one")).from_(table.relation.origin.copy())
    some = exp.select(exp.Count(this=exp.Star())).from_(ones.limit(max_rows + 1).subquery("some_rows"))
    first = unique_name("first_rows", {name.casefold() for name, _ in table.relation.before})
    body = exp.select(*means, exp.alias_(some.subquery(), "n_rows")).from_(exp.to_identifier(first))
    query = table.relation.query(body).with_(first, as_=inner, copy=False)
    purpose = "Rough means of the outcomes, about which their squares are summed"
    return Query(f"{purpose}; whether the table is a large one", query)


def whole_query(matched: MatchedTable, origins: Sequence[float]) -> Query | None:
    """Build the query for how far amounts and counts are from `origins` at most, and for how many of each are no whole number.

    Its columns are ``far_1``, ``parts_1``, ``far_2`` and so on; None where there are no amounts and counts.
    """
    encoded = encode_rows(matched, outcomes=True, origins=origins)
    parts = []
    for i, (name, centred) in enumerate((pair for pair in encoded.outcomes if pair[1] is not None), 1):
        number = exp.cast(column(name), exp.DataType.Type.DOUBLE)
        is_part = exp.NEQ(this=number, expression=exp.Floor(this=number.copy()))
        parts.append(exp.alias_(exp.Max(this=exp.Abs(this=column(str(centred)))), f"far_{i}"))
        parts.append(exp.alias_(_sum(one_where(is_part)), f"parts_{i}"))
    if not parts:
        return None
    body = exp.select(*parts, copy=False).from_(encoded.rows, copy=False)
    return Query(
        "How far from their rough means are amounts and counts, and are they whole?", encoded.query(body)
    )


def kinds_query(recipe: Recipe, table: SourceTable) -> exp.Query:
    """Select the value of every feature, then of every outcome, for the engine to tell their kinds; runs on no row."""
    values = (
        *(feature_value(f) for f in recipe.features),
        *(outcome_value(*pair) for pair in recipe.outcome_columns),
    )
    parts = [exp.alias_(value, f"value_{i}") for i, value in enumerate(values, 1)]
    return table.relation.query(exp.select(*parts).from_(table.relation.origin.copy()).limit(0))
