"""Collecting: one GROUP BY that gives every distinct pattern with its count and its outcomes' sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.encode import Encoded, encode, feature_value, needed_columns, outcome_expression
from segmentry.sql.table import Kind, Query, SourceTable, column, unique_name

HEAD_ROWS = 1_000


@dataclass(frozen=True)
class CollectQuery:
    """The collecting query and what its result columns are, by position.

    First the mark of the step that dropped the rows, then a code (or value) per feature, the number of
    customers, the number changed by each replacing step, and per outcome: customers with a value, sum,
    and sum of squares about the origin. With a survey weight: sum of weights, of squared weights, and
    per outcome a fourth column, the sum of weights of the customers with a value.
    """

    query: Query
    dropped_steps: tuple[str, ...]
    changed_steps: tuple[str, ...]
    origins: tuple[float, ...]
    is_weighted: bool


def collect(
    recipe: Recipe, table: SourceTable, kinds: dict[str, Kind], origins: Sequence[float]
) -> CollectQuery:
    """Build the query that collects the pattern table."""
    encoded = encode(recipe, table, kinds, origins=origins)
    taken = {name.casefold() for name in (encoded.dropped, *encoded.levels)}
    keys = [column(encoded.dropped), *(column(level) for level in encoded.levels)]
    weight = column(encoded.weight) if recipe.source.weight else None
    measures = [exp.alias_(exp.Count(this=exp.Star()), unique_name("customers", taken), quoted=True)]
    measures += [_count_true(mark, unique_name(mark, taken)) for _, mark in encoded.changed]
    if weight is not None:
        measures.append(_sum(weight, unique_name("weight_sum", taken)))
        measures.append(_sum(_squared(weight), unique_name("weight_squares", taken)))
    for name, centred in encoded.outcomes:
        measures += _outcome_measures(name, centred, weight, taken)
    body = exp.select(*keys, *measures).from_(exp.to_identifier(encoded.name, quoted=True))
    body = body.group_by(*(k.copy() for k in keys)).order_by(*(k.copy() for k in keys))
    query = Query(
        "Collect the pattern table: every distinct pattern, its customers, its outcomes' sums",
        with_ctes(table, encoded, body),
    )
    changed = tuple(step for step, _ in encoded.changed)
    return CollectQuery(query, encoded.dropped_steps, changed, tuple(origins), weight is not None)


def with_ctes(table: SourceTable, encoded: Encoded, body: exp.Select) -> exp.Query:
    """Put the relation's and the encoding's named queries before a query."""
    query = table.relation.query(body)
    for name, cte in encoded.ctes:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
    return query


def _outcome_measures(name: str, centred: str, weight: exp.Expr | None, taken: set[str]) -> list[exp.Expr]:
    stem = name.removesuffix("_value")
    value = column(name)
    square = _squared(column(centred))
    measures = [exp.alias_(exp.Count(this=value.copy()), unique_name(f"{stem}_n", taken), quoted=True)]
    if weight is None:
        measures.append(_sum(value, unique_name(f"{stem}_sum", taken)))
        measures.append(_sum(square, unique_name(f"{stem}_squares", taken)))
        return measures
    measures.append(_sum(weight * value.copy(), unique_name(f"{stem}_sum", taken)))
    measures.append(_sum(weight * square, unique_name(f"{stem}_squares", taken)))
    has_value = exp.Case(ifs=[exp.If(this=exp.not_(value.copy().is_(exp.null())), true=weight.copy())])
    measures.append(_sum(has_value, unique_name(f"{stem}_weight", taken)))
    return measures


def _sum(value: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(exp.Sum(this=value.copy()), alias, quoted=True)


def _squared(value: exp.Expr) -> exp.Expr:
    return exp.Mul(this=value.copy(), expression=value.copy())


def _count_true(mark: str, alias: str) -> exp.Expr:
    one = exp.Case(ifs=[exp.If(this=column(mark), true=exp.convert(1))], default=exp.convert(0))
    return exp.alias_(exp.Sum(this=one), alias, quoted=True)


def head(recipe: Recipe, table: SourceTable, kinds: dict[str, Kind]) -> Query | None:
    """Build the query for the outcomes' rough means on the first rows: the origins of their squares."""
    values = [
        outcome_expression(outcome, group, kinds) for group in recipe.outcomes for outcome in group.columns
    ]
    if not values:
        return None
    names = needed_columns(recipe)
    inner = exp.select(*(column(n) for n in names)).from_(table.relation.origin.copy()).limit(HEAD_ROWS)
    means = [exp.alias_(exp.Avg(this=v), f"mean_{i}") for i, v in enumerate(values, 1)]
    body = exp.select(*means).from_(exp.to_identifier("first_rows"))
    query = table.relation.query(body).with_("first_rows", as_=inner, copy=False)
    return Query("Rough means of the outcomes, about which their squares are summed", query)


def probe(recipe: Recipe, table: SourceTable) -> exp.Query:
    """Select every feature's and outcome's value, for the engine to tell their types; runs on no row."""
    parts = [exp.alias_(feature_value(f), f"feature {f.name}", quoted=True) for f in recipe.features]
    parts += [
        exp.alias_(_plain(outcome.sql, outcome.name, group.name), f"outcome {outcome.name}", quoted=True)
        for group in recipe.outcomes
        for outcome in group.columns
    ]
    parts += [
        exp.alias_(column(group.exposure), f"exposure {group.name}", quoted=True)
        for group in recipe.outcomes
        if group.exposure is not None
    ]
    return table.relation.query(exp.select(*parts).from_(table.relation.origin.copy()).limit(0))


def _plain(sql: str | None, name: str, group: str) -> exp.Expr:
    from segmentry.sql.expressions import expression

    return column(name) if sql is None else expression(sql, f"outcomes.{group}.columns.{name}.sql")
