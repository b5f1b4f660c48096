"""What the analyst declares: the frozen models behind a recipe file."""

from __future__ import annotations

import itertools
import math
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from segmentry.errors import RecipeError
from segmentry.text.numbers import ENGLISH, numerals_of

Scalar = bool | int | float | str
Number = int | float
Method = Literal["latent-class", "k-modes", "k-means"]
Role = Literal["amounts", "counts", "flags"]
METHODS: tuple[Method, ...] = ("latent-class", "k-modes", "k-means")
MAX_SEGMENTS = 50


def _scalar(value: object) -> object:
    if not isinstance(value, (bool, int, float, str)):
        raise ValueError("must be a text, a number or true/false")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be a number")
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


ScalarValue = Annotated[Any, BeforeValidator(_scalar)]
Edge = Annotated[Any, BeforeValidator(_number)]


def _period(value: object) -> object:
    """A day, or a first and a last day, as a pair."""
    pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    try:
        days = tuple(date.fromisoformat(d) if isinstance(d, str) else d for d in pair)
    except ValueError:
        days = ()
    if len(days) != 2 or not all(type(d) is date for d in days):
        raise ValueError("must be a day such as 2024-12-31, or a first and a last day in a list")
    if days[1] < days[0]:
        raise ValueError(f"the last day, {days[1]}, is before the first, {days[0]}")
    return days


Period = tuple[date, date]
Measured = Annotated[Period | None, BeforeValidator(lambda v: None if v is None else _period(v))]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=False)


class Source(_Frozen):
    """Where the customers are: the id column, and optionally a query over the table called ``data``."""

    id: str | None = None
    sql: str | None = None
    tables: dict[str, str] = Field(default_factory=dict)
    weight: str | None = None
    measured: Measured = None
    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None


class Replace(_Frozen):
    """Values of one column that are rewritten: pairs of old and new."""

    column: str
    values: tuple[tuple[ScalarValue, ScalarValue], ...] = Field(min_length=1)


class CleanStep(_Frozen):
    """One cleaning step, a named part of the SQL; the rows that it changes or drops are counted."""

    step: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    drop_missing: tuple[str, ...] = ()
    keep: str | None = None
    replace: Replace | None = None
    why: str = ""

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        actions = [bool(self.drop_missing), self.keep is not None, self.replace is not None]
        if sum(actions) != 1:
            raise ValueError("needs exactly one of drop_missing, keep, replace")
        return self


class Feature(_Frozen):
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
    yes_no: bool | tuple[str, str] | None = None
    labels: tuple[str, ...] | None = None
    scale: Literal["nominal", "ordinal"] | None = None
    distance: Literal["matching", "rank"] | None = None
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
        """Whether the levels are declared, or by their making known, to be in an order."""
        return self.scale == "ordinal" if self.scale else self.is_numeric

    @property
    def dissimilarity(self) -> Literal["matching", "rank"]:
        """The distance between two levels that k-modes uses."""
        return self.distance or ("rank" if self.is_ordinal else "matching")

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
        self._check_labels()
        return self

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


class OutcomeColumn(_Frozen):
    """One column on which segments are compared."""

    name: str
    label: str
    sql: str | None = None
    measured: Measured = None


class OutcomeGroup(_Frozen):
    """Columns of one role that belong together: amounts, counts or flags."""

    name: str
    label: str = ""
    role: Role
    columns: tuple[OutcomeColumn, ...]
    exposure: str | None = None
    campaign: bool = True
    measured: Measured = None
    cost_per_contact: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    revenue_per_acceptance: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @property
    def title(self) -> str:
        """The label, or the name made readable."""
        return self.label or self.name.replace("_", " ").capitalize()

    @field_validator("columns", mode="before")
    @classmethod
    def _columns(cls, given: object) -> object:
        if isinstance(given, dict):
            return [
                {"name": k, **v} | {"label": v.get("label", k)}
                if isinstance(v, dict)
                else {"name": k, "label": v}
                for k, v in given.items()
            ]
        if isinstance(given, (list, tuple)):
            return [{"name": c, "label": c} if isinstance(c, str) else c for c in given]
        raise ValueError("must be a table column = label, or a list of columns")

    @model_validator(mode="after")
    def _money(self) -> Self:
        names = [c.name for c in self.columns]
        if not names:
            raise RecipeError("needs at least one column", place=("columns",))
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise RecipeError(f"{min(twice)!r} is listed twice", place=("columns",))
        money = (self.cost_per_contact, self.revenue_per_acceptance)
        if self.role != "flags" and (money != (None, None) or self.exposure):
            raise ValueError("cost_per_contact, revenue_per_acceptance and exposure go with role 'flags'")
        if (money[0] is None) != (money[1] is None):
            raise ValueError("cost_per_contact and revenue_per_acceptance go together")
        if not self.campaign and (self.role != "flags" or money != (None, None)):
            raise ValueError("campaign = false goes with role 'flags', and without cost_per_contact")
        return self


class ModelSettings(_Frozen):
    """How the segments are found, unless the command says otherwise."""

    method: Method = "latent-class"
    segments: int | Literal["auto"] = "auto"
    range: tuple[int, int] = (1, 10)
    seed: int = Field(default=0, ge=0, lt=2**32)

    @field_validator("segments", mode="before")
    @classmethod
    def _segments(cls, given: object) -> object:
        is_number = isinstance(given, int) and not isinstance(given, bool)
        if given != "auto" and not (is_number and 1 <= given <= MAX_SEGMENTS):  # type: ignore[operator]
            raise ValueError(f"must be 'auto' or a number from 1 to {MAX_SEGMENTS}")
        return given

    @field_validator("range", mode="before")
    @classmethod
    def _range(cls, given: object) -> object:
        is_pair = isinstance(given, (list, tuple)) and [type(v) for v in given] == [int, int]
        if not is_pair or not 1 <= given[0] <= given[1] <= MAX_SEGMENTS:  # type: ignore[index]
            raise ValueError(f"must be [lowest, highest] with 1 <= lowest <= highest <= {MAX_SEGMENTS}")
        return given


def _named(tables: object) -> object:
    """TOML's ``[features.age]`` tables as a list in which each entry knows its name."""
    if isinstance(tables, dict):
        return [{"name": k, **v} if isinstance(v, dict) else v for k, v in tables.items()]
    return tables


Stratum = Annotated[
    Annotated[str, Tag("name")] | Annotated[Feature, Tag("band")],
    Discriminator(lambda given: "name" if isinstance(given, str) else "band"),
]
"""A feature by its name, or a band: cut like a feature, but it forms no segments."""


class RecipeModel(_Frozen):
    """Everything that a recipe says; `segmentry.recipe.Recipe` adds reading and writing."""

    title: str = ""
    description: str = ""
    locale: str = ENGLISH
    sensitive: tuple[str, ...] = ()
    strata: tuple[Stratum, ...] = ()
    source: Source = Source()
    clean: tuple[CleanStep, ...] = ()
    features: Annotated[tuple[Feature, ...], BeforeValidator(_named)]
    outcomes: Annotated[tuple[OutcomeGroup, ...], BeforeValidator(_named)] = ()
    model: ModelSettings = ModelSettings()

    @field_validator("locale")
    @classmethod
    def _locale(cls, given: str) -> str:
        numerals_of(given)  # raises ValueError for one that there is not
        return given

    @model_validator(mode="after")
    def _no_doubles(self) -> Self:
        if not self.features:
            raise RecipeError(
                "needs at least one", place=("features",), hint="add a table such as [features.age]"
            )
        steps = [s.step.casefold() for s in self.clean]
        for step in steps:
            if steps.count(step) > 1:
                raise RecipeError(f"two steps are called {step!r}", place=("clean",))
        self._outcomes_are_not_features()
        self._strata_are_features()
        return self

    def _strata_are_features(self) -> None:
        known = {f.name for f in self.features}
        for name in self.named_strata:
            if name not in known:
                raise RecipeError(
                    f"there is no feature {name!r}; known: {', '.join(sorted(known))}",
                    place=("strata",),
                    hint='of another column make a band, { name = "...", column = "...", edges = [...] }',
                )
        for band in self.bands:
            if band.name in known:
                raise RecipeError(
                    f"{band.name!r} is a feature",
                    place=("strata",),
                    hint="name it, or give the band another name",
                )
            known.add(band.name)

    @property
    def named_strata(self) -> tuple[str, ...]:
        """The features that are strata, by name; all are where none is named."""
        return tuple(s for s in self.strata if isinstance(s, str))

    @property
    def outcome_columns(self) -> tuple[tuple[OutcomeColumn, OutcomeGroup], ...]:
        """Every outcome with its group."""
        return tuple((column, group) for group in self.outcomes for column in group.columns)

    @property
    def bands(self) -> tuple[Feature, ...]:
        """The strata that are no features."""
        return tuple(s for s in self.strata if isinstance(s, Feature))

    def _outcomes_are_not_features(self) -> None:
        forming = {f.column: f.name for f in self.features if f.column}
        first: dict[str, str] = {}
        for group in self.outcomes:
            for column in group.columns:
                place = ("outcomes", group.name, "columns", column.name)
                if column.name in forming:
                    raise RecipeError(
                        f"is also the feature {forming[column.name]!r}; a column that forms the segments cannot be "
                        "an outcome of them",
                        place=place,
                        hint="remove one of the two",
                    )
                if column.name in first:
                    raise RecipeError(
                        f"is also in outcomes.{first[column.name]}", place=place, hint="list it once"
                    )
                first[column.name] = group.name
