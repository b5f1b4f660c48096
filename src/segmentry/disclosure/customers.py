"""Rules for other counts of customers: cleaning steps, pairs of segments, migration, the population."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats
from segmentry.disclosure.suppression import small_cells, withheld_cells, withheld_parts
from segmentry.patterns import Cleaning, CleaningStep, OutcomeInfo
from segmentry.profiling import ContactDependence, Population
from segmentry.selection import Evidence, SegmentPair

if TYPE_CHECKING:
    import pandas as pd


def shown_cleaning(cleaning: Cleaning, floor: int) -> Cleaning:
    """Return the cleaning without small counts; rows that such a step dropped are then not counted as read."""
    steps, unread = [], 0
    for step in cleaning.steps:
        if not 0 < step.n_rows < floor:
            steps.append(step)
            continue
        unread += step.n_rows if step.leaves_out else 0
        why = f"fewer than {floor} customers; how many is withheld" + (f". {step.why}" if step.why else "")
        steps.append(CleaningStep(step.step, step.what, 0, why))
    return Cleaning(cleaning.n_rows - unread, tuple(steps))


def shown_evidence(evidence: Evidence | None, floor: int, hidden: Set[str] = frozenset()) -> Evidence | None:
    """Return the evidence with 0 in place of small numbers of customers between two segments, exchanged, moved, or contacted elsewhere.

    Of outcomes with `hidden` figures, whose sets of segments rest on these, it does not say whom other analyses contact.
    """
    if evidence is None:
        return None
    choices = evidence.choices
    if choices is not None:
        least = floor / evidence.n_customers
        analyses = tuple(replace(one, moved=0.0) if one.moved < least else one for one in choices.analyses)
        contacts = tuple(_shown_contacts(one, least) for one in choices.contacts if one.outcome not in hidden)
        choices = replace(choices, analyses=analyses, contacts=contacts)
    pairs = tuple(_shown_pair(pair, floor) for pair in evidence.pairs)
    return replace(evidence, pairs=pairs, choices=choices)


def _shown_contacts(found: ContactDependence, least: float) -> ContactDependence:
    """Return it without small shares of all customers: inside the set or outside it, contacted in other analyses or not.

    Those of a small part count with the other part of the set's customers, or of the others.
    """

    def shown(value: float | None, most: float) -> float | None:
        if value is None:
            return None
        return 0.0 if value * found.share < least else most if (most - value) * found.share < least else value

    outside = (1 - found.share) / found.share if found.share else 0.0
    by_analysis = tuple(
        replace(one, kept=shown(one.kept, 1.0), added=shown(one.added, outside)) for one in found.by_analysis
    )
    return replace(found, by_analysis=by_analysis)


def _shown_pair(pair: SegmentPair, floor: int) -> SegmentPair:
    if 0 < pair.n_between < floor:
        pair = replace(pair, n_between=0.0, share_between=0.0)
    return replace(pair, exchanged=0.0, share_exchanged=0.0) if 0 < pair.exchanged < floor else pair


def shown_migration(table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Return the table of migration without small counts, and without counts from which they could be computed."""
    if not len(table):
        return table
    counts = table.pivot_table(index="previous_segment", columns="segment", values="customers", fill_value=0)
    withheld = withheld_cells(np.rint(counts.to_numpy(np.float64)).astype(np.int64), floor)
    row = counts.index.get_indexer(table["previous_segment"])
    column = counts.columns.get_indexer(table["segment"])
    hidden = withheld[row, column]
    return table.assign(customers=table["customers"].mask(hidden), share=table["share"].mask(hidden))


def shown_population(
    found: Population,
    cleaning: Cleaning,
    withheld: pd.DataFrame,
    outcomes: tuple[OutcomeInfo, ...],
    floor: int,
) -> Population:
    """Return the population without small counts.

    Parameters
    ----------
    found
        Complete population.
    cleaning
        Cleaning as it is shown.
    withheld
        Segment and outcome of the withheld rows of the table of outcomes.
    outcomes
        Outcomes in the population's order.
    floor
        Smallest count that may be shown.
    """
    small = small_cells(found.n_values, floor)
    names = [o.name for o in outcomes]
    for segment, outcome in withheld.itertuples(index=False):
        small[segment - 1, names.index(outcome)] = True
    few = small_cells(found.complete, floor)
    return replace(
        found,
        n_rows=cleaning.n_rows,
        n_dropped=cleaning.n_dropped,
        segments=np.where(small_cells(found.segments, floor), 0.0, found.segments),
        levels=tuple(np.where(withheld_parts(cells, floor), np.nan, cells) for cells in found.levels),
        complete=np.where(few, 0.0, found.complete),
        misfit=np.where(few, 0.0, found.misfit),
        misfit_variance=np.where(few, 0.0, found.misfit_variance),
        n_values=np.where(small, np.nan, found.n_values),
        means=np.where(small, np.nan, found.means),
        variances=np.where(small, np.nan, found.variances),
        beyond=_shown_beyond(found, floor),
    )


def _shown_beyond(found: Population, floor: int) -> Floats:
    """Return the customers beyond limits of the misfit; none where few lie between two limits, or beyond the last."""
    if not len(found.beyond):
        return found.beyond
    between = np.diff(np.concatenate([[0.0], found.beyond[::-1], [found.complete.sum()]]))
    return np.where(small_cells(between, floor).any(), np.nan, found.beyond)
