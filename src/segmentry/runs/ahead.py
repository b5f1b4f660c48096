"""Evidence that is gathered for segments before it is known that a run finds them: the studio shows them already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentry.patterns import PatternTable
from segmentry.patterns.table import per_pattern
from segmentry.recipe.models import ModelSettings
from segmentry.runs.options import Options
from segmentry.runs.partition import Partition
from segmentry.runs.sources import Customers
from segmentry.selection import Gathered, InnerDependence, NullTables, PatternSegments, Pending
from segmentry.system.worker import WorkerProcess


@dataclass(frozen=True)
class Ahead:
    """What was begun for one number of segments.

    Attributes
    ----------
    patterns, settings
        Counts of the customers, and the settings of their model.
    segments
        The segments.
    inside, evidence
        What is being worked on.
    worker
        The process that works on it.
    """

    patterns: PatternTable
    settings: ModelSettings
    segments: PatternSegments
    inside: Pending[InnerDependence]
    evidence: Pending[Gathered]
    worker: WorkerProcess

    def is_of(self, customers: Customers) -> bool:
        """Whether it was begun for these customers: for the same counts of the same patterns."""
        mine, theirs = (per_pattern(p.without_outcomes()) for p in (self.patterns, customers.patterns))
        return (
            self.settings == customers.recipe.model
            and self.patterns.features == customers.patterns.features
            and mine.keys() == theirs.keys()
            and all(np.array_equal(mine[name], theirs[name]) for name in mine)
        )

    def is_for(self, segments: PatternSegments) -> bool:
        """Whether these are the segments that the evidence is gathered for."""
        mine = self.segments
        pairs = (
            (mine.labels, segments.labels),
            (mine.second, segments.second),
            (mine.is_close, segments.is_close),
        )
        return mine.k == segments.k and all(np.array_equal(one, other) for one, other in pairs)


def begin_ahead(customers: Customers, partition: Partition, worker: WorkerProcess) -> Ahead | None:
    """Have a process begin; None for fewer than two segments, and where counts are weighted: sums of weights hang on their order."""
    patterns, settings, k = customers.patterns, customers.recipe.model, partition.choice.k
    if k < 2 or patterns.weights is not None:
        return None
    tables = NullTables(patterns, settings.method, settings.seed, worker)
    segments = PatternSegments.of(partition.model, k, patterns.codes)
    inside, evidence = tables.inner_dependence(), tables.evidence(segments, Options().n_analyses)
    return Ahead(patterns, settings, segments, inside, evidence, worker)
