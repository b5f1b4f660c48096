"""Profile of a partition: every table about who the segments are and what they do, and the segments themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats
from segmentry.disclosure import MODEL_FILE, Policy
from segmentry.patterns import PatternTable
from segmentry.profiling import (
    Insights,
    Note,
    SegmentedPatterns,
    SegmentName,
    design_notes,
    design_table,
    difference_effects,
    feature_table,
    id_notes,
    insights_of,
    kept_name,
    level_names,
    most_frequent,
    n_comparisons,
    outcome_notes,
    outcome_table,
    ranking_alone,
    segment_names,
    spoken_code,
    strata_table,
    targeting_table,
    unique_names,
    with_quartiles,
)
from segmentry.recipe import Recipe
from segmentry.recipe.levels import modelled_fine
from segmentry.recipe.models import GivenName
from segmentry.recipe.timing import outcome_timing
from segmentry.runs.given_names import with_given_names, with_unused_said
from segmentry.runs.partition import Partition
from segmentry.runs.previous import migration_table, with_migration_said
from segmentry.runs.reading import Reading
from segmentry.segmentation import Segment
from segmentry.selection import Choice
from segmentry.selection.missing_values import missing_value_sensitivity
from segmentry.sql.encode import feature_value
from segmentry.sql.expressions import columns_of
from segmentry.text.words import listed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Profile:
    """The segments with their tables and notes, as `Segmentation` has them."""

    segments: tuple[Segment, ...]
    choice: Choice
    features: pd.DataFrame
    outcomes: pd.DataFrame
    strata: pd.DataFrame
    targeting: pd.DataFrame
    missing: pd.DataFrame
    migration: pd.DataFrame
    design: pd.DataFrame
    n_comparisons: int
    notes: tuple[Note, ...]
    insights: Insights


def profile_segments(
    recipe: Recipe,
    patterns: PatternTable,
    partition: Partition,
    reading: Reading | None,
    policy: Policy,
) -> Profile:
    """Profile the segments of a partition.

    Parameters
    ----------
    recipe
        Recipe with every level filled in.
    patterns
        Pattern table, with its sums by halves where it has any.
    partition
        Segments of the patterns.
    reading
        What else was read of the table; None before it was, without what is judged by it: strata, missing values, notes.
    policy
        What may be shown of few customers. Its floor, or that of model files, is the smallest number of customers who
        move that the reason of the choice gives.
    """
    import pandas as pd

    k, shown, is_read = partition.choice.k, patterns.as_shown(), reading is not None
    reading = reading or Reading()
    segmented = SegmentedPatterns(shown, partition.labels, k, reading.design)
    features = with_quartiles(feature_table(segmented), reading.numbers, k)
    outcomes = outcome_table(
        segmented,
        correction=_correction(partition),
        certainty=segmented.mean_by_segment(partition.certainty),
        counts=reading.values,
        timing=outcome_timing(recipe),
    )
    strata = _strata(recipe, segmented, reading, outcomes) if is_read else pd.DataFrame()
    design = design_table(segmented)
    names = _names(segmented, partition, recipe.names)
    segments = _segments(shown, partition, names)
    targeting = targeting_table(segmented, outcomes)
    tables = {"features": features, "outcomes": outcomes, "targeting": targeting}
    missing, missing_notes = _missing(recipe, patterns, partition) if is_read else (pd.DataFrame(), ())
    choice, previous = partition.choice, partition.previous
    choice = with_unused_said(choice, names, recipe.names)
    if previous is not None:
        choice = with_migration_said(choice, previous, max(policy.floor, MODEL_FILE.floor))
    return Profile(
        segments=segments,
        choice=choice,
        features=features,
        outcomes=outcomes,
        strata=strata,
        targeting=targeting,
        missing=missing,
        migration=pd.DataFrame() if previous is None else migration_table(previous, segments),
        design=design,
        n_comparisons=n_comparisons(outcomes),
        notes=(
            *_notes(recipe, patterns, reading, outcomes, strata),
            *missing_notes,
            *_median_notes(recipe, patterns, reading),
            *design_notes(segmented, design, recipe.source.design),
        )
        if is_read
        else (),
        insights=insights_of(
            segmented,
            names,
            tables,
            _sensitive(recipe, reading.protected),
            recipe.headline_outcome.name if recipe.headline_outcome is not None else "",
        ),
    )


def _median_notes(recipe: Recipe, patterns: PatternTable, reading: Reading) -> tuple[Note, ...]:
    """Note of which numbers a pattern table tells no medians, because it holds no finer levels than are shown."""
    known, names = {numbers.outcome for numbers in reading.numbers}, modelled_fine(recipe)
    without = [f.label for f in patterns.features if f.name in names and f.name not in known]
    if not without:
        return ()
    text = (
        f"No median of {listed(without)}: the pattern table holds no finer levels than those that are shown. "
        "`segmentry collect` with this recipe makes one that does, where there are more values."
    )
    return (Note("medians", (), text),)


def glance_profile(recipe: Recipe, patterns: PatternTable, partition: Partition) -> Profile:
    """Profile the segments with the few outcomes of a pattern table that the table at a glance shows."""
    import pandas as pd

    none, shown = pd.DataFrame(), patterns.as_shown()
    segmented = SegmentedPatterns(shown, partition.labels, partition.choice.k)
    outcomes = outcome_table(segmented, is_compared=False)
    return Profile(
        segments=_segments(shown, partition, _names(segmented, partition, recipe.names)),
        choice=partition.choice,
        features=feature_table(segmented),
        outcomes=outcomes,
        strata=none,
        targeting=none,
        missing=none,
        migration=none,
        design=none,
        n_comparisons=0,
        notes=(),
        insights=ranking_alone(segmented),
    )


def _notes(
    recipe: Recipe, patterns: PatternTable, reading: Reading, outcomes: pd.DataFrame, strata: pd.DataFrame
) -> tuple[Note, ...]:
    called = {f.name: f.label for f in patterns.features}
    found = outcome_notes(
        outcomes,
        strata,
        reading.values,
        {o.name: o.label for o in patterns.outcomes},
        {**called, **{band.name: band.title for band in recipe.bands}},
        patterns.fold_share,
    )
    return (*id_notes(patterns.cleaning), *found)


def _strata(
    recipe: Recipe, segmented: SegmentedPatterns, reading: Reading, outcomes: pd.DataFrame
) -> pd.DataFrame:
    """Compute differences within the levels of features and of bands."""
    import pandas as pd

    strata = strata_table(segmented, outcomes, recipe.named_strata)
    # the sums of the design are of all customers, those without a band included
    effects = None if segmented.design is None else difference_effects(segmented)
    for table, labels in reading.strata:
        of_bands = SegmentedPatterns(table, labels, segmented.n_segments)
        within = strata_table(of_bands, outcomes, (table.features[-1].name,), effects)
        strata = pd.concat([strata, within], ignore_index=True) if len(strata) else within
    return strata


def _missing(
    recipe: Recipe, patterns: PatternTable, partition: Partition
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Compute what other treatments of missing values would change, for latent classes alone."""
    import pandas as pd

    if partition.method != "latent-class":
        return pd.DataFrame(), ()
    as_levels = tuple(f.name for f in recipe.features if f.missing == "level")
    segmented = SegmentedPatterns(patterns, partition.labels, partition.choice.k)
    return missing_value_sensitivity(segmented, as_levels, recipe.model.seed)


def _names(
    segmented: SegmentedPatterns, partition: Partition, given: Sequence[GivenName]
) -> tuple[SegmentName, ...]:
    """Name the segments: as the recipe says, as given, as earlier ones that survive, or by what sets them apart.

    A name that is equal to a given or a kept one gets a number.
    """
    if partition.names:
        return with_given_names([SegmentName(name) for name in partition.names], given)
    made = segment_names(segmented)
    own = unique_names([name.text for name in made])
    called = with_given_names([replace(n, text=text) for n, text in zip(made, own, strict=True)], given)
    kept = {i: kept_name(segmented, i, s.name, s.conditions) for i, s in partition.survivors.items()}
    names = [name if name.named_for else kept.get(i, made[i]) for i, name in enumerate(called)]
    return with_given_names([replace(n, note=c.note) for n, c in zip(names, called, strict=True)], (), kept)


def _correction(partition: Partition) -> Floats | None:
    """Return the weights (row s: of customers assigned to class s); None where there are no latent classes."""
    k, model = partition.choice.k, partition.model
    return None if model is None or k < 2 else model.correction()


def _sensitive(recipe: Recipe, counted: Mapping[str, Floats]) -> dict[str, str | Floats | None]:
    """Return for each protected column the feature that reads it, else its counts by segment, else None."""
    reads = {f.name: columns_of(feature_value(f)) for f in recipe.features}
    return {
        column: next((name for name, columns in reads.items() if column in columns), counted.get(column))
        for column in recipe.sensitive
    }


def _segments(
    patterns: PatternTable, partition: Partition, names: tuple[SegmentName, ...]
) -> tuple[Segment, ...]:
    weight = patterns.sample_weight
    made = []
    for s, name in enumerate(names):
        mine = np.flatnonzero(partition.labels == s)
        total = float(weight[mine].sum())
        certainty = float((partition.certainty[mine] * weight[mine]).sum() / total) if total else 0.0
        made.append(
            Segment(
                id=s + 1,
                name=name.text,
                size=int(patterns.counts[mine].sum()),
                share=total / float(weight.sum()),
                certainty=certainty,
                typical=_typical(patterns, most_frequent(patterns, mine)) if len(mine) else (),
                label=partition.names[s] if partition.names else None,
                conditions=name.conditions,
                name_share=name.share,
                named_for=name.named_for,
                note=name.note,
            )
        )
    return tuple(made)


def _typical(patterns: PatternTable, row: int) -> tuple[str, ...]:
    codes = patterns.codes[row].tolist()
    words = level_names(patterns)
    return tuple(
        spoken_code(words, feature, code) for feature, code in zip(patterns.features, codes, strict=True)
    )
