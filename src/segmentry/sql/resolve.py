"""Edges that only the table knows: quantiles and equal widths, in one query over the cleaned rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import replace_features, with_edges
from segmentry.sql.encode import encode_feature, feature_number, needed_columns
from segmentry.sql.table import ColumnKind, Query, SourceTable


def edges(recipe: Recipe, table: SourceTable, kinds: dict[str, ColumnKind]) -> Query | None:
    """Build the query for the features whose edges the table decides; None where there are none."""
    open_features = [f for f in recipe.features if f.quantiles or f.equal_widths]
    if not open_features:
        return None
    columns = needed_columns(recipe, outcomes=False)
    settled = recipe.model_copy(update={"features": _without_bins(recipe.features)})
    encoded = encode_feature(settled, table, kinds, carry=columns)
    parts = [part for f in open_features for part in _parts(f, kinds[f"feature {f.name}"])]
    kept = exp.column(encoded.dropped, quoted=True).eq(exp.convert(0))
    body = exp.select(*parts).from_(exp.to_identifier(encoded.name, quoted=True)).where(kept)
    query = table.relation.query(body)
    for name, cte in encoded.ctes:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=cte, copy=False)
    return Query("Edges of the features that are binned by quantiles or equal widths", query)


def fill_edges(recipe: Recipe, found: Sequence[float | None]) -> Recipe:
    """Put the found edges, in the order of the query's columns, into the recipe."""
    values = iter(found)
    changed: dict[str, Feature] = {}
    for feature in recipe.features:
        if feature.quantiles:
            cuts = [next(values) for _ in range(feature.quantiles - 1)]
        elif feature.equal_widths:
            low, high = next(values), next(values)
            cuts = _equal(low, high, feature.equal_widths)
        else:
            continue
        changed[feature.name] = with_edges(feature, [_plain(c) for c in cuts if c is not None])
    return recipe.model_copy(update={"features": replace_features(recipe.features, changed)})


def _without_bins(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features that need no edges, or their values as they are."""
    return tuple(f.model_copy(update={"quantiles": None, "equal_widths": None}) for f in features)


def _parts(feature: Feature, kind: ColumnKind) -> list[exp.Expr]:
    value = feature_number(feature, kind)
    if feature.equal_widths:
        return [
            exp.alias_(exp.Min(this=value), f"{feature.name} low", quoted=True),
            exp.alias_(exp.Max(this=value.copy()), f"{feature.name} high", quoted=True),
        ]
    n = feature.quantiles or 0
    return [
        exp.alias_(
            exp.Anonymous(this="quantile_disc", expressions=[value.copy(), _fraction(i, n)]),
            f"{feature.name} {i}/{n}",
            quoted=True,
        )
        for i in range(1, n)
    ]


def _fraction(i: int, n: int) -> exp.Expr:
    """i/n, less a hair: where i/n of the customers is a whole number, rounding must not pass it."""
    return exp.convert(round(i / n - 1e-13, 15))


def _equal(low: float | None, high: float | None, n: int) -> list[float | None]:
    if low is None or high is None:
        return []
    if high <= low:
        return [high]
    return [low + (high - low) * i / n for i in range(1, n)]


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else float(number)
