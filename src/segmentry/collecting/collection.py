"""Collection of the pattern table: check the recipe, fill in edges and levels that the table decides, collect."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from segmentry.collecting import sampling
from segmentry.collecting.finding import with_fine_levels
from segmentry.collecting.fine_levels import LEAST_MODELLED
from segmentry.collecting.matching import match_table
from segmentry.collecting.sampling import Sample
from segmentry.collecting.survey_weights import weight_steps
from segmentry.collecting.tabulation import CollectedRows, cleaning_of, codes_of, pattern_table_of
from segmentry.engine import Engine, LoggedQuery
from segmentry.errors import DataError
from segmentry.patterns import (
    Cleaning,
    CleaningStep,
    PatternTable,
    as_codes,
    unite,
    unite_folds,
    with_folds_of,
)
from segmentry.patterns.folds import MAX_FOLDED_PATTERNS
from segmentry.recipe import Recipe
from segmentry.recipe.definitions import definitions
from segmentry.recipe.levels import is_resolved
from segmentry.sql import ColumnKind, MatchedTable
from segmentry.sql.collect import collecting_query, origins_query
from segmentry.sql.edges import edges_query, fill_edges
from segmentry.sql.examples import unseen_values_query
from segmentry.sql.flags import exposed_flags, other_values_query, unexposed_query
from segmentry.sql.fold import FOLDS
from segmentry.sql.formula import MISSING, UNSEEN
from segmentry.sql.ids import of_ids
from segmentry.sql.table import column

Expect = Callable[[Engine, MatchedTable], None]
"""What looks at a table before it is collected, and refuses one that would be too large."""


@dataclass(frozen=True)
class Fine:
    """The `features` that are collected in fine levels; those of ordered features have `least` customers or more."""

    features: Collection[str] = ()
    least: int = LEAST_MODELLED


@dataclass(frozen=True)
class Collected:
    """The pattern table, and the recipe with every level filled in.

    `lacks_halves` is true for a large table until `add_halves`, which puts the rows that it read into `sample`. `ids` is the
    sample that `collect_patterns` took, of a large table: it has the id and what cleaning reads, and nothing else. `groups` has what the
    scan grouped by: the step that dropped the rows, and the code of each feature; None where there are halves, or levels that were found.
    """

    matched: MatchedTable
    patterns: PatternTable
    sample: Sample | None = None
    lacks_halves: bool = False
    ids: Sample | None = None
    groups: npt.NDArray[np.int32] | None = None


def collect_patterns(
    engine: Engine,
    recipe: Recipe,
    *,
    outcomes: bool = True,
    unseen: int = MISSING,
    before: Mapping[str, ColumnKind] | None = None,
    fine: Fine | None = None,
) -> Collected:
    """Collect the pattern table of a recipe with its halves, for whoever does not read rows again.

    Of a large table a sample of the ids is taken first, and the grouped scan tells the halves of its customers, so that no
    outcome is read twice. Where that would take longer, it is `collect_sums`, then `add_halves`: ids are texts, which are hashed
    slowly, or levels are fine, and more patterns come of them than have halves.
    """
    matched = _matched(engine, recipe, outcomes, before, fine)
    origins, is_large = _head(engine, matched)
    if is_large and (not sampling.hashes_quickly(matched) or (fine and fine.features)):
        sums = replace(_scanned(engine, matched, recipe, origins, unseen, None), lacks_halves=True)
        return add_halves(engine, sums)
    ids = sampling.take_sample(engine, of_ids(matched)) if is_large else None
    halves = ids or Sample(matched)
    return replace(
        _scanned(engine, matched, recipe, origins, unseen, halves if halves.is_fair else None), ids=ids
    )


def collect_sums(
    engine: Engine,
    recipe: Recipe,
    *,
    outcomes: bool = True,
    unseen: int = MISSING,
    before: Mapping[str, ColumnKind] | None = None,
    fine: Fine | None = None,
    expect: Expect | None = None,
) -> Collected:
    """Collect the pattern table of a recipe, for whoever reads rows again: one grouped scan, after the few rows that set the origins.

    If the table has more than `sampling.MAX_ROWS` rows, the sums by halves are left to `add_halves`. Values in no level,
    where the recipe allows them, get the code `unseen`. `before` has the kinds that columns had when the segments were
    made: a column without any value is read as missing values of that kind, whatever its type is now. `fine` says which features
    are collected in fine levels; by default those for which the recipe declares them. `expect` may refuse the table before it is collected.

    Raises
    ------
    DataError
        The recipe does not fit the table, no customer is left after cleaning, a flag is not 0/1, or
        values belong to no level where the recipe calls that an error.
    """
    matched = _matched(engine, recipe, outcomes, before, fine)
    if expect is not None:
        expect(engine, matched)
    origins, is_large = _head(engine, matched)
    halves = None if is_large else Sample(matched)
    return replace(_scanned(engine, matched, recipe, origins, unseen, halves), lacks_halves=is_large)


def collect_counts(engine: Engine, recipe: Recipe, fine: Fine) -> PatternTable:
    """Collect how many customers each pattern of a recipe has, and nothing of its outcomes: a scan of few columns.

    Raises
    ------
    DataError
        The recipe does not fit the table.
    """
    matched = _matched(engine, counted_alone(recipe), True, None, fine)
    return _collected(engine, matched, matched.recipe, [], MISSING, None).patterns


def counted_alone(recipe: Recipe) -> Recipe:
    """Return a recipe without its outcomes."""
    return recipe.model_copy(update={"outcomes": (), "headline": ""})


def add_halves(engine: Engine, collected: Collected) -> Collected:
    """Read a sample of a large table, for its sums by halves; return other tables unchanged, because they have them.

    Where the id gives no fair sample there are no halves: they would be made by the same hash.
    """
    if not collected.lacks_halves:
        return collected
    matched, patterns = collected.matched, collected.patterns
    taken = sampling.take_sample(engine, matched, patterns.cleaning)
    if taken.is_fair and patterns.n_patterns <= MAX_FOLDED_PATTERNS:
        origins, halves = patterns.origins.tolist(), Sample(taken.matched)
        part = _collected(engine, taken.matched, matched.recipe, origins, MISSING, halves)
        patterns = with_folds_of(patterns, part.patterns)
    return Collected(matched, patterns, taken)


def _matched(
    engine: Engine,
    recipe: Recipe,
    outcomes: bool,
    before: Mapping[str, ColumnKind] | None,
    fine: Fine | None,
) -> MatchedTable:
    """Match recipe and table, and fill in the edges and levels that the table decides."""
    matched = _with_edges(engine, match_table(engine, recipe, outcomes=outcomes, before=before))
    return matched if fine is None else with_fine_levels(engine, matched, fine.features, fine.least)


def _scanned(
    engine: Engine,
    matched: MatchedTable,
    recipe: Recipe,
    origins: Sequence[float],
    unseen: int,
    halves: Sample | None,
) -> Collected:
    """Collect the pattern table of all rows, with what is known of customers who were not exposed."""
    whole = _collected(engine, matched, recipe, origins, unseen, halves)
    return replace(whole, patterns=_with_unexposed(engine, whole))


def _collected(
    engine: Engine,
    matched: MatchedTable,
    recipe: Recipe,
    origins: Sequence[float],
    unseen: int,
    halves: Sample | None,
) -> Collected:
    """Collect the pattern table of the rows of `matched`, with sums by halves of the customers of a sample, if one is given."""
    scanned, folded = matched, None
    if halves is not None and halves.limit is not None:
        scanned, hashed = sampling.with_hashes(engine, matched)
        folded = exp.LT(this=column(hashed), expression=exp.convert(halves.limit))
    query = collecting_query(scanned, origins, with_folds=halves is not None, folded=folded)
    found = CollectedRows.of(query, engine.query(query.query))
    cleaning = cleaning_of(matched.recipe, found)
    if not found.is_kept.any():
        raise DataError(_nothing_left(cleaning), source=engine.name)
    filled, codes = codes_of(matched, found)
    steps = weight_steps(matched.recipe, found)
    steps += _read_as_missing(engine, filled, codes, found.kept(found.layout.counts))
    codes[codes == UNSEEN] = unseen
    table = pattern_table_of(filled.recipe, found, as_codes(codes), origins)
    _check_outcomes(engine, filled, table, found.n_of(found.layout.other_flags))
    made_by = definitions(filled.recipe, recipe)
    table = replace(table, cleaning=cleaning.with_steps(*steps), made_by=made_by)
    if found.layout.fold is None:
        return Collected(filled, unite(table), groups=_groups_of(matched, found))
    fold = found.kept(found.layout.fold).astype(np.intp)
    return Collected(filled, unite_folds(table, fold, FOLDS))


def _groups_of(matched: MatchedTable, found: CollectedRows) -> npt.NDArray[np.int32] | None:
    if not all(map(is_resolved, matched.recipe.features)):
        return None
    positions = (found.layout.dropped, *found.layout.levels)
    return np.column_stack([found.columns[i].astype(np.int32) for i in positions])


def collected_before(
    engine: Engine, recipe: Recipe, fine: Fine, patterns: PatternTable, filled: Recipe, n_groups: int
) -> Collected | None:
    """Return what `collect_sums` would return of a large table whose patterns are known, without the scan; None of another table.

    All other queries are run, and the scan is listed among them with its `n_groups` rows.
    """
    matched = _matched(engine, recipe, True, None, fine)
    origins, is_large = _head(engine, matched)
    if not is_large or origins != patterns.origins.tolist():
        return None
    scan = collecting_query(matched, origins, with_folds=False).query
    engine.log.append(LoggedQuery(scan.purpose, scan.text(engine.dialect), n_groups, 0.0))
    matched = matched.with_recipe(features=filled.features)
    _accepted_without_exposure(engine, matched)
    return Collected(matched, patterns, lacks_halves=True)


def _with_edges(engine: Engine, matched: MatchedTable) -> MatchedTable:
    query = edges_query(matched)
    if query is None:
        return matched
    values = [column[0].as_py() for column in engine.query(query.query).columns]
    found = [None if v is None else float(v) for v in values]
    return replace(matched, recipe=fill_edges(matched.recipe, query, found))


def _head(engine: Engine, matched: MatchedTable) -> tuple[list[float], bool]:
    """Return a round number near each outcome's mean, 0 for flags; and whether the table is to be sampled."""
    query = origins_query(matched, sampling.MAX_ROWS)
    if query is None:
        return [], False
    found = engine.query(query).to_pylist()[0]
    origins = [
        0.0 if group.role == "flags" else _round(found[f"mean_{i}"])
        for i, (_, group) in enumerate(matched.recipe.outcome_columns, 1)
    ]
    return origins, int(found["n_rows"]) > sampling.MAX_ROWS and sampling.can_sample(matched)


def _round(mean: object) -> float:
    value = float(mean) if mean is not None else 0.0  # type: ignore[arg-type]
    if not np.isfinite(value):
        return 0.0
    if abs(value) >= 10:
        return float(round(value))
    mantissa, exponent = math.frexp(
        value
    )  # a few binary digits: differences of whole numbers from it are exact
    return math.ldexp(round(mantissa * 32), exponent - 5)


def _nothing_left(cleaning: Cleaning) -> str:
    if cleaning.n_rows == 0:
        return "the table has no rows"
    steps = ", ".join(f"{s.step} {s.n_rows:,}" for s in cleaning.steps if s.what == "dropped")
    return f"no customer is left of {cleaning.n_rows:,} rows; dropped by {steps}"


def _read_as_missing(
    engine: Engine, matched: MatchedTable, codes: npt.NDArray[np.int32], customers: npt.NDArray[Any]
) -> list[CleaningStep]:
    """Count missing and unseen values per feature, and refuse them where the recipe says so."""
    steps = []
    for j, feature in enumerate(matched.recipe.features):
        n_unseen = int(customers[codes[:, j] == UNSEEN].sum())
        n_missing = int(customers[codes[:, j] == MISSING].sum())
        if n_unseen and feature.unseen == "error":
            raise _unseen_error(engine, matched, j, n_unseen)
        if n_missing and feature.missing == "error":
            raise DataError(
                f"{n_missing:,} customers have no value",
                place=("features", feature.name),
                hint='say missing = "keep", "drop" or "level"',
            )
        if n_unseen:
            steps.append(CleaningStep(feature.name, "unseen", n_unseen))
        if n_missing:
            steps.append(CleaningStep(feature.name, "missing", n_missing))
    return steps


def _unseen_error(engine: Engine, matched: MatchedTable, position: int, n_unseen: int) -> DataError:
    feature = matched.recipe.features[position]
    shown = _shown(engine.query(unseen_values_query(matched, position)))
    way = "list them in a level" if feature.yes_no else 'add them to a group, give rest = "Other",'
    return DataError(
        f"{n_unseen:,} customers have a value that is in no level: {shown}",
        place=("features", feature.name),
        hint=f'{way} or say unseen = "missing"',
    )


def _other_values(engine: Engine, matched: MatchedTable, name: str) -> str:
    return _shown(engine.query(other_values_query(matched, name)))


def _shown(found: Any) -> str:
    """Write values with their numbers of customers, for a message."""
    pairs = zip(found.column(0), found.column(1), strict=True)
    return ", ".join(f"{value.as_py()!r} ({n.as_py():,})" for value, n in pairs)


def _with_unexposed(engine: Engine, collected: Collected) -> PatternTable:
    """Return the table with a step of its cleaning for every flag that customers have without having been exposed."""
    table, steps = collected.patterns, _accepted_without_exposure(engine, collected.matched)
    return replace(table, cleaning=table.cleaning.with_steps(*steps))


def _accepted_without_exposure(engine: Engine, matched: MatchedTable) -> list[CleaningStep]:
    """Count the acceptances that are left out, because the customers are not known to have been exposed."""
    flags = exposed_flags(matched.recipe)
    if not flags:
        return []
    found = engine.query(unexposed_query(matched)).to_pylist()[0]
    steps = []
    for i, (group, name) in enumerate(flags, 1):
        n, n_unclear = (int(found[f"{what}_{i}"] or 0) for what in ("unexposed", "unclear"))
        if n_unclear:
            raise DataError(
                f"{n_unclear:,} customers have a value other than 0/1, true/false, yes/no",
                place=("outcomes", group, "exposure"),
                hint="an exposure has to say whether a customer could accept: recode it in a clean step",
            )
        if n:
            why = "accepted without having been exposed; left out of the rate"
            steps.append(CleaningStep(name, "unexposed", n, why))
    return steps


def _check_outcomes(engine: Engine, matched: MatchedTable, table: PatternTable, n_others: int) -> None:
    """Refuse flags other than 0 and 1, whose squares would not be themselves, and infinite sums."""
    for j, outcome in enumerate(table.outcomes):
        place = ("outcomes", outcome.group, "columns", outcome.name)
        if not (np.isfinite(table.squares[:, j]).all() and np.isfinite(table.sums[:, j]).all()):
            raise DataError("has infinite values", place=place, hint="replace or drop them in a clean step")
        others = _other_values(engine, matched, outcome.name) if n_others and outcome.role == "flags" else ""
        if others:
            is_text = matched.outcome_kinds[outcome.name] == "text"
            advice = "" if is_text else "give its group the role 'counts', or "
            raise DataError(
                f"has values other than 0/1, true/false, yes/no: {others}",
                place=place,
                hint=f"{advice}recode it in a clean step",
            )
