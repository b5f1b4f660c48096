"""Collecting: one GROUP BY that gives every distinct pattern with its count and its outcomes' sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.encode import (
    EncodedCode,
    encode_feature,
    feature_value,
    needed_columns,
    outcome_expression,
    outcome_value,
)
from segmentry.sql.fold import fold_of_id
from segmentry.sql.table import ColumnKind, Query, SourceTable, column, unique_name

HEAD_ROWS = 1_000


@dataclass(frozen=True)
class CollectQuery:
    """The collecting query and what its result columns are, by position.

    First the mark of the step that dropped the rows, then a code (or value) per feature, the number of
    customers, and the number changed by each replacing step. With a survey weight: sum of weights and of squared
    weights. Then per outcome: customers with a value, sum, for all but flags sums of squares and of cubes about the
    origin, and with a survey weight the sum of weights of the customers with a value. Last, where there are flags, customers with a flag that is neither 0 nor 1; and, where the query `has_folds`, the
    fold.
    """

    query: Query
    dropped_steps: tuple[str, ...]
    changed_steps: tuple[str, ...]
    is_weighted: bool
    has_flags: bool
    has_folds: bool


def collecting_query(
    recipe: Recipe,
    table: SourceTable,
    kinds: dict[str, ColumnKind],
    origins: Sequence[float],
    *,
    with_folds: bool = True,
) -> CollectQuery:
    """Build the query that collects the pattern table, by fold where there are outcomes and an id that can be hashed."""
    fold = fold_of_id(recipe, table) if origins and with_folds else None
    encoded = encode_feature(recipe, table, kinds, outcomes=True, origins=origins, fold=fold)
    taken = {name.casefold() for name in (encoded.dropped, *encoded.levels, encoded.fold)}
    keys = [column(encoded.dropped), *(column(level) for level in encoded.levels)]
    last = [column(encoded.fold)] if fold is not None else []
    weight = column(encoded.weight) if recipe.source.weight else None
    measures = [exp.alias_(exp.Count(this=exp.Star()), unique_name("customers", taken), quoted=True)]
    measures += [_count_true(column(mark), unique_name(mark, taken)) for _, mark in encoded.changed]
    if weight is not None:
        measures.append(_sum(weight, unique_name("weight_sum", taken)))
        measures.append(_sum(_squared(weight), unique_name("weight_squares", taken)))
    for value, centred in encoded.outcomes:
        measures += _outcome_measures(value, centred, weight, taken)
    roles = [group.role for group in recipe.outcomes for _ in group.columns]
    names = [outcome.name for group in recipe.outcomes for outcome in group.columns]
    flags = [
        _is_no_flag(column(value), kinds[f"outcome {name}"])
        for (value, _), name, role in zip(encoded.outcomes, names, roles, strict=True)
        if role == "flags"
    ]
    if flags:
        measures.append(_count_true(exp.or_(*flags), unique_name("other_flags", taken)))
    source = exp.to_identifier(encoded.name, quoted=True)
    body = exp.select(*keys, *measures, *last, copy=False).from_(source, copy=False)
    keys += last
    body.group_by(*(k.copy() for k in keys), copy=False).order_by(*(k.copy() for k in keys), copy=False)
    purpose = "Collect the pattern table: every distinct pattern, its customers, its outcomes' sums"
    return CollectQuery(
        query=Query(purpose, with_ctes(table, encoded, body)),
        dropped_steps=encoded.dropped_steps,
        changed_steps=tuple(step for step, _ in encoded.changed),
        is_weighted=weight is not None,
        has_flags=bool(flags),
        has_folds=bool(last),
    )


def with_ctes(table: SourceTable, encoded: EncodedCode, body: exp.Select) -> exp.Query:
    """Put the relation's and the encoding's named queries before a query."""
    query = table.relation.query(body)
    for name, cte in encoded.ctes:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
    return query


def _outcome_measures(
    name: str, centred: str | None, weight: exp.Expr | None, taken: set[str]
) -> list[exp.Expr]:
    stem = name.removesuffix("_value")

    def summed(value: exp.Expr, what: str) -> exp.Expr:
        return _sum(value if weight is None else weight.copy() * value, unique_name(f"{stem}_{what}", taken))

    value = column(name)
    count = exp.alias_(exp.Count(this=value.copy()), unique_name(f"{stem}_n", taken), quoted=True)
    measures = [count, summed(value.copy(), "sum")]
    if centred is not None:
        square = _squared(column(centred))
        measures.append(summed(square, "squares"))
        measures.append(summed(exp.Mul(this=square.copy(), expression=column(centred)), "cubes"))
    if weight is not None:
        has_value = exp.Case(ifs=[exp.If(this=exp.not_(value.copy().is_(exp.null())), true=weight.copy())])
        measures.append(_sum(has_value, unique_name(f"{stem}_weight", taken)))
    return measures


def _is_no_flag(value: exp.Expr, kind: ColumnKind) -> exp.Expr:
    """Whether a value is neither 0 nor 1; numbers that may have decimals are compared one by one, which takes longer."""
    if kind in ("float", "decimal"):
        return exp.not_(value.isin(0, 1))
    return exp.not_(exp.Between(this=value, low=exp.convert(0), high=exp.convert(1)))


def _sum(value: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(exp.Sum(this=value.copy()), alias, quoted=True)


def _squared(value: exp.Expr) -> exp.Expr:
    return exp.Mul(this=value.copy(), expression=value.copy())


def _count_true(condition: exp.Expr, alias: str) -> exp.Expr:
    one = exp.Case(ifs=[exp.If(this=condition, true=exp.convert(1))], default=exp.convert(0))
    return exp.alias_(exp.Sum(this=one), alias, quoted=True)


def head(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind], max_rows: int) -> Query | None:
    """Build the query for the outcomes' rough means on the first rows, the origins of their squares, and for the size.

    The last column counts the rows of the table, but no more than one above `max_rows`.
    """
    values = [
        outcome_expression(outcome, group, kinds[f"outcome {outcome.name}"], table)
        for group in recipe.outcomes
        for outcome in group.columns
    ]
    if not values:
        return None
    names = needed_columns(recipe)
    inner = exp.select(*(column(n) for n in names)).from_(table.relation.origin.copy()).limit(HEAD_ROWS)
    means = [exp.alias_(exp.Avg(this=v), f"mean_{i}") for i, v in enumerate(values, 1)]
    ones = exp.select(exp.alias_(exp.convert(1), "one")).from_(table.relation.origin.copy())
    some = exp.select(exp.Count(this=exp.Star())).from_(ones.limit(max_rows + 1).subquery("some_rows"))
    body = exp.select(*means, exp.alias_(some.subquery(), "n_rows")).from_(exp.to_identifier("first_rows"))
    query = table.relation.query(body).with_("first_rows", as_=inner, copy=False)
    purpose = "Rough means of the outcomes, about which their squares are summed"
    return Query(f"{purpose}; whether the table is a large one", query)


def probe(recipe: Recipe, table: SourceTable) -> exp.Query:
    """Select every feature's and outcome's value, for the engine to tell their types; runs on no row."""
    parts = [exp.alias_(feature_value(f), f"feature {f.name}", quoted=True) for f in recipe.features]
    parts += [
        exp.alias_(outcome_value(outcome, group), f"outcome {outcome.name}", quoted=True)
        for group in recipe.outcomes
        for outcome in group.columns
    ]
    return table.relation.query(exp.select(*parts).from_(table.relation.origin.copy()).limit(0))
