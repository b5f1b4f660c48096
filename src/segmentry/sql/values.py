"""The values of the features as they stand in the table, of all customers or of a part by the hash of the id."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Feature
from segmentry.sql.encode import encode_rows
from segmentry.sql.fold import PRIME, hash_of_id
from segmentry.sql.table import MatchedTable, Query, column

_BARE = dict.fromkeys(("edges", "quantiles", "equal_widths", "groups", "levels", "rest", "yes_no", "fine"))


def values_query(matched: MatchedTable, n_rows: int, max_rows: int) -> Query:
    """Select the value of every feature of the customers who are kept, a column per feature.

    Of a table of more than `max_rows` rows it takes about as many: by the hash of the id, or the first ones where there is
    none.
    """
    customer = matched.recipe.source.id
    number = hash_of_id(matched.recipe, matched.table) if n_rows > max_rows else None
    bare = matched.with_recipe(features=tuple(_bare(f) for f in matched.recipe.features))
    encoded = encode_rows(bare, carry=(customer,) if number is not None and customer is not None else ())
    body = exp.select(*(column(level) for level in encoded.levels)).from_(encoded.rows)
    body = body.where(encoded.is_kept)
    if number is not None:
        body = body.where(exp.LT(this=number, expression=exp.convert(round(max_rows / n_rows * PRIME))))
    if n_rows > max_rows:
        body = body.limit(2 * max_rows if number is not None else max_rows)
    return Query("Values of the features, from which fine levels are made", encoded.query(body))


def rows_query(matched: MatchedTable) -> Query:
    """Count the rows of the table."""
    body = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n_rows")).from_(
        matched.table.relation.origin.copy()
    )
    return Query("How many rows the table has", matched.table.relation.query(body))


def _bare(feature: Feature) -> Feature:
    """The feature without anything that makes levels of its values."""
    return feature.model_copy(update=_BARE)
