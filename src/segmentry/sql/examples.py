"""Values that a feature's levels do not cover, for the message that says so."""

from __future__ import annotations

from sqlglot import exp

from segmentry.recipe import Recipe
from segmentry.sql.collect import with_ctes
from segmentry.sql.encode import encode_feature, feature_value, needed_columns
from segmentry.sql.formula import UNSEEN
from segmentry.sql.table import ColumnKind, Query, SourceTable, column


def unseen_values(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind], position: int) -> Query:
    """Build the query for the most frequent values of a feature that belong to no level."""
    feature = recipe.features[position]
    encoded = encode_feature(recipe, table, kinds, carry=needed_columns(recipe, outcomes=False))
    is_unseen = exp.and_(
        column(encoded.levels[position]).eq(exp.convert(UNSEEN)),
        column(encoded.dropped).eq(exp.convert(0)),
    )
    count = exp.alias_(exp.Count(this=exp.Star()), "customers", quoted=True)
    body = (
        exp.select(exp.alias_(feature_value(feature), "unseen_value", quoted=True), count)
        .from_(exp.to_identifier(encoded.name, quoted=True))
        .where(is_unseen)
        .group_by(exp.convert(1))
        .order_by(exp.Ordered(this=exp.convert(2), desc=True), exp.convert(1))
        .limit(5)
    )
    purpose = f"Values of {feature.title} that belong to no level"
    return Query(purpose, with_ctes(table, encoded, body))
