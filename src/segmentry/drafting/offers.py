"""What each column of a table could be in a recipe: a feature with drafted levels, an outcome, or neither, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import describe_columns
from segmentry.auditing.session import Session
from segmentry.drafting.codes import find_codes
from segmentry.drafting.column_queries import describe_as_numbers, with_examples
from segmentry.drafting.columns import judge_columns
from segmentry.drafting.features import draft_feature
from segmentry.drafting.headline import as_outcome
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.outcomes import group_outcomes
from segmentry.drafting.wishes import Wishes
from segmentry.drafting.words import slug
from segmentry.engine import Engine
from segmentry.errors import DataError
from segmentry.recipe import Recipe
from segmentry.sql.expressions import relation

MOST_ROWS = 300_000
"""So many rows are looked at: levels are proposals, and nobody waits for them."""
_GROUP_KEYS = ("label", "role", "columns", "campaign")


@dataclass(frozen=True)
class ColumnOffer:
    """A column, and the tables of a recipe that it could have.

    Attributes
    ----------
    column
        Name of the column.
    feature
        Feature as `Recipe.from_dict` takes it; None where it can make no two levels.
    outcome
        Group of outcomes with this column alone; None where segments cannot be compared on it.
    said
        What the column is taken for.
    """

    column: str
    feature: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None
    said: str = ""


def column_offers(
    engine: Engine, recipe: Recipe, goes_on: Callable[[], None] = lambda: None
) -> tuple[ColumnOffer, ...]:
    """Return what each column of the rows that a recipe reads could be, in the table's order.

    `goes_on` is called between queries, and raises what ends the work.
    """
    rows = (
        relation(recipe, dict(engine.tables)).select_all()
        if recipe.source.sql is not None
        else exp.select("*").from_(engine.tables["data"].copy())
    )
    session = Session(engine, relation=rows.limit(MOST_ROWS))
    described = describe_columns(session)
    goes_on()
    facts = with_examples(session, described)
    goes_on()
    judged = judge_columns(facts, find_codes(session, facts))
    goes_on()
    return tuple(_offer(c) for c in describe_as_numbers(session, judged))


def _offer(c: JudgedColumn) -> ColumnOffer:
    return ColumnOffer(c.name, _feature(c), _outcome(c), c.why)


def _feature(c: JudgedColumn) -> dict[str, Any] | None:
    if c.is_personal:
        return None
    try:
        asked = Wishes(features=(c.name,)).granted([c])[0]
    except DataError:
        return None
    made = draft_feature(asked, slug(c.name, set()))
    return None if made is None else {"name": made.name, **made.keys}


def _outcome(c: JudgedColumn) -> dict[str, Any] | None:
    try:
        groups, _ = group_outcomes([as_outcome(c)], [])
    except DataError:
        return None
    if not groups:
        return None
    made = {key: value for key, value in asdict(groups[0]).items() if key in _GROUP_KEYS}
    if made["role"] != "flags" or made["campaign"]:
        del made["campaign"]
    return {"name": groups[0].name, **made}
