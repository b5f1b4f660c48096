"""From patterns to segments: every number in range is fitted, one is chosen, and null tables are drawn meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segmentry.errors import DataError
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe
from segmentry.recipe.models import ModelSettings
from segmentry.runs.options import Options
from segmentry.runs.partition import Partition
from segmentry.runs.previous import match_previous
from segmentry.runs.sources import Customers
from segmentry.scoring import score_patterns
from segmentry.selection import (
    MOST_TRIED,
    Choice,
    Gathered,
    InnerDependence,
    NullCurves,
    NullTables,
    PatternSegments,
    Pending,
    Scan,
    ScanWatch,
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
    evidence: Pending[Gathered] | None

    def kept(self) -> Fitted:
        """Return the same, whose results are worked out once, however often they are asked for."""
        curves = None if self.curves is None else self.curves.kept()
        return replace(self, curves=curves, evidence=None if self.evidence is None else self.evidence.kept())


@dataclass(frozen=True)
class KeptFit:
    """Segments that were fitted, for another run of the same patterns; others are fitted as ever."""

    customers: Customers
    fitted: Fitted

    def is_of(self, customers: Customers) -> bool:
        """Whether they are the segments of these customers, by everything that a fit depends on."""
        one, other = self.customers, customers
        if _decisive(one.recipe) != _decisive(other.recipe):
            return False
        arrays = ("codes", "counts", "weights", "squared_weights")
        return all(_is_equal(getattr(one.patterns, a), getattr(other.patterns, a)) for a in arrays)

    def __call__(
        self,
        customers: Customers,
        numbers: Numbers,
        options: Options,
        worker: WorkerProcess | None,
        say: Progress,
    ) -> Fitted:
        """Return the segments of the customers, as `fit_segments` does."""
        return (
            self.fitted if self.is_of(customers) else fit_segments(customers, numbers, options, worker, say)
        )


def _decisive(recipe: Recipe) -> tuple[object, ...]:
    """What of a recipe a fit depends on beside the counts; its sentences have numbers as the locale writes them."""
    return recipe.features, recipe.model, recipe.model.is_open, recipe.locale


def _is_equal(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


@dataclass(frozen=True)
class Numbers:
    """The numbers of segments: the range of the recipe, the one that was asked for, and those that can be tried.

    Where neither is given, numbers above the range are tried while BIC falls, up to `grows_to`. Where it is expected which they
    will be, the process of null tables draws their curves while they are fitted.
    """

    wanted: tuple[int, ...]
    asked: int | None
    tried: list[int]
    grows_to: int | None
    expected: tuple[int, ...] = ()


def wanted_numbers(settings: ModelSettings) -> list[int]:
    """The numbers of segments that a recipe wants tried, if there are customers enough."""
    asked = {settings.segments} if isinstance(settings.segments, int) else set()
    return sorted({*range(settings.range[0], settings.range[1] + 1), *asked})


def numbers_of(patterns: PatternTable, settings: ModelSettings) -> Numbers:
    """Decide which numbers of segments are tried.

    Raises
    ------
    DataError
        There are too few customers or patterns for what was asked for.
    """
    asked = settings.segments if isinstance(settings.segments, int) else None
    wanted = wanted_numbers(settings)
    if asked is not None:
        check_number(asked, patterns)
    check_sample_size(patterns, asked, settings.method)
    tried = numbers_to_try(patterns, settings.method, wanted, asked)
    expected = tuple(tried) if _takes_long(patterns) else ()
    return Numbers(tuple(wanted), asked, tried, MOST_TRIED if settings.is_open else None, expected)


def _takes_long(patterns: PatternTable) -> bool:
    """Whether fits take so long that null curves are drawn before they end: those of ordered features do."""
    return any(feature.distribution == "ordered" for feature in patterns.features)


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
        Process that models without segments and refits are fitted in; None to fit them here when they are asked for.
    say
        Function that is called before each fit.
    """
    beside = NullTables.of(customers.patterns, customers.recipe.model, worker)
    inside = beside.inner_dependence()
    early = _early_curves(beside, numbers, options)
    expected = _ExpectedEvidence(beside, numbers, options, inside)
    watch = ScanWatch(say, None if worker is None else expected.begin)
    chosen = choose_segments(customers, numbers, options, inside, watch)
    evidence = expected.of(chosen.choice) or evidence_for(beside, chosen.partition, options)
    curves = early if chosen.tried == list(numbers.expected) else None
    if curves is None and chosen.has_curves:
        # this process draws them while it waits for the evidence; costs take half a minute, which is the worker's
        drawing = beside if options.thorough else replace(beside, worker=None)
        curves = drawing.curves(chosen.tried, costs=options.thorough)
    return chosen.fitted(customers, curves, evidence)


@dataclass(frozen=True)
class Chosen:
    """The models of all numbers, and the segments of the one that was chosen."""

    found: Scan
    partition: Partition

    @property
    def choice(self) -> Choice:
        """The number that was chosen."""
        return self.partition.choice

    @property
    def tried(self) -> list[int]:
        """The numbers that were tried."""
        return list(map(int, self.found.table["k"]))

    @property
    def has_curves(self) -> bool:
        """Whether null curves say anything of these numbers: they compare with one segment."""
        return self.tried[0] == 1 and len(self.tried) > 1

    def fitted(
        self, customers: Customers, curves: Pending[NullCurves] | None, evidence: Pending[Gathered] | None
    ) -> Fitted:
        """Return what a fit hands over, with what is still worked on."""
        settings, k = customers.recipe.model, self.choice.k
        models = {**self.found.models, k: self.partition.model}
        splits = split_table(customers.patterns, settings.method, models, k, seed=settings.seed)
        return Fitted(self.partition, self.found.table, splits, curves, evidence)


def choose_segments(
    customers: Customers,
    numbers: Numbers,
    options: Options,
    inside: Pending[InnerDependence],
    watch: ScanWatch,
) -> Chosen:
    """Fit every number of segments, unless `watch` knows it, and choose one."""
    settings = customers.recipe.model
    found = scan(
        customers.patterns,
        settings.method,
        numbers.tried,
        seed=settings.seed,
        asked=numbers.asked,
        grows_to=numbers.grows_to,
        indices=options.thorough,
        watch=watch,
    )
    choice = choose_k(found.table, settings.method, numbers.asked, inside.result())
    return Chosen(found, _partition(customers, found, choice, numbers, options))


@dataclass
class _ExpectedEvidence:
    """Evidence for the number that is chosen if no further one changes that: the process gathers it while these are fitted."""

    beside: NullTables
    numbers: Numbers
    options: Options
    inside: Pending[InnerDependence]
    k: int = 0
    pending: Pending[Gathered] | None = None

    def begin(self, found: Scan) -> None:
        """Have it gathered, unless segments are numbered anew by those of an earlier model, or indices take the process's time."""
        if self.options.previous is not None or self.options.thorough:
            return
        self.k = choose_k(found.table, found.method, self.numbers.asked, self.inside.result()).k
        if self.k > 1:
            segments = PatternSegments.of(found.models[self.k], self.k, self.beside.patterns.codes)
            self.pending = self.beside.evidence(segments, self.options.n_analyses)

    def of(self, choice: Choice) -> Pending[Gathered] | None:
        """Return it, if it is that of the number that is chosen."""
        return self.pending if choice.k == self.k else None


def evidence_for(beside: NullTables, partition: Partition, options: Options) -> Pending[Gathered] | None:
    """Have evidence gathered for the segments; None for one segment."""
    k = partition.choice.k
    if k < 2:
        return None
    segments = PatternSegments.of(partition.model, k, beside.patterns.codes)
    return beside.evidence(segments, options.n_analyses)


def _early_curves(beside: NullTables, numbers: Numbers, options: Options) -> Pending[NullCurves] | None:
    """Have the process draw the curves of the numbers that are expected; None where it is not to."""
    expected = list(numbers.expected)
    if beside.worker is None or options.thorough or len(expected) < 2 or expected[0] != 1:
        return None
    return beside.curves(expected, costs=False)


def _partition(
    customers: Customers, found: Scan, choice: Choice, numbers: Numbers, options: Options
) -> Partition:
    patterns = customers.patterns
    model, previous = found.models[choice.k], None
    if options.previous is not None:
        previous = match_previous(model, patterns, customers.recipe, options.previous)
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
