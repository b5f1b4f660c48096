"""The parts of a recipe that decide which customers a pattern counts: tables that are added up must agree on them."""

from __future__ import annotations

import json
from typing import Any

from segmentry.recipe.features import Feature
from segmentry.recipe.levels import coded_groups, is_resolved
from segmentry.recipe.models import RecipeModel

_FEATURE = {"column", "sql", "edges", "closed", "groups", "levels", "rest", "fine", "yes_no", "missing"}


def definitions(recipe: RecipeModel, asked: RecipeModel | None = None) -> dict[str, str]:
    """Return each part of a recipe as JSON, by its place.

    Parameters
    ----------
    recipe
        Recipe with every edge and level filled in.
    asked
        Recipe as it was written; edges and levels that a table filled in are marked ``found``.
    """
    written = {f.name: f for f in (asked or recipe).features}
    parts: dict[str, Any] = {}
    if recipe.source.sql is not None:
        parts["source.sql"] = recipe.source.sql
    for step in recipe.clean:
        parts[f"clean.{step.step}"] = step.model_dump(exclude_defaults=True, exclude={"why"})
    for feature in recipe.features:
        parts[f"features.{feature.name}"] = _feature(feature, written[feature.name])
    for group in recipe.outcomes:
        kept = {"role", "exposure"}
        columns = {c.name: c.sql for c in group.columns}
        parts[f"outcomes.{group.name}"] = group.model_dump(include=kept, exclude_defaults=True) | {
            "columns": columns
        }
    return {place: json.dumps(part, ensure_ascii=False, sort_keys=True) for place, part in parts.items()}


def _feature(feature: Feature, written: Feature) -> dict[str, Any]:
    content = feature.model_dump(include=_FEATURE, exclude_defaults=True)
    if feature.fine is not None and feature.edges is None:  # in the order of their codes
        content["fine"] = [value for values in coded_groups(feature) for value in values]
    if not is_resolved(written):
        content["found"] = "edges" if feature.edges is not None else "levels"
    return content
