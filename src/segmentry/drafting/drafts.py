"""Drafts: recipes with a comment for every choice, made from a table."""

from __future__ import annotations

from typing import Any, Self

from pydantic import PrivateAttr

from segmentry.drafting.planning import plan_recipe
from segmentry.drafting.writing import recipe_text
from segmentry.engine import open_engine
from segmentry.recipe import Recipe
from segmentry.recipe.editing import edited


class Draft(Recipe):
    """A recipe that was drafted from a table; `text` has a comment for every choice.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> recipe = Recipe.draft(sample_households(rows=2_000))
    >>> [f.name for f in recipe.features]
    ['income', 'year_birth', 'children', 'education', 'marital_status']
    >>> print(recipe.text.splitlines()[0])
    # Drafted by segmentry from pandas table in memory: 2,000 rows, 29 columns.
    """

    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """TOML of the recipe with its comments, which `with_` keeps."""
        return self._text

    def with_(self, **changes: Any) -> Self:
        """Return a validated copy with other values of the given top-level keys; other comments are kept."""
        changed = super().with_(**changes)
        changed._text = edited(self._text, self.to_toml(), changed.to_toml())
        return changed


def draft(data: Any) -> Draft:
    """Draft a recipe from a table: see `Recipe.draft`."""
    engine = open_engine(data)
    try:
        written = recipe_text(plan_recipe(engine))
    finally:
        engine.close()
    recipe = Draft.from_toml(written, where="the drafted recipe")
    recipe._text = written
    return recipe
