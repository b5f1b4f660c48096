"""Whether the id tells customers apart: rows that share one, and rows without any."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.collect import with_ctes
from segmentry.sql.encode import EncodedCode, as_text, encode_feature, needed_columns
from segmentry.sql.table import ColumnKind, Query, Relation, SourceTable, column, unique_name


def count_ids(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind]) -> Query:
    """Build the query for the kept rows, those of them with an id, and the different ids."""
    encoded, kept = _kept(recipe, table, kinds)
    customer = _id(recipe, table)
    different = exp.Count(this=exp.Distinct(expressions=[customer.copy()]))
    body = kept.select(
        exp.alias_(exp.Count(this=exp.Star()), "n_rows"),
        exp.alias_(exp.Count(this=customer), "n_with_id"),
        exp.alias_(different, "n_ids"),
    )
    return Query("Rows, rows with an id, and different ids", with_ctes(table, encoded, body))


def count_without_id(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind]) -> Query:
    """Build the query for the number of kept rows without an id."""
    encoded, kept = _kept(recipe, table, kinds)
    body = kept.select(exp.alias_(exp.Count(this=exp.Star()), "missing")).where(
        column(str(recipe.source.id)).is_(exp.null())
    )
    return Query("How many of the customers have no id", with_ctes(table, encoded, body))


def first_rows(recipe: Recipe, table: SourceTable, n_rows: int) -> SourceTable:
    """The first rows of a table, as if they were the table."""
    source = table.relation
    names = needed_columns(_cleaning_of(recipe), outcomes=False, also=(str(recipe.source.id),))
    rows = exp.select(*(column(n) for n in names)).from_(source.origin.copy()).limit(n_rows)
    name = unique_name("first_rows", {n.casefold() for n in dict(source.before)})
    relation = Relation(exp.to_table(name), (*source.before, (name, rows)))
    return SourceTable(relation, {n: table.columns[n] for n in names})


def _kept(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind]) -> tuple[EncodedCode, exp.Select]:
    """The rows that cleaning keeps, with their ids; nothing is selected yet."""
    encoded = encode_feature(_cleaning_of(recipe), table, kinds, carry=(str(recipe.source.id),))
    rows = exp.Select().from_(exp.to_identifier(encoded.name, quoted=True))
    return encoded, rows.where(column(encoded.dropped).eq(exp.convert(0)))


def _cleaning_of(recipe: Recipe) -> Recipe:
    """The recipe with nothing but what drops rows."""
    dropping = tuple(f for f in recipe.features if f.missing == "drop")
    return recipe.model_copy(update={"features": dropping, "outcomes": ()})


def _id(recipe: Recipe, table: SourceTable) -> exp.Expr:
    """The id, as text where its values are of a type that a database may be unable to compare."""
    name = str(recipe.source.id)
    return as_text(column(name)) if table.columns[name] == "other" else column(name)
