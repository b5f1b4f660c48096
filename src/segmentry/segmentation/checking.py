"""Is a segmentation that was read from a file one: checked whole before any of it is used.

What is wrong raises ValueError, with a sentence that `segmentry.segmentation.load` completes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from segmentry.patterns.checking import check_table
from segmentry.profiling import Population
from segmentry.recipe.levels import is_resolved, level_labels, shown_labels
from segmentry.segmentation.plain_values import LATER_TABLES, SAVED_TABLES
from segmentry.segmentation.result import Segmentation
from segmentry.selection import ChoiceDependence
from segmentry.text.kinds import has_kinds, is_number

MAX_BYTES = 500_000_000
MAX_DEPTH = 40
MAX_NUMBER = sys.float_info.max
_LONGEST = 1_000_000
_SLACK = 1e-6
VERDICTS = ("none", "natural", "reproducible", "constructive")


def _need(holds: object, problem: str) -> None:
    if not holds:
        raise ValueError(problem)


def check_plain(content: Any) -> None:
    """Check that values are finite and of bearable size, without recursion."""
    pending: list[tuple[Any, int]] = [(content, 1)]
    while pending:
        value, depth = pending.pop()
        _need(depth <= MAX_DEPTH, f"nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            pending += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            pending += [(inner, depth + 1) for inner in value]
        elif isinstance(value, str):
            _need(len(value) <= _LONGEST, "a text is longer than a million letters")
        elif isinstance(value, (int, float)):
            _need(abs(value) <= MAX_NUMBER, "a number is enormous, or none")  # not-a-number is neither


def check_segmentation(found: Segmentation) -> None:
    """Check that the parts are what they say, and belong together."""
    _check_head(found)
    _check_segments(found)
    for part in (found.choice, found.evidence, found.cleaning, found.withheld, *found.notes, *found.queries):
        _need(part is None or has_kinds(part), f"a {type(part).__name__} holds values of the wrong kind")
    k = len(found.segments)
    _need(found.choice.k == k, f"{k} segments, and {found.choice.k} were chosen")
    _check_named(found)
    _check_kinds(found.kinds)
    if found.core is not None:
        _check_core(found.core, k, [len(level_labels(f)) for f in found.recipe.features])
    _check_patterns(found)
    if found.population is not None:
        _check_population(found.population, k, found)
    known: dict[str, set[Any]] = {
        "segment": {s.id for s in found.segments},
        "outcome": {c.name for c, _ in found.recipe.outcome_columns},
        "group": {group.name for group in found.recipe.outcomes},
    }
    if found.core is not None:
        known["feature"] = {f.name for f in (*found.recipe.features, *found.recipe.bands)}
    for name in (*SAVED_TABLES, *LATER_TABLES):
        _check_table(name, getattr(found, name), known)


def _check_head(found: Segmentation) -> None:
    _need(type(found.seed) is int and 0 <= found.seed < 2**32, "the seed is none")
    _need(type(found.n_comparisons) is int and found.n_comparisons >= 0, "a number of comparisons below 0")
    _need(
        found.min_cell is None or (type(found.min_cell) is int and found.min_cell >= 0),
        "min_cell is no number",
    )
    _need(
        isinstance(found.source, str) and _are_texts(found.versions.values()),
        "source and versions are no texts",
    )
    _need(
        found.verdict is None
        or (
            found.verdict in VERDICTS
            and isinstance(found.verdict.reason, str)
            and found.verdict.close_to in (None, *VERDICTS)
        ),
        "no such verdict",
    )
    _need(found.limit is None or is_number(found.limit), "the limit of what fits is no number")
    _need(
        found.core is None or all(is_resolved(f) for f in found.recipe.features),
        "levels of the recipe are not known",
    )


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _check_segments(found: Segmentation) -> None:
    segments = found.segments
    _need(segments, "there are no segments")
    _need(all(map(has_kinds, segments)), "a segment holds values of the wrong kind")
    ids = [s.id for s in segments]
    _need(
        len(set(ids)) == len(ids) and min(ids) >= 1,
        f"the numbers of segments must differ, from 1 up; got {ids}",
    )
    for s in segments:
        _need(s.size >= 0, f"segment {s.id} has {s.size} customers")
        for what, share in (("share", s.share), ("certainty", s.certainty)):
            _need(share is None or -_SLACK <= share <= 1 + _SLACK, f"the {what} of segment {s.id} is {share}")
    shares = [s.share for s in segments]
    known = [share for share in shares if share is not None]
    _need(
        len(known) < len(shares) or abs(sum(known) - 1) < 0.01,
        "the shares of the segments do not add up to 1",
    )


def _check_named(found: Segmentation) -> None:
    """Check that what the evidence and the segments speak of is there."""
    features, ids = {f.name for f in found.recipe.features}, {s.id for s in found.segments}
    named = [c.feature for s in found.segments for c in s.conditions]
    if found.evidence is not None:
        named += [name for pair in found.evidence.pairs for name in (*pair.separated_by, *pair.alike_in)]
        named += [one.feature for one in found.evidence.left_out]
        counts = [n for pair in found.evidence.pairs for n in (pair.n_between, pair.exchanged)]
        _need(all(map(is_number, counts)), "a pair of segments has no numbers")
        _need(
            {i for pair in found.evidence.pairs for i in (pair.first, pair.second)} <= ids,
            "a pair of other segments",
        )
        if found.evidence.choices is not None:
            _check_contacts(found.evidence.choices, {c.name for c, _ in found.recipe.outcome_columns})
    _need(set(named) <= features, "it speaks of a feature that the recipe lacks")


def _check_contacts(choices: ChoiceDependence, outcomes: set[str]) -> None:
    """Check that campaigns are outcomes, with a row for each analysis."""
    _need(
        {one.outcome for one in choices.contacts} <= outcomes,
        "it contacts for an outcome that the recipe lacks",
    )
    for one in choices.contacts:
        _need(
            [row.n_analyses for row in one.by_analysis] == [row.n_analyses for row in choices.analyses],
            "whom other analyses contact is of other analyses",
        )
        _need(
            all(v is None or v >= 0 for row in one.by_analysis for v in (row.n_named, row.kept, row.added)),
            "fewer than no customers are contacted",
        )


def _check_kinds(kinds: Mapping[str, Any]) -> None:
    _need(set(kinds) <= {"columns", "features"}, "the kinds of other things than columns and features")
    known = {"integer", "decimal", "float", "text", "boolean", "other"}
    for part in kinds.values():
        _need(
            all(isinstance(kind, str) and kind in known for kind in part.values()),
            "a column of no known kind",
        )


def _check_core(core: Any, k: int, n_levels: list[int]) -> None:
    """Check that a model's numbers are probabilities, levels or centres of so many segments and levels."""
    _need(core.n_found == k, f"{k} segments, and a model of {core.n_found}")
    seen = [list(codes) for codes in core.categories_]  # a level that no customer had is none of the model's
    _need(
        len(seen) == len(n_levels)
        and all(sorted({*codes} & {*range(n)}) == codes for codes, n in zip(seen, n_levels, strict=True)),
        "the model knows other levels than the recipe",
    )
    _need(core.n_features_in_ == len(n_levels), "the model has another number of features than the recipe")
    n_seen = [len(codes) for codes in seen]
    fitted = core.fitted_state()
    if "class_prior_" in fitted:
        _check_probabilities("the shares of the classes", core.class_prior_[None, :], (1, k))
        _need(len(core.response_proba_) == len(n_levels), "the model lacks a feature")
        for proba, n in zip(core.response_proba_, n_seen, strict=True):
            if n:
                _check_probabilities("the levels of a class", proba, (k, n))
        _check_joined(core, k, n_seen)
        if fitted.get("misclassification_") is not None:
            _check_probabilities("misclassification", core.misclassification_, (k, k))
    if "mode_codes_" in fitted:
        codes = core.mode_codes_
        _need(codes.shape == (k, len(n_levels)) and codes.dtype.kind == "i", "the modes have another shape")
        _need(((codes >= 0) & (codes < np.asarray(n_levels))).all(), "a mode is no level")
    if "cluster_centers_" in fitted:
        _check_centers(core, k, n_seen)


def _check_joined(core: Any, k: int, n_levels: list[int]) -> None:
    """Check that the tables of joined features are of these features, and that their sums are the probabilities of levels."""
    pairs, tables = core.joined or [], vars(core).get("joined_proba_", [])
    _need(isinstance(pairs, list) and len(pairs) == len(tables), "joined features lack their probabilities")
    positions = [j for pair in pairs if isinstance(pair, list) and len(pair) == 2 for j in pair]
    _need(
        len(positions) == 2 * len(pairs) == len(set(map(str, positions)))
        and all(type(j) is int and 0 <= j < len(n_levels) for j in positions),
        "joined features are no pairs of features",
    )
    for (first, second), table in zip(pairs, tables, strict=True):
        shape = (k, n_levels[first], n_levels[second])
        _need(table.shape == shape and table.dtype.kind in "if", "joined features have another shape")
        _check_probabilities("joined features", table.reshape(k, -1), (k, shape[1] * shape[2]))
        for j, axis in ((first, 2), (second, 1)):
            is_sum = np.abs(table.sum(axis=axis) - core.response_proba_[j]).max(initial=0.0) < _SLACK
            _need(is_sum, "the probabilities of a joined feature are not the sums of the pair's")


def _check_probabilities(what: str, values: Any, shape: tuple[int, int]) -> None:
    _need(values.shape == shape and values.dtype.kind in "if", f"{what} have another shape")
    _need(
        (values >= 0).all() and (np.abs(values.sum(axis=1) - 1) < 1e-4).all(), f"{what} are no probabilities"
    )


def _check_centers(core: Any, k: int, n_levels: list[int]) -> None:
    for name, shape in (
        ("cluster_centers_", (k, len(n_levels))),
        ("mean_", (len(n_levels),)),
        ("scale_", (len(n_levels),)),
    ):
        values = getattr(core, name)
        _need(
            values.shape == shape and values.dtype.kind in "if" and np.isfinite(values).all(),
            f"{name} has another shape",
        )
    _need((core.scale_ > 0).all(), "a scale is 0 or below")
    for codes, n in zip(core.level_codes_, n_levels, strict=True):
        _need(codes.shape == (n,) and codes.dtype.kind in "if", "the numbers of levels have another shape")


def _check_patterns(found: Segmentation) -> None:
    patterns, labels, certainty = found.patterns, found.labels, found.certainty
    if patterns is None or labels is None:
        return
    if patterns.n_patterns:
        check_table(patterns)
    n, k = patterns.n_patterns, len(found.segments)
    _need(labels.shape == (n,) and ((labels >= 0) & (labels < k)).all(), "a pattern is in no segment")
    if certainty is not None:
        _need(certainty.shape == (n,) and certainty.dtype.kind in "if", "the certainty has another shape")
        _need(((certainty >= -_SLACK) & (certainty <= 1 + _SLACK)).all(), "a certainty is outside of 0 and 1")
    names = [f.name for f in patterns.features]
    _need(
        names == [f.name for f in found.recipe.features], "the patterns have other features than the recipe"
    )
    levels = [len(f.levels) for f in patterns.features]
    _need(
        found.core is None or levels == [len(shown_labels(f)) for f in found.recipe.features],
        "other levels than the recipe",
    )


def _check_population(population: Population, k: int, found: Segmentation) -> None:
    _need(has_kinds(population), "the population holds values of the wrong kind")
    m = len(found.recipe.outcome_columns)
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(
        ("segments", "complete", "misfit", "misfit_variance"), (k,)
    )
    shapes |= dict.fromkeys(("n_values", "means", "variances"), (k, m))
    for name, shape in shapes.items():
        _need(getattr(population, name).shape == shape, f"{name} of the population has another shape")
    for name in ("segments", "complete", "misfit_variance", "n_values", "variances", "beyond"):
        _need(not (getattr(population, name) < 0).any(), f"{name} of the population is below 0")
    sizes = [len(shown_labels(f)) + 2 for f in found.recipe.features]
    _need(
        [len(cells) for cells in population.levels] == sizes,
        "the population has other levels than the recipe",
    )
    _need(
        all(not (cells < 0).any() for cells in population.levels),
        "the population counts fewer than no customers",
    )
    numbers = (population.n_customers, population.n_rows, population.n_dropped, population.n_parameters)
    _need(min(numbers) >= 0 and population.n_customers > 0, "the population has no customers")
    _need(is_number(population.n_effective) and population.n_effective > 0, "the population weighs nothing")
    _need(
        is_number(population.worst) and is_number(population.dependence),
        "the population's misfit is no number",
    )
    _need(population.segments.sum() > 0, "the population has no customers")
    _need(population.limits.shape == population.beyond.shape, "the population's limits have another shape")


def _check_table(name: str, table: Any, known: Mapping[str, set[Any]]) -> None:
    """Check that each column holds texts, numbers or truth values, and names segments and outcomes that there are.

    The design also has rows of all customers (segment 0), and of the shares of segments (no outcome).
    """
    also: dict[str, set[Any]] = {"segment": {0}, "outcome": {""}} if name == "design" else {}
    for column in table.columns:
        values = [value for value in table[column].tolist() if value is not None and value == value]  # noqa: PLR0124 - NaN
        kinds = set(map(type, values))
        _need(
            kinds <= {int, float} or (len(kinds) == 1 and kinds <= {str, bool}),
            f"column {column!r} of {name} mixes kinds",
        )
        _need(
            column not in known or set(values) <= known[column] | also.get(column, set()),
            f"{name} speaks of a {column} that there is not",
        )
