"""Drafts: recipes with a comment for every choice, made from a table."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Self

from pydantic import PrivateAttr

from segmentry.drafting.numbers import with_numbers
from segmentry.drafting.planning import plan_recipe
from segmentry.drafting.wishes import Wishes
from segmentry.drafting.writing import recipe_text
from segmentry.engine import ReadOptions, open_engine
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.recipe.editing import edited


class Draft(Recipe):
    """A recipe that was drafted from a table; `text` has a comment for every choice.

    `candidates` are the columns that the headline outcome could be instead, the likeliest first: up to two, and none
    where its name and values are sure.
    """

    _text: str = PrivateAttr("")
    _candidates: tuple[str, ...] = PrivateAttr(())

    @property
    def candidates(self) -> tuple[str, ...]:
        """Columns that the headline outcome could be instead, as `draft` takes them for its `target`."""
        return self._candidates

    @property
    def text(self) -> str:
        """TOML of the recipe with its comments, which `with_` keeps."""
        return self._text

    def with_(self, **changes: Any) -> Self:
        """Return a validated copy with the `changes`: other values of top-level keys; other comments are kept."""
        changed = super().with_(**changes)
        changed._text = edited(self._text, self.toml_content(), changed.toml_content())
        changed._candidates = self._candidates
        return changed


def draft(
    data: Any,
    target: str | None = None,
    *,
    features: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    exclude: Sequence[str] = (),
    encoding: str | None = None,
    as_of: str | datetime.date | None = None,
    ordered: bool | None = None,
) -> Draft:
    """Draft a recipe from a table: features with readable levels, outcomes by role, each with a reason.

    Parameters
    ----------
    data
        Whatever `run` takes but pattern tables: a path, a glob, a connection URL, or a table in memory.
    target
        Column of the headline outcome: numbers, or two values, the rarer of which is the yes where neither says so.
        It becomes an outcome in a group of its own, the first, and never a feature.

    features, outcomes, exclude
        Columns that are to form segments, to be compared, or to be left out, whatever their names and values suggest.
    encoding
        Encoding of a delimited file, such as ``"windows-1251"``; by default told by its letters.
    as_of
        Day, such as ``"2024-12-31"``, to which the days since the last purchase are counted where the table holds
        purchases; by default the last one in the table.
    ordered
        Whether numbers with many values are taken as numbers (``distribution = "ordered"``), and their edges only show them;
        by default where there are at most 5,000 customers. Where it is asked for, dates are taken by the day. A run then takes
        about twice as long, of many customers or numbers more.

    Returns
    -------
    Draft
        A `Recipe` that `run` takes with the table as it is. Its `text` is TOML with a comment for every choice: write
        it to a file, and edit it there.

    Raises
    ------
    DataError
        The table has no rows, or no column that can form segments; or the target is not a column to compare.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> recipe = draft(sample_households(rows=2_000), target="Response")
    >>> [feature.name for feature in recipe.features], recipe.outcomes[0].name
    (['income', 'year_birth', 'children', 'education', 'marital_status'], 'response')
    >>> print(recipe.text.splitlines()[0])
    # Drafted by segmentry from pandas table in memory: 2,000 rows, 29 columns.
    """
    wishes = Wishes(target, tuple(features), tuple(outcomes), tuple(exclude))
    engine = open_engine(data, options=ReadOptions(encoding=encoding))
    try:
        plan = plan_recipe(engine, wishes, encoding, _day(as_of))
        written = recipe_text(with_numbers(plan, ordered=ordered))
    finally:
        engine.close()
    recipe = Draft.from_toml(written, where="the drafted recipe")
    recipe._text, recipe._candidates = written, plan.candidates
    return recipe


def _day(given: str | datetime.date | None) -> datetime.date | None:
    if given is None or isinstance(given, datetime.date):
        return given
    try:
        return datetime.date.fromisoformat(given)
    except ValueError:
        raise DataError(
            f"not a day; got {given!r}", source="as_of", hint="write it as in 2024-12-31"
        ) from None
