"""The table that queries read: where it is, and what columns it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlglot import exp

from segmentry.recipe import Feature, OutcomeColumn, Recipe
from segmentry.sql.portable import render_sql

ColumnKind = Literal["integer", "decimal", "float", "text", "boolean", "other"]
LOOKUP = "pattern_segments"
"""Table with the segment of every pattern, which the engine holds for queries that join it."""
NUMERIC: frozenset[ColumnKind] = frozenset({"integer", "decimal", "float"})


@dataclass(frozen=True)
class Query:
    """One query, with the question that it answers."""

    purpose: str
    expression: exp.Query

    def text(self, dialect: str) -> str:
        """Return the query as SQL, pretty-printed, with one meaning in every dialect."""
        return render_sql(self.expression, dialect)


@dataclass(frozen=True)
class Relation:
    """What a recipe reads: named queries that come first, and the item that stands after FROM."""

    origin: exp.Expr
    before: tuple[tuple[str, exp.Query], ...] = ()

    def select_all(self) -> exp.Query:
        """``SELECT *`` from the relation."""
        return self.query(exp.select("*").from_(self.origin.copy()))

    def query(self, body: exp.Query) -> exp.Query:
        """Put the named queries before a query that reads the relation."""
        for name, query in self.before:
            body = body.with_(exp.to_identifier(name, quoted=True), as_=query.copy(), copy=False)
        return body


@dataclass(frozen=True)
class SourceTable:
    """A relation whose columns are known: name to kind, in the table's order."""

    relation: Relation
    columns: Mapping[str, ColumnKind]


@dataclass(frozen=True)
class MatchedTable:
    """A recipe and the table that it fits, with the kinds of the values that its features and outcomes have there."""

    recipe: Recipe
    table: SourceTable
    feature_kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    outcome_kinds: Mapping[str, ColumnKind] = field(default_factory=dict)

    @property
    def customer(self) -> str:
        """The column of the id, where the recipe names one."""
        return str(self.recipe.source.id)

    def kind_of(self, part: Feature | OutcomeColumn) -> ColumnKind:
        """The kind of a feature's or an outcome's values."""
        kinds = self.feature_kinds if isinstance(part, Feature) else self.outcome_kinds
        return kinds[part.name]

    def with_recipe(self, **changes: Any) -> MatchedTable:
        """Return the same table with a recipe of which some parts are changed, to others of the same columns."""
        return replace(self, recipe=self.recipe.model_copy(update=changes))


def column(name: str) -> exp.Column:
    """A quoted column."""
    return exp.column(name, quoted=True)


def unique_name(name: str, taken: set[str]) -> str:
    """A name that no column has, case ignored; it is added to `taken`."""
    while name.casefold() in taken:
        name += "_"
    taken.add(name.casefold())
    return name
