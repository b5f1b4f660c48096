"""From patterns to segments: every number in range is fitted, one is chosen, and null tables are drawn meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.recipe.models import ModelSettings
from segmentry.runs.options import Options
from segmentry.runs.partition import Partition
from segmentry.runs.previous import match_previous
from segmentry.runs.sources import Customers
from segmentry.scoring import score_patterns
from segmentry.selection import (
    Choice,
    Evidence,
    NullCurves,
    NullTables,
    PatternSegments,
    Pending,
    Scan,
    cautions,
    check_sample_size,
    choose_k,
    numbers_to_try,
    scan,
    split_table,
)
from segmentry.system.progress import Progress
from segmentry.system.worker import WorkerProcess

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Fitted:
    """The segments, the table of all numbers tried, and results from null tables that may still be computed."""

    partition: Partition
    selection: pd.DataFrame
    splits: pd.DataFrame
    curves: Pending[NullCurves] | None
    evidence: Pending[Evidence] | None


@dataclass(frozen=True)
class Numbers:
    """The numbers of segments: the range of the recipe, the one that was asked for, and those that can be tried."""

    wanted: tuple[int, ...]
    asked: int | None
    tried: list[int]


def numbers_of(patterns: PatternTable, settings: ModelSettings) -> Numbers:
    """Decide which numbers of segments are tried.

    Raises
    ------
    DataError
        There are too few customers or patterns for what was asked for.
    """
    asked = settings.segments if isinstance(settings.segments, int) else None
    wanted = list(range(settings.range[0], settings.range[1] + 1))
    if asked is not None:
        check_number(asked, patterns)
        wanted = sorted({*wanted, asked})
    check_sample_size(patterns, asked, settings.method)
    return Numbers(tuple(wanted), asked, numbers_to_try(patterns, settings.method, wanted, asked))


def fit_segments(
    customers: Customers,
    numbers: Numbers,
    options: Options,
    worker: WorkerProcess | None,
    say: Progress,
) -> Fitted:
    """Fit every number of segments, and choose one.

    Parameters
    ----------
    customers
        Customers; only the counts of their patterns are used.
    numbers
        Numbers of segments to try.
    options
        Options of the run.
    worker
        Process that draws null tables; None to draw them here when their results are asked for.
    say
        Function that is called before each fit.
    """
    patterns, settings = customers.patterns, customers.recipe.model
    nulls = NullTables(patterns, settings.method, settings.seed, worker)
    curves = None
    if numbers.tried[0] == 1 and len(numbers.tried) > 1:
        curves = nulls.curves(numbers.tried, costs=options.thorough)
    found = scan(
        patterns,
        settings.method,
        numbers.tried,
        seed=settings.seed,
        asked=numbers.asked,
        indices=options.thorough,
        progress=say,
    )
    choice = choose_k(found.table, settings.method, numbers.asked)
    partition = _partition(patterns, found, choice, numbers, options)
    evidence = None
    if choice.k > 1:
        evidence = nulls.evidence(PatternSegments.of(partition.model, choice.k, patterns.codes))
    models = {**found.models, choice.k: partition.model}
    splits = split_table(patterns, settings.method, models, choice.k, seed=settings.seed)
    return Fitted(partition, found.table, splits, curves, evidence)


def _partition(
    patterns: PatternTable, found: Scan, choice: Choice, numbers: Numbers, options: Options
) -> Partition:
    model, previous = found.models[choice.k], None
    if options.previous is not None:
        previous = match_previous(model, patterns, options.previous)
        model = previous.model
    said = cautions(patterns, list(numbers.wanted), choice.k, found.method)
    if not model.has_converged:
        said += (f"The {choice.k} latent classes did not converge; ask for fewer segments.",)
    labels, certainty = score_patterns(model, patterns.codes)
    return Partition(
        method=found.method,
        choice=replace(choice, cautions=said),
        labels=labels,
        certainty=certainty,
        model=model,
        previous=previous,
    )


def check_number(asked: int, patterns: PatternTable) -> None:
    """Raise DataError where there are fewer patterns than segments asked for."""
    if asked > patterns.n_patterns:
        raise DataError(
            f"{asked} segments need at least as many patterns, and these customers make "
            f"{patterns.n_patterns}",
            source="segments",
            hint="ask for fewer, or let the recipe make more levels",
        )
