"""The frozen models of a recipe's content."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from segmentry.errors import RecipeError, nearest
from segmentry.recipe.features import Feature
from segmentry.recipe.values import Declared, Measured, ScalarValue
from segmentry.text.locales import ENGLISH, numerals_of

Method = Literal["latent-class", "k-modes", "k-means"]
Role = Literal["amounts", "counts", "flags"]
METHODS: tuple[Method, ...] = ("latent-class", "k-modes", "k-means")
MAX_SEGMENTS = 50
RESERVED = ("data", "source_rows", "pattern_segments")
"""Names of the table that is given to a command, of the rows that a recipe's query makes, and of the patterns' segments."""


class Source(Declared):
    """How the customer table is read: the id column, and optionally a query over the table called ``data``."""

    id: str | None = None
    sql: str | None = None
    tables: dict[str, str] = Field(default_factory=dict)
    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    measured: Measured = None
    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    dates: dict[str, str] = Field(default_factory=dict)
    thousands: tuple[str, ...] = ()
    timezone: Literal["UTC"] | None = None

    @field_validator("tables")
    @classmethod
    def _tables(cls, given: dict[str, str]) -> dict[str, str]:
        folded = [name.casefold() for name in given]
        for name in given:
            if name.casefold() in RESERVED:
                raise ValueError(f"{name!r} is the name of another table; give the file a name of its own")
            if folded.count(name.casefold()) > 1:
                raise ValueError(f"two tables are called {name!r}, but for capital letters")
        return given

    @property
    def design(self) -> dict[str, str]:
        """Columns of the sample's stratum and cluster, those that are named, by key."""
        named = {"stratum": self.stratum, "cluster": self.cluster}
        return {key: column for key, column in named.items() if column is not None}

    @model_validator(mode="after")
    def _design(self) -> Self:
        if self.stratum is not None and self.stratum == self.cluster:
            raise ValueError(
                f"{self.stratum!r} is both stratum and cluster; a stratum holds several clusters"
            )
        if self.id is not None and self.id in self.design.values():
            raise ValueError(f"{self.id!r} is the id, so it is no stratum or cluster: nobody shares it")
        return self

    @field_validator("dates")
    @classmethod
    def _dates(cls, given: dict[str, str]) -> dict[str, str]:
        for column, written in given.items():
            parts = set(re.findall("%.", written))
            if "%d" not in parts or not parts & {"%m", "%b", "%B"}:
                raise ValueError(f"{column!r} needs a format such as '%d/%m/%Y'; got {written!r}")
        return given


class Replace(Declared):
    """Values of one column that are replaced: pairs of old and new."""

    column: str
    values: tuple[tuple[ScalarValue, ScalarValue], ...] = Field(min_length=1)


class CleanStep(Declared):
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


class OutcomeColumn(Declared):
    """One column on which segments are compared."""

    name: str
    label: str
    sql: str | None = None
    measured: Measured = None


class OutcomeGroup(Declared):
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


class GivenName(Declared):
    """A name or a note that somebody gave a segment, which is known by the name that it would have otherwise."""

    of: str = Field(min_length=1, max_length=1_000)
    name: str = Field(default="", max_length=100)
    note: str = Field(default="", max_length=2_000)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.name.strip() and not self.note.strip():
            raise ValueError("needs a name or a note")
        return self


class ModelSettings(Declared):
    """How the segments are found, unless a call or command asks for something else."""

    method: Method = "latent-class"
    segments: int | Literal["auto"] = "auto"
    range: tuple[int, int] = (1, 10)
    joined: tuple[tuple[str, str], ...] = ()
    seed: int = Field(default=0, ge=0, lt=2**32)

    @property
    def is_open(self) -> bool:
        """Whether numbers above the range may be tried: neither a number nor a range is asked for, not even the range that is usual."""
        return self.segments == "auto" and "range" not in self.model_fields_set

    @field_validator("segments", mode="before")
    @classmethod
    def _segments(cls, given: object) -> object:
        is_number = isinstance(given, int) and not isinstance(given, bool)
        if given != "auto" and not (is_number and 1 <= given <= MAX_SEGMENTS):  # type: ignore[operator]
            raise ValueError(f"must be 'auto' or a number from 1 to {MAX_SEGMENTS}")
        return given

    @field_validator("joined", mode="before")
    @classmethod
    def _joined(cls, given: object) -> object:
        pairs = list(given) if isinstance(given, (list, tuple)) else [None]
        if not all(
            isinstance(pair, (list, tuple)) and [type(v) for v in pair] == [str, str] for pair in pairs
        ):
            raise ValueError('must be a list of pairs of features: [["education", "income"]]')
        return given

    @field_validator("range", mode="before")
    @classmethod
    def _range(cls, given: object) -> object:
        is_pair = isinstance(given, (list, tuple)) and [type(v) for v in given] == [int, int]
        if not is_pair or not 1 <= given[0] <= given[1] <= MAX_SEGMENTS:  # type: ignore[index]
            raise ValueError(f"must be [lowest, highest] with 1 <= lowest <= highest <= {MAX_SEGMENTS}")
        return given


def _named(tables: object) -> object:
    """Turn TOML's ``[features.age]`` tables into a list whose entries have a name."""
    if isinstance(tables, dict):
        return [{"name": k, **v} if isinstance(v, dict) else v for k, v in tables.items()]
    return tables


Stratum = Annotated[
    Annotated[str, Tag("name")] | Annotated[Feature, Tag("band")],
    Discriminator(lambda given: "name" if isinstance(given, str) else "band"),
]
"""A feature by its name, or a band: a column that is cut like a feature and forms no segments."""


class RecipeModel(Declared):
    """Everything that a recipe says; `segmentry.recipe.Recipe` adds reading and writing."""

    title: str = ""
    description: str = ""
    locale: str = ENGLISH
    headline: str = ""
    sensitive: tuple[str, ...] = ()
    strata: tuple[Stratum, ...] = ()
    names: tuple[GivenName, ...] = ()
    source: Source = Source()
    clean: tuple[CleanStep, ...] = ()
    features: Annotated[tuple[Feature, ...], BeforeValidator(_named)]
    outcomes: Annotated[tuple[OutcomeGroup, ...], BeforeValidator(_named)] = ()
    model: ModelSettings = ModelSettings()

    @field_validator("locale")
    @classmethod
    def _locale(cls, given: str) -> str:
        numerals_of(given)  # raises ValueError for an unknown locale
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
        n_outcomes = len(self.outcome_columns)
        for n, most, what in ((len(self.features), 200, "features"), (n_outcomes, 1_000, "outcomes")):
            if n > most:
                raise RecipeError(f"{n:,} {what}; {most:,} are the most", place=(what,))
        names = [f.name for f in self.features]
        for name in names:
            if names.count(name) > 1:
                raise RecipeError("two features have this name", place=("features", name))
        self._given_names_differ()
        self._levels_have_names_of_their_own()
        self._outcomes_are_not_features()
        self._strata_are_features()
        self._joined_are_features()
        if self.headline and self.headline_outcome is None:
            known = [
                name for group in self.outcomes for name in (group.name, *(c.name for c in group.columns))
            ]
            raise RecipeError(
                f"no outcome is called {self.headline!r}",
                place=("headline",),
                hint=nearest(self.headline, known),
            )
        return self

    def _given_names_differ(self) -> None:
        for given in ([n.of for n in self.names], [n.name for n in self.names if n.name]):
            twice = next((text for text in given if given.count(text) > 1), None)
            if twice is not None:
                raise RecipeError(f"{twice!r} is there twice", place=("names",), hint="give each segment one")

    def _levels_have_names_of_their_own(self) -> None:
        from segmentry.recipe.levels import is_resolved, level_labels  # imports this module

        for feature in (*self.features, *self.bands):
            if is_resolved(feature):
                level_labels(feature)

    def _strata_are_features(self) -> None:
        known = {f.name for f in self.features}
        for name in self.named_strata:
            if name not in known:
                raise RecipeError(
                    f"there is no feature {name!r}; known: {', '.join(sorted(known))}",
                    place=("strata",),
                    hint='for another column write a band, { name = "...", column = "...", edges = [...] }',
                )
        for band in self.bands:
            if band.name in known:
                raise RecipeError(
                    f"{band.name!r} is a feature",
                    place=("strata",),
                    hint="write its name alone, or give the band another name",
                )
            known.add(band.name)

    def _joined_are_features(self) -> None:
        place, known = ("model", "joined"), {f.name: f for f in self.features}
        taken: set[str] = set()
        for pair in self.model.joined:
            for name in pair:
                if name not in known:
                    raise RecipeError(
                        f"there is no feature {name!r}", place=place, hint=nearest(name, list(known))
                    )
                if known[name].distribution == "ordered":
                    raise RecipeError(
                        f"{name!r} has the distribution 'ordered', which cannot be joined",
                        place=place,
                        hint="let its distribution be 'levels', or leave it out of the pair",
                    )
            if pair[0] == pair[1] or taken & {*pair}:
                raise RecipeError(
                    f"a feature can be joined with one other feature alone, not as in {' and '.join(map(repr, pair))}",
                    place=place,
                    hint="put each feature into one pair",
                )
            taken |= {*pair}

    @property
    def joined_with(self) -> dict[str, str]:
        """For each feature that may depend on another within segments, that one; latent classes alone look at it."""
        pairs = self.model.joined if self.model.method == "latent-class" else ()
        return {one: other for a, b in pairs for one, other in ((a, b), (b, a))}

    @property
    def named_strata(self) -> tuple[str, ...]:
        """Names of the features that are strata; if empty, all features are."""
        return tuple(s for s in self.strata if isinstance(s, str))

    @property
    def outcome_columns(self) -> tuple[tuple[OutcomeColumn, OutcomeGroup], ...]:
        """Every outcome with its group."""
        return tuple((column, group) for group in self.outcomes for column in group.columns)

    @property
    def headline_outcome(self) -> OutcomeColumn | None:
        """The outcome that comes first wherever segments are compared: a column, or the first of a group."""
        if not self.headline:
            return None
        named = (c for c, _ in self.outcome_columns if c.name == self.headline)
        return next(named, None) or next(
            (g.columns[0] for g in self.outcomes if g.name == self.headline), None
        )

    @property
    def bands(self) -> tuple[Feature, ...]:
        """Strata that are not features."""
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
