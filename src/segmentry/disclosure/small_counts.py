"""What a model file leaves out by default: counts of one to four customers, and what they could be computed from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Floats
from segmentry.disclosure.withholding import reduce_tables, without_few
from segmentry.patterns import Cleaning, CleaningStep, PatternTable
from segmentry.profiling import Note, Population
from segmentry.segmentation import Segmentation
from segmentry.segmentation.plain_values import Withheld

SAVED_FLOOR = 5
"""A model file holds no count of customers below this."""

NOTE = Note(
    "withheld",
    (),
    f"Made from the saved model, which holds no count of fewer than {SAVED_FLOOR} customers: such figures are missing here, shares "
    f"of customers by certainty and the map are of patterns of {SAVED_FLOOR} customers or more, and histograms and insights are left "
    "out. The report that the run left has everything.",
)
"""Says in a loaded segmentation's report what it lacks."""


def without_small_counts(result: Segmentation) -> tuple[Segmentation, Withheld | None]:
    """Return what may be saved of a segmentation, and what that leaves out.

    Nothing is changed where `min_cell` was asked for, which decides more strictly and for every file, nor in a
    segmentation that was loaded from such a file.
    """
    if result.min_cell is not None or result.withheld is not None:
        return result, result.withheld
    reduced, n_rows, n_cells = reduce_tables(result, SAVED_FLOOR)
    reduced = replace(reduced, notes=(*reduced.notes, NOTE))
    evidence = result.evidence
    if evidence is not None:
        evidence = replace(evidence, pairs=tuple(without_few(pair, SAVED_FLOOR) for pair in evidence.pairs))
    reduced = replace(
        reduced,
        segments=tuple(
            replace(s, size=0, share=0.0) if 0 < s.size < SAVED_FLOOR else s for s in reduced.segments
        ),
        cleaning=cleaning_without(result.cleaning),
        evidence=evidence,
        population=_population(result, reduced),
    )
    patterns, labels, certainty = result.patterns, result.labels, result.certainty
    if patterns is None or labels is None:
        return reduced, Withheld(SAVED_FLOOR, 0, 0, n_rows + n_cells)
    kept = np.flatnonzero(patterns.counts >= SAVED_FLOOR)
    left = patterns.take(kept).without_outcomes()
    reduced = replace(
        reduced,
        patterns=left,
        labels=labels[kept],
        certainty=None if certainty is None else certainty[kept],
    )
    return reduced, _withheld(patterns, left, n_rows + n_cells)


def _withheld(whole: PatternTable, left: PatternTable, n_cells: int) -> Withheld:
    return Withheld(
        SAVED_FLOOR, whole.n_patterns - left.n_patterns, whole.n_customers - left.n_customers, n_cells
    )


def cleaning_without(cleaning: Cleaning) -> Cleaning:
    """Return the steps without small counts; rows that such a step dropped are then not counted as read."""
    steps, unread = [], 0
    for step in cleaning.steps:
        if not 0 < step.n_rows < SAVED_FLOOR:
            steps.append(step)
            continue
        unread += step.n_rows if step.what == "dropped" else 0
        why = f"fewer than {SAVED_FLOOR} customers; how many is withheld" + (
            f". {step.why}" if step.why else ""
        )
        steps.append(CleaningStep(step.step, step.what, 0, why))
    return Cleaning(cleaning.n_rows - unread, tuple(steps))


def hidden_levels(counts: Floats) -> npt.NDArray[np.bool_]:
    """Find the counts (n,) that must not be shown beside their sum: two at least, with `SAVED_FLOOR` customers together.

    Examples
    --------
    >>> hidden_levels(np.array([2.0, 30.0, 9.0, 0.0])).astype(int)
    array([1, 0, 1, 0])
    """
    hidden = (counts > 0) & (counts < SAVED_FLOOR)
    while hidden.any() and not hidden.all() and (hidden.sum() < 2 or counts[hidden].sum() < SAVED_FLOOR):
        hidden[np.where(hidden, np.inf, np.where(counts > 0, counts, 1e300)).argmin()] = True
    return hidden


def _population(result: Segmentation, reduced: Segmentation) -> Population | None:
    """The population without small counts; what the table of outcomes withholds is not in it, either."""
    found = result.population
    if found is None or result.patterns is None:
        return None
    cleaning = cleaning_without(result.cleaning)
    small = (found.n_values > 0) & (found.n_values < SAVED_FLOOR)
    names = [o.name for o in result.patterns.outcomes]
    table = reduced.outcomes
    if len(table):
        for segment, outcome in table.loc[table["is_withheld"], ["segment", "outcome"]].itertuples(
            index=False
        ):
            small[segment - 1, names.index(outcome)] = True
    few = (found.complete > 0) & (found.complete < SAVED_FLOOR)
    return replace(
        found,
        n_rows=cleaning.n_rows,
        n_dropped=cleaning.n_dropped,
        segments=_zero_if_small(found.segments),
        levels=tuple(np.where(hidden_levels(cells), np.nan, cells) for cells in found.levels),
        complete=np.where(few, 0.0, found.complete),
        misfit=np.where(few, 0.0, found.misfit),
        misfit_variance=np.where(few, 0.0, found.misfit_variance),
        n_values=np.where(small, np.nan, found.n_values),
        means=np.where(small, np.nan, found.means),
        variances=np.where(small, np.nan, found.variances),
    )


def _zero_if_small(counts: Floats) -> Floats:
    return np.where((counts > 0) & (counts < SAVED_FLOOR), 0.0, counts)
