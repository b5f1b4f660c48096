"""What moves are made of: what is known of the table, and recipes with a changed part, checked like a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segmentry.drafting.offers import ColumnOffer
from segmentry.errors import RecipeError, nearest
from segmentry.recipe import Feature, Recipe
from segmentry.runs.cleaning_offers import CleaningOffer


@dataclass(frozen=True)
class Found:
    """What the table filled in: features by name, with their edges and levels; what its columns could be, by name; what an audit found."""

    features: Mapping[str, Feature] = field(default_factory=dict)
    offers: Mapping[str, ColumnOffer] = field(default_factory=dict)
    cleaning: tuple[CleaningOffer, ...] = ()


def feature_of(recipe: Recipe, name: str) -> Feature:
    """Return a feature by its name.

    Raises
    ------
    RecipeError
        There is none.
    """
    known = {feature.name: feature for feature in recipe.features}
    if name not in known:
        raise RecipeError("there is no such feature", place=("features", name), hint=nearest(name, known))
    return known[name]


def with_feature(recipe: Recipe, feature: Feature, changes: Mapping[str, Any]) -> Recipe:
    """Return the recipe with a changed feature, checked like a file."""
    changed = feature.model_copy(update=dict(changes))
    features = [changed if f.name == feature.name else f for f in recipe.features]
    return recipe.with_(features=[f.model_dump(mode="json", exclude_defaults=True) for f in features])


def with_model(recipe: Recipe, **changes: Any) -> Recipe:
    """Return the recipe with other settings of the model."""
    return recipe.with_(model={**recipe.model.model_dump(exclude_unset=True), **changes})
