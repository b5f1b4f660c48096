"""Assigning: every customer's id with the segment of the customer's pattern."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.collect import with_ctes
from segmentry.sql.encode import MISSING, encode
from segmentry.sql.table import Kind, Query, SourceTable, column

LOOKUP = "pattern_segments"


def assign(recipe: Recipe, table: SourceTable, kinds: dict[str, Kind], *, is_sorted: bool = True) -> Query:
    """Build the query for id, segment and certainty of every row that the recipe keeps.

    It joins the table `LOOKUP`, which the engine must hold: one row per pattern with the codes under
    the names of `lookup_columns`, ``segment`` and ``certainty``. The rows come in the order of the id
    where `is_sorted`, else in whatever order the engine finishes them.
    """
    customer = str(recipe.source.id)
    encoded = encode(recipe, table, kinds, carry=(customer,), unseen=MISSING)
    left = exp.to_identifier(encoded.name, quoted=True)
    on = exp.and_(
        *(
            exp.column(level, table=encoded.name, quoted=True).eq(exp.column(name, table=LOOKUP, quoted=True))
            for level, name in zip(encoded.levels, lookup_columns(recipe), strict=True)
        )
    )
    body = (
        exp.select(column(customer), column("segment"), column("certainty"))
        .from_(left)
        .join(exp.to_table(LOOKUP), on=on, join_type="left")
        .where(column(encoded.dropped).eq(exp.convert(0)))
    )
    if is_sorted:
        body = body.order_by(column(customer))
    return Query(
        "Assign every customer the segment of the customer's pattern", with_ctes(table, encoded, body)
    )


def lookup_columns(recipe: Recipe) -> tuple[str, ...]:
    """Column names of the codes in the lookup table."""
    return tuple(f"code_{i}" for i in range(1, len(recipe.features) + 1))
