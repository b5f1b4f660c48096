"""Segments that are searched for before a run asks for them, in another process, while the studio shows the ones it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segmentry.patterns import PatternTable
from segmentry.patterns.table import per_pattern
from segmentry.recipe.models import ModelSettings
from segmentry.runs.fitting import Chosen, Fitted, Numbers, choose_segments, evidence_for, numbers_of
from segmentry.runs.options import Options
from segmentry.runs.sources import Customers
from segmentry.selection import (
    ClassFits,
    DrawnTables,
    Gathered,
    InnerDependence,
    NullTables,
    Pending,
    ScanWatch,
    ScanWish,
    SharedCurves,
    max_classes,
)
from segmentry.system.progress import Progress
from segmentry.system.worker import WorkerProcess


@dataclass(frozen=True)
class Ahead:
    """What was begun.

    Attributes
    ----------
    patterns, settings
        Counts of the customers, and the settings of their model.
    classes
        The latent classes of all numbers, which are being worked on.
    worker
        The process that works on it.
    """

    patterns: PatternTable
    settings: ModelSettings
    classes: Pending[ClassFits]
    worker: WorkerProcess

    def is_of(self, customers: Customers) -> bool:
        """Whether it was begun for these customers: for the same counts of the same patterns, and the same numbers."""
        mine, theirs = self.settings, customers.recipe.model
        is_same = mine == theirs and mine.is_open == theirs.is_open
        return is_same and has_same_counts(self.patterns, customers.patterns)


def has_same_counts(one: PatternTable, other: PatternTable) -> bool:
    """Whether two tables hold the same patterns with the same counts; outcomes do not matter."""
    mine, theirs = (per_pattern(p.without_outcomes()) for p in (one, other))
    return (
        one.features == other.features
        and mine.keys() == theirs.keys()
        and all(np.array_equal(mine[name], theirs[name]) for name in mine)
    )


def begin_ahead(customers: Customers, worker: WorkerProcess) -> Ahead | None:
    """Have a process begin.

    None where counts are weighted, since sums of weights hang on their order; and of other methods where there are too few customers for
    any of the latent classes beside them.
    """
    patterns, settings = customers.patterns, customers.recipe.model
    if patterns.weights is not None:
        return None
    numbers, most = numbers_of(patterns, settings), max_classes(patterns)
    if all(k > most and k != numbers.asked for k in numbers.tried):
        return None
    wanted = ScanWish(numbers.tried, numbers.asked, numbers.grows_to)
    return Ahead(patterns, settings, NullTables.of(patterns, settings, worker).classes(wanted), worker)


def fit_ahead(
    ahead: Ahead, customers: Customers, numbers: Numbers, options: Options, say: Progress
) -> Fitted:
    """Return the segments of the customers, as `fit_segments` does, of classes that the process searches for.

    Until these are there this process measures how customers differ inside classes, and draws null curves of the numbers that are
    expected. Then the other process gathers the evidence, and goes on with the curves that are left.
    """
    patterns, settings = customers.patterns, ahead.settings
    beside = NullTables.of(patterns, settings, ahead.worker)
    inside = replace(beside, worker=None).inner_dependence().worked_out(say)
    course = _Course(beside, ahead.classes, inside, customers, numbers, options, say)
    tables, drawn = DrawnTables(patterns, settings.method, settings.seed), {}
    for k in numbers.expected if numbers.expected[:1] == (1,) else ():
        if course.chosen is not None:
            break
        drawn[k] = tables.gains([k], course.step)[0]
    chosen = course.begin()
    curves = SharedCurves(tables, beside, drawn, chosen.tried).pending() if chosen.has_curves else None
    return chosen.fitted(customers, curves, course.evidence)


@dataclass
class _Course:
    """Segments and their evidence, which are asked for at the first step at which the classes are there."""

    beside: NullTables
    classes: Pending[ClassFits]
    inside: Pending[InnerDependence]
    customers: Customers
    numbers: Numbers
    options: Options
    say: Progress
    chosen: Chosen | None = None
    evidence: Pending[Gathered] | None = None

    def step(self, text: str) -> None:
        self.say(text)
        if self.classes.is_there:
            self.begin()

    def begin(self) -> Chosen:
        if self.chosen is None:
            known = self.classes.result(self.say).mixtures
            watch = ScanWatch(self.say, known=known)
            self.chosen = choose_segments(self.customers, self.numbers, self.options, self.inside, watch)
            self.evidence = evidence_for(self.beside, self.chosen.partition, self.options)
        return self.chosen
