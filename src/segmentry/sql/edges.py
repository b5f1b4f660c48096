"""Edges that only the table knows: quantiles and equal widths, in one query over the cleaned rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import replace_features, with_edges
from segmentry.sql.encode import encode_rows, feature_number, needed_columns
from segmentry.sql.table import ColumnKind, MatchedTable, Query


@dataclass(frozen=True)
class EdgesQuery:
    """The query for edges, and by feature the positions of its columns in the result: quantiles, or lowest and highest."""

    query: Query
    columns: Mapping[str, slice]


def edges_query(matched: MatchedTable) -> EdgesQuery | None:
    """Build the query for the features whose edges the table decides; None where there are none."""
    recipe = matched.recipe
    open_features = [f for f in recipe.features if f.quantiles or f.equal_widths]
    if not open_features:
        return None
    carry = needed_columns(recipe, outcomes=False)
    encoded = encode_rows(matched.with_recipe(features=_without_bins(recipe.features)), carry=carry)
    parts: list[exp.Expr] = []
    columns: dict[str, slice] = {}
    for feature in open_features:
        mine = _parts(feature, matched.kind_of(feature))
        columns[feature.name] = slice(len(parts), len(parts) + len(mine))
        parts += mine
    body = exp.select(*parts).from_(encoded.rows).where(encoded.is_kept)
    purpose = "Edges of the features that are binned by quantiles or equal widths"
    return EdgesQuery(Query(purpose, encoded.query(body)), columns)


def fill_edges(recipe: Recipe, query: EdgesQuery, found: Sequence[float | None]) -> Recipe:
    """Put the edges that the query found, a value per column of its result, into the recipe."""
    changed: dict[str, Feature] = {}
    for feature in recipe.features:
        if feature.name not in query.columns:
            continue
        cuts = list(found[query.columns[feature.name]])
        if feature.equal_widths:
            low, high = cuts
            cuts = _equal(low, high, feature.equal_widths)
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
