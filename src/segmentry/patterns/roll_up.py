"""Levels of the pattern table put together: numbers by edges, other levels by groups, features left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from segmentry.arrays import Indices
from segmentry.errors import DataError, nearest
from segmentry.patterns.cleaning import Cleaning
from segmentry.patterns.features import FeatureLevels
from segmentry.patterns.folds import MAX_FOLDED_PATTERNS
from segmentry.patterns.sums import Grouping, regroup
from segmentry.patterns.table import (
    PatternTable,
    as_codes,
    group_patterns,
    per_pattern,
)
from segmentry.text.edges import edge_labels
from segmentry.text.words import counted

_SHOWN = 8


@dataclass(frozen=True)
class CoarserFeature:
    """A feature with fewer levels: `new_codes` has the new code of every level, last that of missing, `made` its part of `made_by`."""

    feature: FeatureLevels
    new_codes: Indices
    made: dict[str, Any]


@dataclass(frozen=True)
class Finer:
    """Cuts, or values of groups, that stay apart; declared levels are made where there are none."""

    fine: tuple[Any, ...]


def rolled_up(table: PatternTable, asked: Mapping[str, Any]) -> PatternTable:
    """Return the table with the levels of some features put together; see `PatternTable.roll_up`."""
    known = [f.name for f in table.features]
    for name in asked:
        if name not in known:
            raise DataError(
                f"the pattern table has no feature {name!r} ({nearest(name, known)})", source="roll_up"
            )
    made_by = dict(table.made_by)
    kept: list[int] = []
    coarser: list[CoarserFeature] = []
    for j, feature in enumerate(table.features):
        place = f"features.{feature.name}"
        made = json.loads(made_by.get(place, "{}"))
        if feature.name in asked and asked[feature.name] is None:
            _leave_out(made_by, place, made)
            continue
        kept.append(j)
        one = _coarser(feature, made, asked[feature.name]) if feature.name in asked else _same(feature, made)
        if place in made_by:
            made_by[place] = json.dumps(one.made, ensure_ascii=False, sort_keys=True)
        coarser.append(one)
    features = tuple(one.feature for one in coarser)
    cleaning = _cleaning_of(table.cleaning, {f.name for f in features}, set(known))
    return replace(_added(table, kept, coarser), features=features, made_by=made_by, cleaning=cleaning)


def _added(table: PatternTable, kept: Sequence[int], coarser: Sequence[CoarserFeature]) -> PatternTable:
    """Return the table with the patterns that become equal added up; its features are still the old ones."""
    codes = np.asarray(table.codes)[:, kept] if len(kept) < len(table.features) else np.asarray(table.codes)
    new_codes = [one.new_codes for one in coarser]
    grouping = regroup(codes, new_codes, [len(one.feature.levels) for one in coarser])
    if grouping is None:
        columns = np.column_stack([new[codes[:, j]] for j, new in enumerate(new_codes)])
        first, group = group_patterns(columns)
        grouping = Grouping(columns[first].astype(np.int32), group)
    arrays: dict[str, Any] = grouping.added_each(
        {name: v for name, v in per_pattern(table).items() if name != "codes"}
    )
    n_patterns, folds = len(grouping.codes), table.folds
    if folds is not None:
        folds = folds.grouped(grouping.group, n_patterns) if n_patterns <= MAX_FOLDED_PATTERNS else None
    return replace(table, codes=as_codes(grouping.codes), folds=folds, **arrays)


def _same(feature: FeatureLevels, made: dict[str, Any]) -> CoarserFeature:
    return CoarserFeature(feature, np.append(np.arange(len(feature.levels)), -1), made)


def _leave_out(made_by: dict[str, str], place: str, made: dict[str, Any]) -> None:
    """Forget how a feature was made, unless customers were dropped for want of it: these stay dropped."""
    if made.get("missing") == "drop":
        made_by[place] = json.dumps({**made, "left_out": True}, ensure_ascii=False, sort_keys=True)
    else:
        made_by.pop(place, None)


def _cleaning_of(cleaning: Cleaning, kept: set[str], known: set[str]) -> Cleaning:
    """Return the cleaning without what it says of the values of features that are left out."""
    steps = [
        s
        for s in cleaning.steps
        if s.what not in ("unseen", "missing") or s.step in kept or s.step not in known
    ]
    return replace(cleaning, steps=tuple(steps))


def _coarser(feature: FeatureLevels, made: dict[str, Any], asked: Any) -> CoarserFeature:
    if isinstance(asked, Finer):
        return _to_finer(feature, made, asked)
    if isinstance(asked, Mapping):
        return _by_groups(feature, made, asked)
    is_list = isinstance(asked, Sequence | np.ndarray) and not isinstance(asked, str | bytes)
    if not is_list or not len(asked) or not all(_is_number(edge) for edge in asked):
        raise _error(
            feature,
            f"takes edges, groups of levels, or None to be left out; got {asked!r}",
            'such as [25000, 60000], or {"together": ["married", "partner"]}',
        )
    edges = [edge.item() if isinstance(edge, np.generic) else edge for edge in asked]
    if sorted(set(edges)) != edges:
        raise _error(feature, f"edges must increase; got {edges}", "list each edge once, the smallest first")
    return _by_edges(feature, made, edges)


def _by_edges(feature: FeatureLevels, made: dict[str, Any], edges: list[Any]) -> CoarserFeature:
    closed = made.get("closed", "left")
    if "edges" in made and "rolled_up" not in made:
        cuts = made.get("fine", made["edges"])
        absent = [edge for edge in edges if edge not in cuts]
        if absent:
            raise _error(
                feature,
                f"{absent[0]:,} is none of its cuts: {_some(cuts, absent[0])}",
                "choose among these, or collect it with that edge",
            )
        position = np.searchsorted(edges, [-np.inf, *cuts], side="right")
    else:
        position = np.searchsorted(
            edges, _numbers_of(feature, made), side="right" if closed == "left" else "left"
        )
        if feature.scale == "nominal":
            feature = replace(feature, scale="ordinal", distance="rank")
    if "fine" in made and edges == made["edges"]:
        return _declared(feature, made)
    labels = [*edge_labels(edges, closed, made.get("sql"))]
    for code in np.flatnonzero(np.bincount(position, minlength=len(labels)) == 1):
        if "edges" in made:
            labels[code] = feature.levels[int(np.flatnonzero(position == code)[0])]
    kept = {k: v for k, v in made.items() if k not in ("edges", "levels", "found", "fine")}
    return _joined(feature, position, labels, {**kept, "edges": edges})


def _declared(feature: FeatureLevels, made: dict[str, Any]) -> CoarserFeature:
    """Return the feature with the levels that the recipe declares."""
    made = {k: v for k, v in made.items() if k != "fine"}
    return CoarserFeature(feature.as_shown(), np.array([*feature.shown_codes, -1]), made)


def _to_finer(feature: FeatureLevels, made: dict[str, Any], asked: Finer) -> CoarserFeature:
    """Return the feature with fine levels that are fewer, each still in one of the declared levels."""
    if not asked.fine:
        return _declared(feature, made)
    n_own = len(feature.levels) - (made.get("missing") == "level")
    if "edges" in made:
        labels = list(edge_labels(asked.fine, made.get("closed", "left"), made.get("sql")))
        position = np.searchsorted(asked.fine, [-np.inf, *made["fine"]], side="right")
    else:  # values that are not in all tables go back to the rest, which is the last level
        rest = feature.levels[len(made["fine"]) : n_own]
        labels = [*(feature.levels[made["fine"].index(v)] for v in asked.fine), *rest]
        place = {value: i for i, value in enumerate(asked.fine)}
        position = np.array([place.get(v, len(place)) for v in [*made["fine"], *(None for _ in rest)]])
    first = [int(np.flatnonzero(position == code)[0]) for code in range(len(labels))]
    codes = (*(feature.shown_codes[i] for i in first), *feature.shown_codes[n_own:])
    last = feature.levels[n_own:]
    finer = replace(feature, levels=(*labels, *last), shown_codes=codes)
    new_codes = [*position, *(len(labels) + i for i in range(len(last))), -1]
    return CoarserFeature(finer, np.array(new_codes), {**made, "fine": list(asked.fine)})


def _numbers_of(feature: FeatureLevels, made: dict[str, Any]) -> list[float]:
    values = made.get("levels", [])
    if not values or "rest" in made or not all(_is_number(v) for v in values):
        raise _error(
            feature,
            "has no numbers that edges could divide",
            "put its levels together by name: {label: [levels]}",
        )
    return [float(v) for v in values]


def _by_groups(feature: FeatureLevels, made: dict[str, Any], asked: Mapping[str, Any]) -> CoarserFeature:
    n_own = len(feature.levels) - (made.get("missing") == "level")
    own = list(feature.levels[:n_own])
    group_of: dict[str, str] = {}
    for label, levels in asked.items():
        members = [levels] if isinstance(levels, str) else list(levels)
        for level in members:
            if level not in own:
                raise _error(feature, f"has no level {level!r} ({nearest(str(level), own)})", "")
            if level in group_of:
                raise _error(
                    feature, f"{level!r} is in {group_of[level]!r} and in {label!r}", "a level has one group"
                )
            group_of[level] = str(label)
    groups = [group_of.get(level, level) for level in own]
    if feature.shown and groups == [feature.shown[code] for code in feature.shown_codes[:n_own]]:
        return _declared(feature, made)
    if len(set(groups)) < 2:
        raise _error(feature, "would have one level", "leave it out with None")
    order = list(dict.fromkeys([*map(str, asked), *groups]))
    labels = [label for label in order if label in groups]
    if (rest := made.get("rest")) is not None:
        labels.sort(key=lambda label: label == group_of.get(rest, rest))
    position = np.array([labels.index(group) for group in groups])
    is_monotone = bool((np.diff(position) >= 0).all())
    if not is_monotone:
        feature = replace(feature, scale="nominal", distance="matching")
    return _joined(feature, position, labels, _made_of_groups(made, own, groups, labels))


def _made_of_groups(
    made: dict[str, Any], own: list[str], groups: list[str], labels: list[str]
) -> dict[str, Any]:
    """Return what a recipe would say of the groups; where it has no words for them, the levels in each."""
    values = _values_of(made, own)
    rest = made.get("rest")
    if not values:
        return {
            **{k: v for k, v in made.items() if k != "fine"},
            "rolled_up": {
                label: [o for o, g in zip(own, groups, strict=True) if g == label] for label in labels
            },
        }
    kept = {k: v for k, v in made.items() if k not in ("levels", "groups", "found", "rest", "fine")}
    rest_group = None if rest is None else groups[own.index(rest)]
    parts = {
        label: [v for o, g in zip(own, groups, strict=True) if g == label for v in values[o]]
        for label in labels
        if label != rest_group
    }
    return {**kept, "groups": parts} if rest_group is None else {**kept, "groups": parts, "rest": rest_group}


def _values_of(made: dict[str, Any], own: list[str]) -> dict[str, list[Any]]:
    """Return the values that each level but the rest holds; nothing where these are not known."""
    if "fine" not in made:
        return made.get("groups") or dict(zip(own, ([v] for v in made.get("levels", [])), strict=False))
    return {} if "edges" in made else dict(zip(own, ([v] for v in made["fine"]), strict=False))


def _joined(
    feature: FeatureLevels, position: Indices, labels: Sequence[str], made: dict[str, Any]
) -> CoarserFeature:
    """Return the feature with the level that stands for missing values, where it has one, at its end."""
    last = feature.levels[len(position) :]
    feature = replace(feature, shown=(), shown_codes=())
    new_codes = [*position, *(len(labels) + i for i in range(len(last))), -1]
    return CoarserFeature(replace(feature, levels=(*labels, *last)), np.array(new_codes), made)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _some(cuts: Sequence[float], near: float) -> str:
    """List the cuts; of many, those nearest to a number."""
    shown = sorted(sorted(cuts, key=lambda cut: abs(cut - near))[:_SHOWN])
    listed = ", ".join(f"{cut:,}" for cut in shown)
    return listed if len(cuts) <= _SHOWN else f"{listed} are the nearest of {counted(len(cuts), 'cut')}"


def _error(feature: FeatureLevels, problem: str, hint: str) -> DataError:
    return DataError(problem, source="roll_up", place=(feature.name,), hint=hint)
