"""Recipes, in which the analyst declares features, outcomes and cleaning: TOML, read into frozen models."""

from segmentry.recipe.features import Feature
from segmentry.recipe.models import (
    METHODS,
    CleanStep,
    Method,
    OutcomeColumn,
    OutcomeGroup,
    Replace,
    Role,
    Source,
)
from segmentry.recipe.reading import Recipe

__all__ = [
    "METHODS",
    "CleanStep",
    "Feature",
    "Method",
    "OutcomeColumn",
    "OutcomeGroup",
    "Recipe",
    "Replace",
    "Role",
    "Source",
]
