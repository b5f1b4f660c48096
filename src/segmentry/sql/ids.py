"""Whether the id tells customers apart: rows that share one, and rows without any."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from segmentry.sql.aggregates import count_where
from segmentry.sql.encode import EncodedRows, as_text, encode_rows, needed_columns
from segmentry.sql.table import MatchedTable, Query, Relation, SourceTable, column, unique_name


def ids_query(matched: MatchedTable) -> Query:
    """Build the query for the kept rows, those of them with an id, and the different ids: ``n_rows``, ``n_with_id``, ``n_ids``."""
    encoded, kept = _kept(matched)
    customer = _id(matched)
    different = exp.Count(this=exp.Distinct(expressions=[customer.copy()]))
    body = kept.select(
        exp.alias_(exp.Count(this=exp.Star()), "n_rows"),
        exp.alias_(exp.Count(this=customer), "n_with_id"),
        exp.alias_(different, "n_ids"),
    )
    return Query("Rows, rows with an id, and different ids", encoded.query(body))


def sizes_query(matched: MatchedTable) -> Query:
    """Build the query for all rows, those that cleaning keeps, and those with an id: ``n_rows``, ``n_kept``, ``n_with_id``."""
    encoded = encode_rows(of_ids(matched), carry=(matched.customer,))
    body = exp.select(
        exp.alias_(exp.Count(this=exp.Star()), "n_rows"),
        exp.alias_(count_where(encoded.is_kept), "n_kept"),
        exp.alias_(exp.Count(this=column(matched.customer)), "n_with_id"),
    )
    purpose = "Rows, those that cleaning keeps, and those with an id"
    return Query(purpose, encoded.query(body.from_(encoded.rows)))


def without_id_query(matched: MatchedTable) -> Query:
    """Build the query for the number of kept rows without an id."""
    encoded, kept = _kept(matched)
    body = kept.select(exp.alias_(exp.Count(this=exp.Star()), "missing")).where(
        column(matched.customer).is_(exp.null())
    )
    return Query("How many of the customers have no id", encoded.query(body))


def first_rows(matched: MatchedTable, n_rows: int) -> MatchedTable:
    """The first rows of a table, as if they were the table: what cleaning needs of them, and the id."""
    source = matched.table.relation
    names = needed_columns(of_ids(matched).recipe, outcomes=False, also=(matched.customer,))
    rows = exp.select(*(column(n) for n in names)).from_(source.origin.copy()).limit(n_rows)
    name = unique_name("first_rows", {n.casefold() for n in dict(source.before)})
    relation = Relation(exp.to_table(name), (*source.before, (name, rows)))
    return replace(matched, table=SourceTable(relation, {n: matched.table.columns[n] for n in names}))


def _kept(matched: MatchedTable) -> tuple[EncodedRows, exp.Select]:
    """The rows that cleaning keeps, with their ids; nothing is selected yet."""
    encoded = encode_rows(of_ids(matched), carry=(matched.customer,))
    return encoded, exp.Select().from_(encoded.rows).where(encoded.is_kept)


def of_ids(matched: MatchedTable) -> MatchedTable:
    """The table with a recipe of nothing but what drops rows."""
    dropping = tuple(f for f in matched.recipe.features if f.missing == "drop")
    return matched.with_recipe(features=dropping, outcomes=())


def _id(matched: MatchedTable) -> exp.Expr:
    """The id, as text where its values are of a type that a database may be unable to compare."""
    name = matched.customer
    return as_text(column(name)) if matched.table.columns[name] == "other" else column(name)
