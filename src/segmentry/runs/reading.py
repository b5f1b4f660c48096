"""What is read of a table after its patterns are counted, each by a query of its own; a pattern table has nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segmentry.arrays import Floats, Labels
from segmentry.collecting.collection import add_halves
from segmentry.collecting.design import design_sums
from segmentry.collecting.histograms import count_raw_values
from segmentry.collecting.ids import with_ids_counted
from segmentry.collecting.pattern_segments import (
    assignments_query,
    can_tell_customers,
    register_segments,
    with_id,
)
from segmentry.collecting.sampling import Sample, take_sample
from segmentry.collecting.value_counts import pattern_value_counts, segment_value_counts
from segmentry.patterns import DesignSums, PatternTable, ValueCounts
from segmentry.runs.partition import Partition
from segmentry.runs.protected_columns import protected_counts
from segmentry.runs.sources import Customers
from segmentry.runs.strata import segments_of
from segmentry.scoring import write_parquet
from segmentry.sql.value_counts import measured_outcomes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """What the table says of the segments beside the counts of their patterns.

    Attributes
    ----------
    strata
        Pattern tables with one further feature, the last, whose levels are strata; and the segments of their rows.
    protected
        (n_values, n_segments) customers by protected column.
    values
        How often the values of amounts and counts occur in each segment.
    numbers
        How often the values of ordered numbers occur in each segment.
    sample
        Customers whose rows were read again; None for a pattern table.
    design
        Sums by cluster of the sample; None where the recipe names neither strata nor clusters, and for a pattern table.
    """

    strata: tuple[tuple[PatternTable, Labels], ...] = ()
    protected: Mapping[str, Floats] = field(default_factory=dict)
    values: tuple[ValueCounts, ...] = ()
    numbers: tuple[ValueCounts, ...] = ()
    sample: Sample | None = None
    design: DesignSums | None = None


def complete_customers(customers: Customers) -> Customers:
    """Add the sums by halves of a large table, and the counts of rows that share an id or have none."""
    engine, collected = customers.source.engine, customers.collected
    if engine is None or collected is None:
        return customers
    collected = with_ids_counted(engine, add_halves(engine, collected))
    return replace(customers, patterns=collected.patterns, collected=collected)


def read_segments(customers: Customers, partition: Partition, bands: tuple[PatternTable, ...]) -> Reading:
    """Read what the profile of the segments needs: values, protected columns, and segments within bands."""
    engine, collected = customers.source.engine, customers.collected
    labels, k = partition.labels, partition.choice.k
    if engine is None or collected is None:
        return Reading(numbers=pattern_value_counts(customers.recipe, customers.patterns, labels))
    strata = tuple((t, segments_of(customers.patterns, labels, t.codes[:, :-1])) for t in bands)
    protected = protected_counts(engine, collected, labels, k, customers.recipe.sensitive)
    sample = collected.sample or take_sample(engine, collected.matched, customers.patterns.cleaning)
    values = segment_value_counts(engine, collected, sample, labels)
    measured = len(measured_outcomes(sample.matched.recipe))
    design = design_sums(engine, collected, labels, k)
    return Reading(strata, protected, values[:measured], values[measured:], sample, design)


def can_assign(customers: Customers) -> bool:
    """Return whether there are rows to assign, and an id or a number to tell them apart."""
    engine = customers.source.engine
    return engine is not None and can_tell_customers(engine, customers.recipe)


def assign_customers_to_file(customers: Customers, partition: Partition, path: Path) -> None:
    """Write id, segment and certainty of every customer to a Parquet file."""
    engine, collected = customers.source.engine, customers.collected
    assert engine is not None and collected is not None  # noqa: S101, PT018 - see `can_assign`
    register_segments(engine, collected, partition.labels, partition.certainty)
    write_parquet(engine, assignments_query(with_id(collected)), customers.patterns, path)


def read_histograms(customers: Customers, partition: Partition, sample: Sample | None) -> pd.DataFrame | None:
    """Count the raw values behind the numeric features by segment; None for a pattern table."""
    engine, collected = customers.source.engine, customers.collected
    if engine is None or collected is None or sample is None:
        return None
    register_segments(engine, collected, partition.labels, partition.certainty)
    return count_raw_values(engine, sample.matched)
