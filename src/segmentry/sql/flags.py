"""Flags that cannot be right: acceptances without exposure, and values that are neither yes nor no."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.aggregates import one_where
from segmentry.sql.encode import (
    encode_rows,
    flag_number,
    needed_columns,
    outcome_expression,
    outcome_value,
)
from segmentry.sql.table import MatchedTable, Query, column


def exposed_flags(recipe: Recipe) -> list[tuple[str, str]]:
    """(group, outcome) of every flag that has an exposure."""
    return [(g.name, c.name) for c, g in recipe.outcome_columns if g.exposure is not None]


def unexposed_query(matched: MatchedTable) -> Query:
    """Build the query for the customers that accepted without being exposed.

    For every outcome of `exposed_flags`, counted from 1, two columns: ``unexposed_1``, the customers who accepted and were
    not exposed, or whose exposure is missing; and ``unclear_1``, those whose exposure is neither yes nor no.
    """
    recipe = matched.recipe
    exposures = {g.name: g.exposure for g in recipe.outcomes if g.exposure is not None}
    bare = matched.with_recipe(
        outcomes=tuple(g.model_copy(update={"exposure": None}) for g in recipe.outcomes)
    )
    carry = tuple(dict.fromkeys(exposures.values()))
    encoded = encode_rows(bare, outcomes=True, carry=carry)
    names = [c.name for c, _ in recipe.outcome_columns]
    values = dict(zip(names, encoded.outcomes, strict=True))
    parts: list[exp.Expr] = []
    for i, (group, name) in enumerate(exposed_flags(recipe), 1):
        shown = flag_number(column(exposures[group]), matched.table.columns[exposures[group]])
        is_shown = exp.func("COALESCE", shown.eq(1), exp.false())
        accepted = column(values[name][0]).eq(1)
        parts.append(_counted(exp.and_(accepted, exp.not_(is_shown)), f"unexposed_{i}"))
        parts.append(_counted(exp.not_(shown.copy().isin(0, 1)), f"unclear_{i}"))
    body = exp.select(*parts).from_(encoded.rows).where(encoded.is_kept)
    purpose = "Customers who accepted without being exposed"
    return Query(purpose, encoded.query(body))


def other_values_query(matched: MatchedTable, name: str) -> Query:
    """Build the query for the most frequent values of a flag that are neither yes nor no."""
    outcome, group = next((c, g) for c, g in matched.recipe.outcome_columns if c.name == name)
    encoded = encode_rows(matched, carry=needed_columns(matched.recipe))
    value = outcome_value(outcome, group)
    number = outcome_expression(outcome, group, matched)
    found = encoded.most_frequent(
        value, "other_value", exp.and_(encoded.is_kept, exp.not_(number.isin(0, 1)))
    )
    return Query(f"Values of {name} that are neither yes nor no", found)


def _counted(condition: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(exp.Sum(this=one_where(condition)), alias, quoted=True)
