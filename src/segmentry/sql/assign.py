"""Assigning: every customer's id with the segment of the customer's pattern."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.encode import EncodedRows, encode_rows
from segmentry.sql.formula import MISSING
from segmentry.sql.table import LOOKUP, MatchedTable, Query, Relation, SourceTable, column, unique_name


def assigning_query(
    matched: MatchedTable,
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
    customer = matched.customer
    encoded = encode_rows(matched, carry=(customer,), unseen=unseen)
    own = exp.column(customer, table=encoded.name, quoted=True)  # a column of `LOOKUP` may have the same name
    body = (
        exp.select(own, *(exp.column(name, table=LOOKUP, quoted=True) for name in results))
        .from_(encoded.rows)
        .join(exp.to_table(LOOKUP), on=same_pattern(encoded), join_type="left")
        .where(encoded.is_kept)
    )
    if is_sorted:
        body = body.order_by(own.copy())
    return Query("Assign every customer the segment of the customer's pattern", encoded.query(body))


def with_row_numbers(matched: MatchedTable) -> MatchedTable:
    """Return the table with the numbers of its rows, from 1, as its id: of rows that have an order."""
    source, columns = matched.table.relation, matched.table.columns
    name = unique_name("row", {*map(str.casefold, columns)})
    number = exp.alias_(exp.Window(this=exp.RowNumber()), name, quoted=True)
    numbered = unique_name("numbered_rows", {before.casefold() for before, _ in source.before})
    query = exp.select("*", number).from_(source.origin.copy())
    relation = Relation(exp.to_table(numbered), (*source.before, (numbered, query)))
    known = matched.with_recipe(source=matched.recipe.source.model_copy(update={"id": name}))
    return replace(known, table=SourceTable(relation, {**columns, name: "integer"}))


def repeated_ids_query(matched: MatchedTable) -> Query:
    """Build the query for the first three ids that several kept rows have, or none of them; with their rows."""
    customer = matched.customer
    encoded = encode_rows(matched, carry=(customer,))
    count, rows = exp.Count(this=exp.Star()), unique_name("rows", {customer.casefold()})
    body = (
        exp.select(column(customer), exp.alias_(count, rows, quoted=True))
        .from_(encoded.rows)
        .where(encoded.is_kept)
        .group_by(column(customer))
        .having(exp.or_(count > 1, column(customer).is_(exp.null())))
        .order_by(column(customer))
        .limit(3)
    )
    return Query("Ids that are missing, or that several rows have", encoded.query(body))


def same_pattern(encoded: EncodedRows, rows: str | None = None) -> exp.Expr:
    """The condition that a row of ``encoded``, or of `rows` with the same columns, has the pattern of a row of `LOOKUP`."""
    pairs = zip(encoded.levels, lookup_columns(encoded.matched.recipe), strict=True)
    levels = [(exp.column(level, table=rows or encoded.name, quoted=True), name) for level, name in pairs]
    return exp.and_(*(level.eq(exp.column(name, table=LOOKUP, quoted=True)) for level, name in levels))


def lookup_columns(recipe: Recipe) -> tuple[str, ...]:
    """Column names of the codes in the lookup table."""
    return tuple(f"code_{i}" for i in range(1, len(recipe.features) + 1))
