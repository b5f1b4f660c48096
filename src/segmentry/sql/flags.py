"""Flags that cannot be right: acceptances without exposure, and values that are neither yes nor no."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.collect import with_ctes
from segmentry.sql.encode import (
    encode_feature,
    flag_number,
    needed_columns,
    outcome_expression,
    outcome_value,
)
from segmentry.sql.table import ColumnKind, Query, SourceTable, column


def exposed_flags(recipe: Recipe) -> list[tuple[str, str]]:
    """(group, outcome) of every flag that has an exposure."""
    return [(g.name, c.name) for g in recipe.outcomes if g.exposure is not None for c in g.columns]


def unexposed(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind]) -> Query:
    """Build the query for the customers that accepted without being exposed.

    For every outcome of `exposed_flags` two columns: the customers who accepted and were not exposed, or
    whose exposure is missing; and those whose exposure is neither yes nor no.
    """
    exposures = {g.name: g.exposure for g in recipe.outcomes if g.exposure is not None}
    bare = recipe.model_copy(
        update={"outcomes": tuple(g.model_copy(update={"exposure": None}) for g in recipe.outcomes)}
    )
    carry = tuple(dict.fromkeys(exposures.values()))
    encoded = encode_feature(bare, table, kinds, outcomes=True, carry=carry)
    names = [c.name for g in recipe.outcomes for c in g.columns]
    values = dict(zip(names, encoded.outcomes, strict=True))
    parts: list[exp.Expr] = []
    for i, (group, name) in enumerate(exposed_flags(recipe), 1):
        shown = flag_number(column(exposures[group]), table.columns[exposures[group]])
        is_shown = exp.func("COALESCE", shown.eq(exp.convert(1)), exp.false())
        accepted = column(values[name][0]).eq(exp.convert(1))
        parts.append(_counted(exp.and_(accepted, exp.not_(is_shown)), f"unexposed_{i}"))
        parts.append(_counted(exp.not_(shown.copy().isin(0, 1)), f"unclear_{i}"))
    body = exp.select(*parts).from_(exp.to_identifier(encoded.name, quoted=True))
    body = body.where(column(encoded.dropped).eq(exp.convert(0)))
    purpose = "Customers who accepted without being exposed"
    return Query(purpose, with_ctes(table, encoded, body))


def other_values(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind], name: str) -> Query:
    """Build the query for the most frequent values of a flag that are neither yes nor no."""
    group, outcome = next((g, c) for g in recipe.outcomes for c in g.columns if c.name == name)
    encoded = encode_feature(recipe, table, kinds, carry=needed_columns(recipe))
    value = outcome_value(outcome, group)
    number = outcome_expression(outcome, group, kinds[f"outcome {name}"], table)
    body = (
        exp.select(
            exp.alias_(value.copy(), "other_value", quoted=True),
            exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True),
        )
        .from_(exp.to_identifier(encoded.name, quoted=True))
        .where(exp.and_(column(encoded.dropped).eq(exp.convert(0)), exp.not_(number.isin(0, 1))))
        .group_by(exp.convert(1))
        .order_by(exp.Ordered(this=exp.convert(2), desc=True), exp.convert(1))
        .limit(5)
    )
    return Query(f"Values of {name} that are neither yes nor no", with_ctes(table, encoded, body))


def _counted(condition: exp.Expr, alias: str) -> exp.Expr:
    one = exp.Case(ifs=[exp.If(this=condition, true=exp.convert(1))], default=exp.convert(0))
    return exp.alias_(exp.Sum(this=one), alias, quoted=True)
