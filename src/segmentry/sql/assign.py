"""Assigning: every customer's id with the segment of the customer's pattern."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.collect import with_ctes
from segmentry.sql.encode import encode_feature
from segmentry.sql.formula import MISSING
from segmentry.sql.table import ColumnKind, Query, SourceTable, column, unique_name

LOOKUP = "pattern_segments"


def assigning_query(
    recipe: Recipe,
    table: SourceTable,
    kinds: dict[str, ColumnKind],
    *,
    results: tuple[str, ...] = ("segment", "certainty"),
    unseen: int = MISSING,
    is_sorted: bool = True,
) -> Query:
    """Build the query for id and `results` of every row that the recipe keeps.

    It joins the table `LOOKUP`, which the engine must hold: one row per pattern with the codes under
    the names of `lookup_columns`, and the `results`. Values that belong to no level have the code `unseen`. The rows
    come in the order of the id where `is_sorted`, else in whatever order the engine finishes them.
    """
    customer = str(recipe.source.id)
    encoded = encode_feature(recipe, table, kinds, carry=(customer,), unseen=unseen)
    left = exp.to_identifier(encoded.name, quoted=True)
    on = exp.and_(
        *(
            exp.column(level, table=encoded.name, quoted=True).eq(exp.column(name, table=LOOKUP, quoted=True))
            for level, name in zip(encoded.levels, lookup_columns(recipe), strict=True)
        )
    )
    body = (
        exp.select(column(customer), *(column(name) for name in results))
        .from_(left)
        .join(exp.to_table(LOOKUP), on=on, join_type="left")
        .where(column(encoded.dropped).eq(exp.convert(0)))
    )
    if is_sorted:
        body = body.order_by(column(customer))
    return Query(
        "Assign every customer the segment of the customer's pattern", with_ctes(table, encoded, body)
    )


def repeated_ids_query(
    recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind], shown: int = 3
) -> Query:
    """Build the query for the first few ids that several kept rows have, or none of them; with their rows."""
    customer = str(recipe.source.id)
    encoded = encode_feature(recipe, table, kinds, carry=(customer,))
    count = exp.Count(this=exp.Star())
    body = (
        exp.select(
            column(customer), exp.alias_(count, unique_name("rows", {customer.casefold()}), quoted=True)
        )
        .from_(exp.to_identifier(encoded.name, quoted=True))
        .where(column(encoded.dropped).eq(exp.convert(0)))
        .group_by(column(customer))
        .having(
            exp.or_(exp.GT(this=count.copy(), expression=exp.convert(1)), column(customer).is_(exp.null()))
        )
        .order_by(column(customer))
        .limit(shown)
    )
    return Query("Ids that are missing, or that several rows have", with_ctes(table, encoded, body))


def lookup_columns(recipe: Recipe) -> tuple[str, ...]:
    """Column names of the codes in the lookup table."""
    return tuple(f"code_{i}" for i in range(1, len(recipe.features) + 1))
