"""A feature as the analyst declares it: a column or an expression, and the levels that are made from it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from segmentry.errors import RecipeError
from segmentry.recipe.values import Declared, Edge, Measured, Number, ScalarValue
from segmentry.text.edges import DAYS, counts_days, day_number, day_of

MAX_DECLARED = 1_000
MAX_VALUES = 50_000


class Feature(Declared):
    """One attribute that forms the segments: a column, or an SQL expression, made into levels."""

    name: str = Field(min_length=1)
    label: str = ""
    column: str | None = None
    sql: str | None = None
    edges: tuple[Edge, ...] | None = None
    closed: Literal["left", "right"] = "left"
    quantiles: int | None = Field(default=None, ge=2, le=50)
    equal_widths: int | None = Field(default=None, ge=2, le=50)
    groups: dict[str, tuple[ScalarValue, ...]] | None = None
    levels: tuple[ScalarValue, ...] | None = None
    rest: str | None = None
    fine: tuple[ScalarValue, ...] | None = None
    yes_no: bool | tuple[str, str] | None = None
    labels: tuple[str, ...] | None = None
    scale: Literal["nominal", "ordinal"] | None = None
    distance: Literal["matching", "rank"] | None = None
    distribution: Literal["levels", "ordered"] = "levels"
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    missing: Literal["keep", "drop", "level", "error"] = "keep"
    unseen: Literal["error", "missing"] = "error"
    measured: Measured = None

    @property
    def title(self) -> str:
        """The label, or the name made readable."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def is_numeric(self) -> bool:
        """Whether the levels are ranges of numbers."""
        return self.edges is not None or self.quantiles is not None or self.equal_widths is not None

    @property
    def is_ordinal(self) -> bool:
        """Whether the levels are in an order, because the recipe says so or because they are ranges."""
        return self.scale == "ordinal" if self.scale else self.is_numeric

    @property
    def dissimilarity(self) -> Literal["matching", "rank"]:
        """The distance between two levels that k-modes uses."""
        return self.distance or ("rank" if self.is_ordinal else "matching")

    @model_validator(mode="before")
    @classmethod
    def _dates_as_numbers(cls, given: Any) -> Any:
        """Put numbers of days in place of dates among the edges and fine cuts of a feature that takes dates so."""
        if not isinstance(given, Mapping):
            return given
        keys = [k for k in ("edges", "fine") if any(map(_is_date, _listed(given.get(k))))]
        if keys and not counts_days(given.get("sql")):
            raise RecipeError(
                "dates are edges of a date that is taken as a number of days",
                place=(keys[0],),
                hint=f'read the column by sql = "{DAYS}{given.get("column") or "..."})"',
            )
        days = {k: [day_number(v) if _is_date(v) else v for v in given[k]] for k in keys}
        return {**given, **days}

    @field_validator("yes_no", mode="before")
    @classmethod
    def _two_labels(cls, given: object) -> object:
        is_pair = isinstance(given, (list, tuple)) and [type(v) for v in given] == [str, str]
        if given is not None and not isinstance(given, bool) and not is_pair:
            raise ValueError("must be true, or two labels: [no, yes]")
        return given

    @field_validator("edges")
    @classmethod
    def _edges_increase(cls, edges: tuple[Number, ...] | None) -> tuple[Number, ...] | None:
        if edges is None:
            return None
        if not edges:
            raise ValueError("needs at least one number")
        for before, after in itertools.pairwise(edges):
            if after <= before:
                raise ValueError(f"edges must increase; got {after} after {before}")
        return edges

    @field_validator("groups")
    @classmethod
    def _a_value_has_one_level(cls, groups: dict[str, tuple[Any, ...]] | None) -> Any:
        seen: dict[Any, str] = {}
        for level, values in (groups or {}).items():
            if not values:
                raise ValueError(f"level {level!r} has no values; list at least one or leave the level out")
            for value in values:
                if value in seen:
                    where = "twice" if seen[value] == level else f"and in {seen[value]!r}"
                    raise ValueError(f"{value!r} is in level {level!r} {where}; a value has one level")
                seen[value] = level
        return groups

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.column is None) == (self.sql is None):
            raise ValueError("needs either column or sql")
        made = {
            key: getattr(self, key)
            for key in ("edges", "quantiles", "equal_widths", "groups", "levels", "yes_no")
            if getattr(self, key) not in (None, False)
        }
        for key in ("groups", "levels"):
            if made.get(key) in ({}, ()):
                raise ValueError(f"{key} has no values; list some, or leave it out")
        if len(made) > 1:
            raise ValueError(f"takes one way to make levels; got {' and '.join(made)}")
        if self.levels is not None and len(set(self.levels)) != len(self.levels):
            raise RecipeError("a value is listed twice", place=("levels",))
        if self.rest is not None and self.groups is None and self.levels is None:
            raise ValueError("rest goes with groups or levels")
        if self.rest is not None and self.rest in (self.groups or {}):
            raise RecipeError(
                f"{self.rest!r} is also a group", place=("rest",), hint="give the rest a label of its own"
            )
        self._check_size()
        self._check_labels()
        self._check_fine()
        self._check_order()
        return self

    def _check_size(self) -> None:
        """Refuse more levels than anybody can look at, before queries are made of them."""
        groups = self.groups or {}
        n = len(self.edges) + 1 if self.edges is not None else len(groups or self.levels or ())
        if n > MAX_DECLARED:
            raise ValueError(f"{n:,} levels; {MAX_DECLARED:,} are the most: put them into groups")
        n = sum(map(len, groups.values()))
        if n > MAX_VALUES:
            raise ValueError(
                f"{n:,} values; {MAX_VALUES:,} are the most: let a column of the table hold the groups"
            )

    def _check_fine(self) -> None:
        """Refuse fine levels that cannot be put together to the feature's levels."""
        if self.fine is None:
            return
        own = self.edges or [v for values in (self.groups or {}).values() for v in values] or self.levels
        if not own:
            raise RecipeError("fine goes with edges, groups or levels", place=("fine",))
        absent = [value for value in own if value not in self.fine]
        if absent:
            what = "the edges" if self.edges else "the values of the levels"
            raise RecipeError(f"must hold all {what}; {absent[0]!r} is not in it", place=("fine",))
        if self.edges:
            if any(isinstance(v, (bool, str)) for v in self.fine) or sorted(set(self.fine)) != [*self.fine]:
                raise RecipeError("cuts must be numbers that increase", place=("fine",))
        elif self.rest is None and set(self.fine) != set(own):
            beyond = next(v for v in self.fine if v not in own)
            raise RecipeError(f"{beyond!r} is in no level", place=("fine",), hint="give the feature a rest")

    def _check_order(self) -> None:
        """Refuse levels without an order where classes are to have a centre and a spread."""
        if self.distribution != "ordered":
            return
        if not self.is_ordinal:
            raise RecipeError(
                "'ordered' needs levels in an order",
                place=("distribution",),
                hint='give edges, quantiles or equal_widths, or say scale = "ordinal" of levels that are listed from low to high',
            )
        outside = "rest" if self.rest is not None else 'missing = "level"' if self.missing == "level" else ""
        if outside:
            raise RecipeError(
                f"the level that {outside} makes has no place in an order",
                place=("distribution",),
                hint='let it be missing: latent classes take customers without a value (missing = "keep", unseen = "missing")',
            )

    def _check_labels(self) -> None:
        if self.labels is None:
            return
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels must differ; got {list(self.labels)}")
        expected = len(self.edges) + 1 if self.edges is not None else self.quantiles or self.equal_widths
        if expected is None:
            raise ValueError("labels go with edges, quantiles or equal_widths; groups name their levels")
        if len(self.labels) != expected:
            raise ValueError(f"labels must be one per level: {expected} levels, {len(self.labels)} labels")


def _listed(value: object) -> Any:
    return value if isinstance(value, (list, tuple)) else ()


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def with_dates(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a feature with dates in place of whole numbers of days, as people write them."""
    keys = [k for k in ("edges", "fine") if counts_days(given.get("sql")) and given.get(k) is not None]
    return {**given, **{k: [day_of(v) or v if v == round(v) else v for v in given[k]] for k in keys}}
