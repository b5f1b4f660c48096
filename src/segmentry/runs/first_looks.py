"""What is shown of segments before their run is done: of the patterns alone, without a scan, a verdict, or a query."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmentry.disclosure import Policy, disclosed
from segmentry.patterns import PatternTable
from segmentry.recipe import Recipe
from segmentry.runs.partition import Partition
from segmentry.runs.profiles import Profile, glance_profile, profile_segments
from segmentry.runs.reading import Reading
from segmentry.runs.result import Tested, segmentation_of
from segmentry.runs.sources import Customers
from segmentry.segmentation import Segmentation
from segmentry.text.numbers import share


def at_a_glance(customers: Customers, partition: Partition) -> Segmentation:
    """Return segments with what the table at a glance shows of them, and nothing else."""
    patterns = replace(customers.patterns, folds=None)
    shown = _outcomes_at_a_glance(customers.recipe, patterns)
    patterns = patterns.with_outcomes([o.name for o in patterns.outcomes if o.name in shown])
    customers = replace(customers, patterns=patterns)
    return _shown(customers, partition, glance_profile(customers.recipe, patterns, partition))


def first_look(customers: Customers, partition: Partition) -> Segmentation:
    """Return segments with their profile: without ranks of values, held-out figures, and notes on what was read."""
    customers = replace(customers, patterns=replace(customers.patterns, folds=None))
    profile = profile_segments(customers.recipe, customers.patterns, partition, None, Policy.for_files(None))
    return _shown(customers, partition, profile)


def looks_alike(one: Partition, other: Partition, patterns: PatternTable) -> bool:
    """Whether two partitions of a pattern table look the same at a glance: the same segments, with the same certainty as it is written."""
    if not np.array_equal(one.labels, other.labels):
        return False
    weights = patterns.sample_weight
    mine, theirs = (np.bincount(p.labels, p.certainty * weights) for p in (one, other))
    sizes = np.bincount(one.labels, weights)
    return all(share(a / n) == share(b / n) for a, b, n in zip(mine, theirs, sizes, strict=True) if n)


def _shown(customers: Customers, partition: Partition, profile: Profile) -> Segmentation:
    made = segmentation_of(customers, partition, profile, Tested(), Reading(), None)
    return disclosed(made, Policy.for_files(None))


def _outcomes_at_a_glance(recipe: Recipe, patterns: PatternTable) -> set[str]:
    """Return the outcomes that the table of the segments at a glance shows: the headline, or campaigns, and amounts that add up."""
    first = recipe.headline_outcome
    has_values = {o.name for o, n in zip(patterns.outcomes, patterns.n_values.sum(axis=0), strict=True) if n}
    amounts = ({c.name for c in g.columns} & has_values for g in recipe.outcomes if g.role == "amounts")
    campaigns = {c.name for g in recipe.outcomes if g.campaign for c in g.columns}
    return next((names for names in amounts if len(names) > 1), set()) | (
        campaigns if first is None else {first.name}
    )
