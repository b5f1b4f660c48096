"""Recipes and models that a command is told to trust."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segmentry.cli.output import say_aside

if TYPE_CHECKING:
    from segmentry.recipe import Recipe
    from segmentry.segmentation import Segmentation

_MEANING = "its SQL may read and write every file that you may, and connect to servers; its functions are not checked"


def given_recipe(recipe: str, *, trust: bool) -> str | Recipe:
    """Return the recipe as it was named, or, where it is trusted, the recipe itself, and say what that means."""
    if not trust:
        return recipe
    from segmentry.recipe import Recipe

    found = Recipe.load(recipe, trust=True)
    _say(recipe)
    return found


def given_model(model: Path, *, trust: bool) -> Path | Segmentation:
    """Return the path of a saved segmentation, or, where its recipe is trusted, the segmentation itself."""
    if not trust:
        return model
    from segmentry.segmentation import load

    found = load(model, trust=True)
    _say(str(model))
    return found


def _say(name: str) -> None:
    say_aside(f"{name} is trusted: {_MEANING}")
