"""What is shown of segments before their run is done: of the patterns alone, without a scan, a verdict, or a query."""

from __future__ import annotations

from dataclasses import replace

from segmentry.disclosure import Policy, disclosed
from segmentry.report.facts.segments import outcomes_at_a_glance
from segmentry.runs.partition import Partition
from segmentry.runs.profiles import Profile, glance_profile, profile_segments
from segmentry.runs.reading import Reading
from segmentry.runs.result import Tested, segmentation_of
from segmentry.runs.sources import Customers
from segmentry.segmentation import Segmentation


def at_a_glance(customers: Customers, partition: Partition) -> Segmentation:
    """Return segments with what the table at a glance shows of them, and nothing else."""
    shown = outcomes_at_a_glance(customers.recipe, customers.patterns)
    patterns = customers.patterns.with_outcomes(shown)
    customers = replace(customers, patterns=patterns)
    return _shown(customers, partition, glance_profile(customers.recipe, patterns, partition))


def first_look(customers: Customers, partition: Partition) -> Segmentation:
    """Return segments with their profile: without ranks of values, held-out figures, and notes on what was read."""
    customers = replace(customers, patterns=replace(customers.patterns, folds=None))
    profile = profile_segments(customers.recipe, customers.patterns, partition, None, Policy.for_files(None))
    return _shown(customers, partition, profile)


def _shown(customers: Customers, partition: Partition, profile: Profile) -> Segmentation:
    made = segmentation_of(customers, partition, profile, Tested(), Reading(), None)
    return disclosed(made, Policy.for_files(None))
