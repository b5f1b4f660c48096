"""Which line of a recipe a database refuses: it names none, so each is tried alone."""

from __future__ import annotations

from sqlglot import exp

from segmentry.engine import Engine
from segmentry.errors import DataError, Place, SegmentryError, UnavailableError
from segmentry.recipe import Recipe
from segmentry.sql import Relation
from segmentry.sql.expressions import expression, written


def with_place(error: DataError, engine: Engine, recipe: Recipe, source: Relation) -> DataError:
    """Return the error with the place of the SQL that the database refuses; unchanged where no SQL of the recipe is at fault.

    PostgreSQL refuses everything after an error, so there nothing can be tried.
    """
    if error.place or isinstance(error, UnavailableError) or engine.dialect == "postgres":
        return error
    place = _refused(engine, recipe, source)
    if place is None:
        return error
    return error.with_(place=place, problem=f"the database says: {error.problem}")


def _refused(engine: Engine, recipe: Recipe, source: Relation) -> Place | None:
    if recipe.source.sql is not None and not _is_taken(engine, source.select_all()):
        return ("source", "sql")
    for place, text in written(recipe):
        value = expression(text, place)
        if not _is_taken(engine, source.query(exp.select(value.as_("value")).from_(source.origin.copy()))):
            return place
    return None


def _is_taken(engine: Engine, query: exp.Query) -> bool:
    try:
        engine.columns(query)
    except SegmentryError:
        return False
    return True
