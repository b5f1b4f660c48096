"""The values of the features as they stand in the table, of all customers or of a part by the hash of the id."""

from __future__ import annotations

from sqlglot import exp

from segmentry.sql.encode import encode_rows
from segmentry.sql.fold import PRIME, hash_of_id
from segmentry.sql.table import MatchedTable, Query, column

_BARE = dict.fromkeys(("edges", "quantiles", "equal_widths", "groups", "levels", "rest", "yes_no", "fine"))


def values_query(matched: MatchedTable, n_customers: int, max_rows: int) -> Query:
    """Select the value of every feature of the customers who are kept, a column per feature.

    Of more than `max_rows` customers it takes about as many: by the hash of the id, or the first ones where there is
    none.
    """
    customer = matched.recipe.source.id
    number = hash_of_id(matched.recipe, matched.table) if n_customers > max_rows else None
    encoded = encode_rows(
        _bare(matched), carry=(customer,) if number is not None and customer is not None else ()
    )
    body = exp.select(*(column(level) for level in encoded.levels)).from_(encoded.rows)
    body = body.where(encoded.is_kept)
    if number is not None:
        body = body.where(exp.LT(this=number, expression=exp.convert(round(max_rows / n_customers * PRIME))))
    if n_customers > max_rows:
        body = body.limit(2 * max_rows if number is not None else max_rows)
    return Query("Values of the features, from which fine levels are made", encoded.query(body))


def customers_query(matched: MatchedTable) -> Query:
    """Count the customers who are kept: all rows, without a scan, where nothing drops any."""
    encoded = encode_rows(_bare(matched))
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n_customers"))
    if encoded.dropped_steps:
        query = encoded.query(counted.from_(encoded.rows).where(encoded.is_kept))
    else:
        query = matched.table.relation.query(counted.from_(matched.table.relation.origin.copy()))
    return Query("How many customers are kept", query)


def _bare(matched: MatchedTable) -> MatchedTable:
    """The table with features without anything that makes levels of their values."""
    return matched.with_recipe(features=tuple(f.model_copy(update=_BARE) for f in matched.recipe.features))
