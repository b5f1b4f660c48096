"""What the recipe panel shows: every feature with its levels, as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from segmentry.patterns import Cleaning, PatternTable
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import value_label
from segmentry.text.edges import NumberKind, kind_of_numbers
from segmentry.workbench.feature_moves import scale_of
from segmentry.workbench.state import State


@dataclass(frozen=True)
class LevelShown:
    """A level: its label, its customers, and the values that are put together in it."""

    label: str
    customers: float
    share: float
    values: tuple[str, ...] = ()
    is_fixed: bool = False
    """Whether it stands for missing values, or for all other values: it cannot be split."""
    is_missing: bool = False
    """Whether it stands for missing values: it cannot be put together with others."""


@dataclass(frozen=True)
class FeatureShown:
    """A feature of the panel; `levels` are empty where it is switched off."""

    name: str
    title: str
    is_on: bool
    kind: str
    """``number``, ``values`` or ``yes-no``."""
    scale: str = "nominal"
    """``nominal``, ``ordinal``, or ``ordered``: modelled as a number."""
    scales: tuple[str, ...] = ()
    """Those that it could have."""
    missing: str = "keep"
    n_missing: float = 0.0
    closed: str = "left"
    edges: tuple[float, ...] = ()
    numbers: NumberKind = "number"
    """How the edges are written and typed."""
    levels: tuple[LevelShown, ...] = ()
    cuts: tuple[float, ...] = ()
    """Where edges can be moved to without reading the table again."""
    fine: tuple[float, ...] = ()
    """Customers between neighbouring cuts."""


@dataclass(frozen=True)
class Panel:
    """The recipe panel of a state."""

    title: str
    features: tuple[FeatureShown, ...]
    n_customers: int
    n_patterns: int
    cleaning: Cleaning
    found: Mapping[str, Feature] = field(default_factory=dict)
    """Features with the edges and levels that the table filled in; not for the page."""

    def shown(self) -> dict[str, Any]:
        """Return what the page gets."""
        return {
            "title": self.title,
            "features": self.features,
            "n_customers": self.n_customers,
            "n_patterns": self.n_patterns,
            "n_rows": self.cleaning.n_rows,
        }


def panel_of(
    state: State, filled: Recipe, patterns: PatternTable, fine: PatternTable | None, before: Panel | None
) -> Panel:
    """Make the panel of a state.

    Parameters
    ----------
    state
        State of the studio.
    filled
        Its recipe with the edges and levels that the table filled in.
    patterns
        Its pattern table.
    fine
        Table of finer levels that it can be made of; None without one.
    before
        Panel before, which knows the levels of features that are switched off now; None without one.
    """
    patterns = patterns.as_shown()
    position = {f.name: j for j, f in enumerate(patterns.features)}
    found = {**(before.found if before else {}), **{f.name: f for f in filled.features}}
    shown = []
    for declared in state.whole.features:
        feature = found.get(declared.name, declared)
        if declared.name in position:
            one = _feature(feature, patterns, position[declared.name])
            shown.append(one if fine is None else _with_cuts(one, fine))
        else:
            shown.append(FeatureShown(declared.name, declared.title, False, _kind(feature)))
    return Panel(
        state.recipe.title, tuple(shown), patterns.n_customers, patterns.n_patterns, patterns.cleaning, found
    )


def _feature(feature: Feature, patterns: PatternTable, position: int) -> FeatureShown:
    counts, total = patterns.level_counts(position), float(patterns.sample_weight.sum())
    values = _values(feature)
    own = len(counts) - (feature.missing == "level")
    levels = tuple(
        LevelShown(
            label=label,
            customers=float(n),
            share=float(n) / total,
            values=values.get(label, ()),
            is_fixed=i >= own or label == feature.rest,
            is_missing=i >= own,
        )
        for i, (label, n) in enumerate(zip(patterns.features[position].levels, counts, strict=True))
    )
    missing = np.asarray(patterns.codes[:, position]) < 0
    return FeatureShown(
        name=feature.name,
        title=feature.title,
        is_on=True,
        kind=_kind(feature),
        scale=scale_of(feature),
        scales=_scales(feature),
        missing=feature.missing,
        n_missing=float(patterns.sample_weight[missing].sum()),
        closed=feature.closed,
        edges=tuple(feature.edges or ()),
        numbers=kind_of_numbers(feature.sql, feature.edges or ()),
        levels=levels,
    )


def _with_cuts(shown: FeatureShown, fine: PatternTable) -> FeatureShown:
    """Return a number with the cuts of a finer table, and the customers between them."""
    position = [f.name for f in fine.features].index(shown.name)
    made = json.loads(fine.made_by.get(f"features.{shown.name}", "{}"))
    if shown.kind != "number":
        return shown
    cuts = tuple(made.get("fine", made.get("edges", ())))
    return replace(shown, cuts=cuts, fine=tuple(fine.level_counts(position)[: len(cuts) + 1].tolist()))


def _kind(feature: Feature) -> str:
    if feature.is_numeric:
        return "number"
    return "yes-no" if feature.yes_no else "values"


def _scales(feature: Feature) -> tuple[str, ...]:
    if feature.yes_no:
        return ()
    has_outside = (
        feature.rest is not None or feature.missing == "level"
    )  # a level that has no place in an order
    return (
        *(() if feature.is_numeric else ("nominal",)),
        "ordinal",
        *(() if has_outside else ("ordered",)),
    )


def _values(feature: Feature) -> dict[str, tuple[str, ...]]:
    """Return the values of each group by its label."""
    return {
        label: tuple(value_label(value) for value in values)
        for label, values in (feature.groups or {}).items()
    }
