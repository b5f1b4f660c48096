"""Rules for notes: those that may count few customers are left out, and a further note says what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmentry.disclosure.policy import Policy
from segmentry.patterns import Cleaning
from segmentry.profiling import Note, id_notes, reversal_notes
from segmentry.segmentation import Segmentation

if TYPE_CHECKING:
    import pandas as pd


def shown_notes(result: Segmentation, cleaning: Cleaning, strata: pd.DataFrame) -> tuple[Note, ...]:
    """Return the notes without those that may count few customers, and the reversals among the shown differences."""
    timing = tuple(note for note in result.notes if note.kind in ("timing", "design"))
    outcomes = {c.name: c.label for g in result.recipe.outcomes for c in g.columns}
    features = {f.name: f.title for f in (*result.recipe.features, *result.recipe.bands)}
    return (*id_notes(cleaning), *timing, *reversal_notes(strata, outcomes, features))


def withheld_note(policy: Policy, n_rows: int, n_cells: int, *, has_model: bool) -> Note:
    """Return the note that says what is withheld: `n_rows` figures of outcomes and `n_cells` of features."""
    floor = policy.floor
    if not policy.is_for_every_file:
        text = (
            f"Made from the saved model, which holds no count of fewer than {floor} customers: such figures are missing here, "
            f"shares of customers by certainty and the map are of patterns of {floor} customers or more, and histograms and "
            "insights are left out. The report that the run wrote has everything."
        )
        return Note("withheld", (), text)
    model = "" if has_model else ", and the model, whose centres would give levels away"
    text = (
        f"Figures of fewer than {floor} customers are withheld, and enough others that they cannot be computed: "
        f"{n_rows or 'none'} of the figures of outcomes, {n_cells or 'none'} of those of features, all patterns{model}."
    )
    return Note("withheld", (), text)
