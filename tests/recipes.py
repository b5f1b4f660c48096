"""Recipes for tests that do not look at how many segments there are: fewer numbers of segments are tried."""

from __future__ import annotations

from segmentry.recipe import Recipe


def few_segments(recipe: Recipe, most: int = 4) -> Recipe:
    """Return the recipe, which tries 1 to `most` segments."""
    return recipe.with_(model={"range": (1, most)})


HOUSEHOLDS = few_segments(Recipe.load("households"))
