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
    is_unseen = exp.and_(column(encoded.levels[position]).eq(UNSEEN), encoded.is_kept)
    found = encoded.most_frequent(feature_value(feature), "unseen_value", is_unseen)
    return Query(f"Values of {feature.title} that belong to no level", found)
