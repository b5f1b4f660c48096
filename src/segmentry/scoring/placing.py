"""Placing of patterns by a formula: segment, certainty, second segment, decisive features, and whether they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats, Indices, Mask
from segmentry.cluster.pattern_model import PairTable
from segmentry.errors import ModelError
from segmentry.patterns import PatternTable
from segmentry.recipe import Feature, Recipe
from segmentry.recipe.levels import is_resolved, shown_codes, shown_labels
from segmentry.segmentation import Segmentation
from segmentry.sql import ColumnKind
from segmentry.sql.encode import needed_columns
from segmentry.sql.formula import MISSING, UNSEEN, Formula, PairTerms, Terms
from segmentry.sql.sums import ONLY, WITHOUT_REASON
from segmentry.text.levels import LevelNames

Scores = tuple[Indices, Floats]
ATYPICAL = 0.01
"""Share of the customers who made the segments that do not fit."""
NONE = -1
"""Position that stands for no segment, and for no feature."""
_CHUNK = 2**16
_UNDERFLOW = 700.0
"""Differences of log-likelihoods beyond this add nothing to a probability, and are an error in PostgreSQL."""


@dataclass(frozen=True)
class Placed:
    """Patterns with their segments; every array has a row per pattern.

    Attributes
    ----------
    segment, second
        Segment and second segment, counted from 0; `NONE` where there is none.
    certainty
        Certainty of the segment; NaN where there is none.
    fits
        Whether the pattern is like those of the customers who made the segments.
    decided
        (n_patterns, 2) positions of the features that speak most for the segment against the second.
    """

    segment: Indices
    second: Indices
    certainty: Floats
    fits: Mask
    decided: Indices


def score_patterns(model: Any, codes: npt.NDArray[Any]) -> Scores:
    """Return segment (from 0) and certainty of each pattern.

    The certainty of a latent class is its posterior probability. With distances d1 to the nearest
    segment and d2 to the next, it is 1 - d1/d2: 1 at the segment's centre, 0 half-way to the next.
    """
    codes = np.asarray(codes)
    placed = place_patterns(_bare_formula(model, codes.max(axis=0, initial=0) + 1), codes)
    return placed.segment, placed.certainty


def formula_of(segmentation: Segmentation) -> Formula:
    """Return the formula of a segmentation that has a model.

    Raises
    ------
    ModelError
        The segments were given, not fitted; or the model file is too old for scoring.
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
    shown = [shown_labels(feature, recipe.locale) for feature in recipe.features]
    words = LevelNames.of(shown)
    labels = [_names_of_codes(*pair) for pair in zip(recipe.features, shown, strict=True)]
    bare = _checked_formula(segmentation, [len(names) for names in labels])
    terms = tuple(
        replace(
            part,
            name=feature.name,
            label=feature.title,
            spoken=tuple(words.level(feature.title, level) for level in names),
            refuses=_refused_codes(feature, segmentation.kinds.get("features", {}).get(feature.name, "text")),
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


def _names_of_codes(feature: Feature, shown: Sequence[str]) -> Sequence[str]:
    """What each level that has a code is called; a fine level by the one that it belongs to."""
    return [shown[code] for code in shown_codes(feature)] or shown


def _checked_formula(segmentation: Segmentation, n_levels: list[int]) -> Formula:
    """The formula without names and limit, of a model that may come from a damaged file."""
    try:
        bare = _bare_formula(segmentation.core, n_levels)
        shape = [len(bare.constants)], [len(part.numbers) for part in bare.features]
        rows = [row for part in bare.features for row in part.numbers]
        rows += [cell for pair in bare.pairs for row in pair.numbers for cell in row]
        numbers = [*bare.constants, *(n for row in rows for n in row)]
        is_even = {len(row) for row in rows} <= {len(bare.constants)}
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
    """Return the smallest limit of atypicality that at most `ATYPICAL` of the customers exceed, rounded up.

    Atypicality is minus the log-likelihood of a pattern, or its distance to the nearest segment.
    """
    formula = _bare_formula(model, [len(f.levels) for f in patterns.features])
    values = np.concatenate([_atypicality(formula, part) for part in _segment_sums(formula, patterns.codes)])
    order = np.argsort(values, kind="stable")
    share = np.cumsum(patterns.sample_weight[order]) / patterns.sample_weight.sum()
    enough = np.searchsorted(share, 1 - ATYPICAL - 1e-12)
    return round(float(values[order][min(int(enough), len(values) - 1)]) + 1e-6, 6)


def place_patterns(formula: Formula, codes: npt.NDArray[Any]) -> Placed:
    """Place patterns, given by the codes (n_patterns, n_features) of their levels; -1 is missing, -2 unseen."""
    codes = np.asarray(codes)
    parts = [
        _place_chunk(formula, codes[start : start + _CHUNK], sums)
        for start, sums in zip(
            range(0, max(len(codes), 1), _CHUNK), _segment_sums(formula, codes), strict=True
        )
    ]
    columns = zip(*((p.segment, p.second, p.certainty, p.fits, p.decided) for p in parts), strict=True)
    return Placed(*(np.concatenate(column) for column in columns))


def write_reasons(formula: Formula, placed: Placed, codes: npt.NDArray[Any]) -> list[str]:
    """Write for each pattern the one or two levels that speak most for its segment against the second."""
    if formula.n_segments == 1:
        return [ONLY] * len(codes)
    return [
        "; ".join(formula.features[j].spoken[codes[i, j]] for j in decided if j != NONE) or WITHOUT_REASON
        for i, decided in enumerate(placed.decided.tolist())
    ]


def _bare_formula(model: Any, n_levels: Sequence[int] | npt.NDArray[Any]) -> Formula:
    """The formula without names and limit; levels unknown to the model add 0."""
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
    pairs = tuple(_pair_terms(pair, found.categories, n_levels) for pair in found.pairs)
    return Formula(found.kind, names, constants, tuple(terms), tuple(found.groups), np.inf, pairs)


def _pair_terms(
    pair: PairTable, categories: Sequence[npt.NDArray[Any]], n_levels: Sequence[int] | npt.NDArray[Any]
) -> PairTerms:
    """The numbers of all combinations of levels; those with a level unknown to the model add 0."""
    known = [[int(code) for code in categories[j]] for j in (pair.first, pair.second)]
    shape = [
        max(int(n_levels[j]), max(codes, default=-1) + 1)
        for j, codes in zip((pair.first, pair.second), known, strict=True)
    ]
    numbers = np.zeros((*shape, pair.numbers.shape[2]))
    numbers[np.ix_(*known)] = pair.numbers
    rows = tuple(tuple(tuple(cell) for cell in row) for row in numbers.tolist())
    return PairTerms(pair.first, pair.second, rows)


def _refused_codes(feature: Feature, kind: str) -> tuple[int, ...]:
    """Codes with which the recipe assigns nobody; ranges, and yes/no of numbers, have a level for every value."""
    refused = [MISSING] if feature.missing == "error" else []
    is_covered = feature.edges is not None or feature.rest is not None or (feature.yes_no and kind != "text")
    if feature.unseen == "error" and not is_covered:
        refused.append(UNSEEN)
    return tuple(refused)


def _lookup_tables(formula: Formula) -> list[Floats]:
    """Per feature, and then per pair, numbers (n + 2, n_segments) of levels or combinations; the last two rows, 0, belong to -2 and -1."""
    empty = np.zeros((2, formula.n_segments))
    numbers = [f.numbers for f in formula.features] + [pair.numbers for pair in formula.pairs]
    return [np.vstack([np.asarray(part).reshape(-1, formula.n_segments), empty]) for part in numbers]


def _looked_up(formula: Formula, codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The codes, and a column more for each pair: the number of the combination, -1 where one of the two has no level."""
    columns = []
    for pair in formula.pairs:
        first, second = codes[:, pair.first], codes[:, pair.second]
        whole = (first >= 0) & (second >= 0)
        columns.append(np.where(whole, first * len(pair.numbers[0]) + second, MISSING))
    return np.column_stack([codes, *columns]) if columns else codes


def _segment_sums(formula: Formula, codes: npt.NDArray[Any]) -> list[Floats]:
    """Chunks of (n, n_segments) sums of the patterns, added up in the order of the formula."""
    tables = _lookup_tables(formula)
    tables[0] = tables[0] + np.asarray(formula.constants)
    ends = np.cumsum(formula.groups)
    runs = [range(end - size, end) for end, size in zip(ends.tolist(), formula.groups, strict=True)]
    return [
        reduce(np.add, (reduce(np.add, (tables[j][part[:, j]] for j in run)) for run in runs))
        for part in (
            _looked_up(formula, codes[start : start + _CHUNK])
            for start in range(0, max(len(codes), 1), _CHUNK)
        )
    ]


def _odds(sums: Floats) -> Floats:
    """Likelihood of every segment over that of the most likely one."""
    away = sums - sums.min(axis=1, keepdims=True)
    return np.where(away > _UNDERFLOW, 0.0, np.exp(-np.minimum(away, _UNDERFLOW)))


def _atypicality(formula: Formula, sums: Floats) -> Floats:
    best = sums.min(axis=1)
    return best - np.log(_odds(sums).sum(axis=1)) if formula.kind == "likelihood" else best


def _place_chunk(formula: Formula, codes: npt.NDArray[Any], sums: Floats) -> Placed:
    rows = np.arange(len(sums))
    segment = sums.argmin(axis=1)
    others = sums.copy()
    others[rows, segment] = np.inf
    second = others.argmin(axis=1) if formula.n_segments > 1 else np.full(len(sums), NONE)
    certainty = _certainty_of(formula, sums, others)
    fits = (_atypicality(formula, sums) <= formula.limit) & ~_is_strange(formula, codes)
    decided = _decisive_features(formula, codes, segment, second)
    is_refused = np.zeros(len(sums), bool)
    for j, feature in enumerate(formula.features):
        is_refused |= np.isin(codes[:, j], feature.refuses)
    return Placed(
        np.where(is_refused, NONE, segment),
        np.where(is_refused, NONE, second),
        np.where(is_refused, np.nan, certainty),
        fits & ~is_refused,
        np.where(is_refused[:, None], NONE, decided),
    )


def _certainty_of(formula: Formula, sums: Floats, others: Floats) -> Floats:
    if formula.n_segments == 1:
        return np.ones(len(sums))
    if formula.kind == "likelihood":
        return np.asarray(1 / _odds(sums).sum(axis=1))
    best, following = sums.min(axis=1), others.min(axis=1)
    if formula.kind == "squared":
        best, following = np.sqrt(best), np.sqrt(following)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(following > 0, 1 - best / following, 0.0)


def _is_strange(formula: Formula, codes: npt.NDArray[Any]) -> Mask:
    """Whether a pattern has a level that nobody had, or no known feature."""
    strange: Mask = np.asarray((codes < 0).all(axis=1))
    for j, feature in enumerate(formula.features):
        strange |= np.isin(codes[:, j], feature.strange)
    return strange


def _decisive_features(
    formula: Formula, codes: npt.NDArray[Any], segment: Indices, second: Indices
) -> Indices:
    """(n_patterns, 2) features that speak most for the segment against the second; ties go to the first feature.

    Of what a pair of joined features says together, half is each one's.
    """
    decided = np.full((len(codes), 2), NONE, np.intp)
    if formula.n_segments == 1:
        return decided
    looked_up = _looked_up(formula, codes)
    parts = [
        t[looked_up[:, j], second] - t[looked_up[:, j], segment]
        for j, t in enumerate(_lookup_tables(formula))
    ]
    gains = np.column_stack(parts[: len(formula.features)])
    for pair, gained in zip(formula.pairs, parts[len(formula.features) :], strict=True):
        for j in (pair.first, pair.second):
            gains[:, j] += 0.5 * gained
    rows = np.arange(len(codes))
    for column in decided.T[: gains.shape[1]]:
        best = gains.argmax(axis=1)
        column[:] = np.where(gains[rows, best] > 0, best, NONE)
        gains[rows, best] = -np.inf
    return decided


def id_column(recipe: Recipe) -> str:
    """Return the name of the id column.

    Raises
    ------
    ModelError
        The recipe has none, or it has the name of a column that scoring makes.
    """
    name = recipe.source.id
    if name is None:
        raise ModelError("the recipe names no id column", hint='add [source] id = "..." to assign customers')
    if name.casefold() in OUTPUT_COLUMNS:
        raise ModelError(
            f"{name!r} is also a column of the result",
            place=("source", "id"),
            hint="rename it in [source] sql",
        )
    return name


OUTPUT_COLUMNS = ("segment", "certainty", "second_segment", "reason", "fits")
