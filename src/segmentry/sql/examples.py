"""Values that a feature's levels do not cover, for the message that says so."""

from __future__ import annotations

from sqlglot import exp

from segmentry.sql.encode import encode_rows, feature_value, needed_columns
from segmentry.sql.formula import UNSEEN
from segmentry.sql.table import MatchedTable, Query, column


def unseen_values_query(matched: MatchedTable, position: int) -> Query:
    """Build the query for the most frequent values of a feature that belong to no level."""
    feature = matched.recipe.features[position]
    encoded = encode_rows(matched, carry=needed_columns(matched.recipe, outcomes=False))
    is_unseen = exp.and_(
        column(encoded.levels[position]).eq(exp.convert(UNSEEN)),
        encoded.is_kept,
    )
    count = exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True)
    body = (
        exp.select(exp.alias_(feature_value(feature), "unseen_value", quoted=True), count)
        .from_(encoded.rows)
        .where(is_unseen)
        .group_by(exp.convert(1))
        .order_by(exp.Ordered(this=exp.convert(2), desc=True), exp.convert(1))
        .limit(5)
    )
    purpose = f"Values of {feature.title} that belong to no level"
    return Query(purpose, encoded.query(body))
