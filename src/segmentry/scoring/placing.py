"""Patterns placed by a formula: segment, certainty, second-best segment, what decided, and whether they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.errors import ModelError
from segmentry.patterns import PatternTable
from segmentry.profiling.names import spoken_level
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import MISSING_LEVEL, is_resolved, level_labels
from segmentry.segmentation import Segmentation
from segmentry.sql import ColumnKind
from segmentry.sql.encode import needed_columns
from segmentry.sql.formula import MISSING, UNSEEN, Formula, Terms
from segmentry.sql.score import ONLY, WITHOUT_REASON

Scores = tuple[npt.NDArray[np.intp], Floats]
ATYPICAL = 0.01
"""Share of the customers who made the segments that may lie beyond the limit of fitting."""
NOBODY = -1
"""Stands for no segment, and for no feature."""
_CHUNK = 2**16
_UNDERFLOW = 700.0
"""exp(-700) is about 1e-304: what lies further adds nothing to a probability, and is an error in PostgreSQL."""


@dataclass(frozen=True)
class Placed:
    """Where patterns belong; all arrays have one row per pattern.

    `segment` and `second` count from 0, `NOBODY` where there is none; `certainty` is NaN where there is no segment.
    `decided` (n_patterns, 2) are the positions of the features that speak most for the segment against the second.
    """

    segment: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    certainty: Floats
    fits: npt.NDArray[np.bool_]
    decided: npt.NDArray[np.intp]


def score_patterns(model: Any, codes: npt.NDArray[Any]) -> Scores:
    """Segment (from 0) and certainty of each pattern.

    The certainty of a latent class is its posterior probability. With distances d1 to the nearest
    segment and d2 to the next, it is 1 - d1/d2: 1 on the segment's own centre, 0 half-way.
    """
    codes = np.asarray(codes)
    placed = place(_bare_formula(model, codes.max(axis=0, initial=0) + 1), codes)
    return placed.segment, placed.certainty


def formula_of(segmentation: Segmentation) -> Formula:
    """Return the formula of a segmentation that has a model.

    Raises
    ------
    ModelError
        The segments were given, not fitted; or the model is older than what scoring needs.
    """
    if segmentation.core is None:
        raise ModelError(
            "segments that were given have no model to assign others by", hint="fit one with run"
        )
    recipe = segmentation.recipe
    for feature in recipe.features:
        if not is_resolved(feature):
            raise ModelError(
                "its levels were found in a table that the model does not know, because it was "
                "fitted to a pattern file",
                place=("features", feature.name),
                hint="give the feature edges, groups or levels, and collect again",
            )
    labels = [level_labels(feature, recipe.locale) for feature in recipe.features]
    bare = _checked_formula(segmentation, [len(names) for names in labels])
    terms = tuple(
        replace(
            part,
            name=feature.name,
            label=feature.title,
            spoken=tuple(_spoken(feature.title, level) for level in names),
            refuses=_refused(feature, segmentation.kinds.get("features", {}).get(feature.name, "text")),
        )
        for part, feature, names in zip(bare.features, recipe.features, labels, strict=True)
    )
    limit = segmentation.limit
    if limit is None and segmentation.patterns is not None:
        limit = limit_of(segmentation.core, segmentation.patterns)
    if limit is None:
        raise ModelError(
            "the model was saved by an older segmentry, without the limit of what fits", hint="run it again"
        )
    return replace(bare, segments=tuple(s.name for s in segmentation.segments), features=terms, limit=limit)


def _checked_formula(segmentation: Segmentation, n_levels: list[int]) -> Formula:
    """The bare formula of a model that may come from a damaged file."""
    try:
        bare = _bare_formula(segmentation.core, n_levels)
        shape = [len(bare.constants)], [len(part.numbers) for part in bare.features]
        numbers = [*bare.constants, *(n for part in bare.features for row in part.numbers for n in row)]
        is_even = {len(row) for part in bare.features for row in part.numbers} <= {len(bare.constants)}
        is_whole = is_even and shape == ([len(segmentation.segments)], n_levels)
        is_whole = is_whole and bool(np.isfinite(numbers).all())
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the model is damaged ({type(error).__name__}: {error})", hint="run it again"
        ) from None
    is_limit = segmentation.limit is None or isinstance(segmentation.limit, (int, float))
    is_known = not segmentation.kinds or _has_kinds(segmentation.kinds, segmentation.recipe)
    if not (is_whole and is_limit and is_known):
        raise ModelError("the model is damaged: its parts do not belong together", hint="run it again")
    return bare


def _has_kinds(kinds: dict[str, Any], recipe: Recipe) -> bool:
    """Whether the kinds of all features and of all columns that they read are known."""
    columns, features = kinds.get("columns", {}), kinds.get("features", {})
    needed = needed_columns(recipe, outcomes=False, also=(recipe.source.id,) if recipe.source.id else ())
    is_known = all(kind in get_args(ColumnKind) for kind in (*columns.values(), *features.values()))
    return is_known and set(needed) <= set(columns) and {f.name for f in recipe.features} <= set(features)


def limit_of(model: Any, patterns: PatternTable) -> float:
    """Return the least atypicality with at most `ATYPICAL` of the customers beyond it, rounded up.

    Atypicality is minus the log-likelihood of a pattern, or its distance to the nearest segment.
    """
    formula = _bare_formula(model, [len(f.levels) for f in patterns.features])
    values = np.concatenate([_atypicality(formula, part) for part in _sums(formula, patterns.codes)])
    order = np.argsort(values, kind="stable")
    share = np.cumsum(patterns.sample_weight[order]) / patterns.sample_weight.sum()
    enough = np.searchsorted(share, 1 - ATYPICAL - 1e-12)
    return round(float(values[order][min(int(enough), len(values) - 1)]) + 1e-6, 6)


def place(formula: Formula, codes: npt.NDArray[Any]) -> Placed:
    """Place patterns, given by the codes (n_patterns, n_features) of their levels; -1 is missing, -2 unseen."""
    codes = np.asarray(codes)
    parts = [
        _placed(formula, codes[start : start + _CHUNK], sums)
        for start, sums in zip(range(0, max(len(codes), 1), _CHUNK), _sums(formula, codes), strict=True)
    ]
    columns = zip(*((p.segment, p.second, p.certainty, p.fits, p.decided) for p in parts), strict=True)
    return Placed(*(np.concatenate(column) for column in columns))


def reasons(formula: Formula, placed: Placed, codes: npt.NDArray[Any]) -> list[str]:
    """Say for each pattern which one or two levels speak most for its segment against the second."""
    if formula.n_segments == 1:
        return [ONLY] * len(codes)
    return [
        "; ".join(formula.features[j].spoken[codes[i, j]] for j in decided if j != NOBODY) or WITHOUT_REASON
        for i, decided in enumerate(placed.decided.tolist())
    ]


def _bare_formula(model: Any, n_levels: Sequence[int] | npt.NDArray[Any]) -> Formula:
    """The formula without names and limit; levels that the model does not know add 0."""
    found = model.assignment_tables()
    terms = []
    for j, (table, categories) in enumerate(zip(found.tables, found.categories, strict=True)):
        known = [int(code) for code in categories]
        numbers = np.zeros((max(int(n_levels[j]), max(known, default=-1) + 1), table.shape[1]))
        numbers[known] = table
        is_seen = np.zeros(len(numbers), bool)
        is_seen[known] = True
        rows = tuple(tuple(row) for row in numbers.tolist())
        terms.append(Terms(f"feature {j}", "", (), rows, tuple(is_seen.tolist())))
    constants = tuple(found.constants.tolist())
    names = tuple(str(i + 1) for i in range(len(constants)))
    return Formula(found.kind, names, constants, tuple(terms), tuple(found.groups), np.inf)


def _spoken(label: str, level: str) -> str:
    return f"{label} {MISSING_LEVEL}" if level == MISSING_LEVEL else spoken_level(label, level)


def _refused(feature: Feature, kind: str) -> tuple[int, ...]:
    """Codes with which the recipe assigns nobody; in ranges and in yes/no of numbers every value has its level."""
    refused = [MISSING] if feature.missing == "error" else []
    is_covered = feature.edges is not None or feature.rest is not None or (feature.yes_no and kind != "text")
    if feature.unseen == "error" and not is_covered:
        refused.append(UNSEEN)
    return tuple(refused)


def _tables(formula: Formula) -> list[Floats]:
    """Per feature (n_levels + 2, n_segments): the two last rows, 0, are what the codes -2 and -1 point at."""
    empty = np.zeros((2, formula.n_segments))
    return [
        np.vstack([np.asarray(f.numbers).reshape(-1, formula.n_segments), empty]) for f in formula.features
    ]


def _sums(formula: Formula, codes: npt.NDArray[Any]) -> list[Floats]:
    """The sums (n, n_segments) of the patterns, in chunks; added up in the order that the formula says."""
    tables = _tables(formula)
    tables[0] = tables[0] + np.asarray(formula.constants)
    ends = np.cumsum(formula.groups)
    runs = [range(end - size, end) for end, size in zip(ends.tolist(), formula.groups, strict=True)]
    return [
        reduce(np.add, (reduce(np.add, (tables[j][part[:, j]] for j in run)) for run in runs))
        for part in (codes[start : start + _CHUNK] for start in range(0, max(len(codes), 1), _CHUNK))
    ]


def _odds(sums: Floats) -> Floats:
    """The likelihood of every segment over that of the most likely one."""
    away = sums - sums.min(axis=1, keepdims=True)
    return np.where(away > _UNDERFLOW, 0.0, np.exp(-np.minimum(away, _UNDERFLOW)))


def _atypicality(formula: Formula, sums: Floats) -> Floats:
    best = sums.min(axis=1)
    return best - np.log(_odds(sums).sum(axis=1)) if formula.kind == "likelihood" else best


def _placed(formula: Formula, codes: npt.NDArray[Any], sums: Floats) -> Placed:
    rows = np.arange(len(sums))
    segment = sums.argmin(axis=1)
    others = sums.copy()
    others[rows, segment] = np.inf
    second = others.argmin(axis=1) if formula.n_segments > 1 else np.full(len(sums), NOBODY)
    certainty = _certainty(formula, sums, others)
    fits = (_atypicality(formula, sums) <= formula.limit) & ~_is_strange(formula, codes)
    decided = _decided(formula, codes, segment, second)
    is_refused = np.zeros(len(sums), bool)
    for j, feature in enumerate(formula.features):
        is_refused |= np.isin(codes[:, j], feature.refuses)
    return Placed(
        np.where(is_refused, NOBODY, segment),
        np.where(is_refused, NOBODY, second),
        np.where(is_refused, np.nan, certainty),
        fits & ~is_refused,
        np.where(is_refused[:, None], NOBODY, decided),
    )


def _certainty(formula: Formula, sums: Floats, others: Floats) -> Floats:
    if formula.n_segments == 1:
        return np.ones(len(sums))
    if formula.kind == "likelihood":
        return np.asarray(1 / _odds(sums).sum(axis=1))
    best, following = sums.min(axis=1), others.min(axis=1)
    if formula.kind == "squared":
        best, following = np.sqrt(best), np.sqrt(following)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(following > 0, 1 - best / following, 0.0)


def _is_strange(formula: Formula, codes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether a level is one that nobody had, or no feature is known."""
    strange: npt.NDArray[np.bool_] = np.asarray((codes < 0).all(axis=1))
    for j, feature in enumerate(formula.features):
        strange |= np.isin(codes[:, j], feature.strange)
    return strange


def _decided(
    formula: Formula, codes: npt.NDArray[Any], segment: npt.NDArray[np.intp], second: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """The two features whose numbers speak most for the segment against the second; ties go to the first."""
    decided = np.full((len(codes), 2), NOBODY, np.intp)
    if formula.n_segments == 1:
        return decided
    gains = np.column_stack(
        [t[codes[:, j], second] - t[codes[:, j], segment] for j, t in enumerate(_tables(formula))]
    )
    rows = np.arange(len(codes))
    for place_, column in enumerate(decided.T):
        if place_ >= gains.shape[1]:
            break
        best = gains.argmax(axis=1)
        column[:] = np.where(gains[rows, best] > 0, best, NOBODY)
        gains[rows, best] = -np.inf
    return decided


def check_recipe(recipe: Recipe) -> str:
    """Return the name of the id column.

    Raises
    ------
    ModelError
        There is none, or it is called like one of the columns that scoring makes.
    """
    name = recipe.source.id
    if name is None:
        raise ModelError("the recipe names no id column", hint='add [source] id = "..." to assign customers')
    if name.casefold() in OUTPUT:
        raise ModelError(
            f"{name!r} is also a column of the result",
            place=("source", "id"),
            hint="rename it in [source] sql",
        )
    return name


OUTPUT = ("segment", "certainty", "second_segment", "reason", "fits")
