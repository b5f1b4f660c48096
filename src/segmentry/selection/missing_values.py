"""What would be different if customers with missing values were treated in another way."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats, Labels, Mask
from segmentry.errors import SegmentryWarning
from segmentry.patterns import PatternTable, joined_positions
from segmentry.patterns.cross_tables import cross_table
from segmentry.profiling import Note, SegmentedPatterns
from segmentry.selection.stability import match_segments
from segmentry.text.numbers import count, percent, points

if TYPE_CHECKING:
    import pandas as pd

TREATMENTS = ("marginalised", "level", "dropped")
MAX_REFITTED_PATTERNS = 5_000
"""Tables with more patterns are not fitted again."""
MISSING_COLUMNS = (
    "treatment",
    "is_chosen",
    "segment",
    "share",
    "moved",
    "outcome",
    "role",
    "value",
    "change",
)
_STARTS = 10
_TREATMENT_TEXTS = {
    "marginalised": "left open",
    "level": "kept as a level of their own",
    "dropped": "dropped",
}


@dataclass(frozen=True)
class _TreatedSegments:
    """Segments under one treatment of missing values.

    Attributes
    ----------
    treatment
        Name of the treatment.
    kept
        (n_patterns,) whether the treatment keeps the pattern.
    labels
        (n_kept,) segment of each pattern that is kept, numbered as under the chosen treatment.
    """

    treatment: str
    kept: Mask
    labels: Labels

    def moved(self, chosen: SegmentedPatterns) -> float:
        """Return the share of the kept customers that are in another segment than under the chosen treatment."""
        weights = chosen.patterns.sample_weight[self.kept]
        return float(weights[self.labels != chosen.labels[self.kept]].sum() / weights.sum())

    def segmented(self, chosen: SegmentedPatterns) -> SegmentedPatterns:
        """Return the patterns that are kept, with their segments."""
        return SegmentedPatterns(
            chosen.patterns.take(np.flatnonzero(self.kept)), self.labels, chosen.n_segments
        )


def missing_value_sensitivity(
    segmented: SegmentedPatterns, level_features: tuple[str, ...], seed: int
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Fit latent classes again with missing values marginalised, as a level, and dropped.

    Parameters
    ----------
    segmented
        Pattern table with its segments. A missing value is -1, or the last level of the features in `level_features`.
    level_features
        Names of the features whose missing values are a level.
    seed
        Seed of the random starts.

    Returns
    -------
    table, notes
        A row per treatment, segment and outcome: ``is_chosen``; ``share`` of the segment; ``moved``, the share
        of all customers kept that are in another segment than with the chosen treatment; ``value``, and its
        ``change`` from the chosen one. And the sentence that sums it up. Both are empty where nothing is
        missing, there is one segment, or there are more than `MAX_REFITTED_PATTERNS` patterns.
    """
    import pandas as pd

    patterns = segmented.patterns
    is_missing = _is_missing(patterns, level_features)
    rows = np.asarray(is_missing.any(axis=1))
    is_large = patterns.n_patterns > MAX_REFITTED_PATTERNS
    if not rows.any() or rows.all() or segmented.n_segments < 2 or is_large:
        return pd.DataFrame(columns=list(MISSING_COLUMNS)), ()
    chosen = "level" if level_features else "marginalised"
    treated = [
        _TreatedSegments(chosen, np.ones(len(rows), bool), segmented.labels)
        if treatment == chosen
        else _fit_again(segmented, is_missing, treatment, seed)
        for treatment in TREATMENTS
    ]
    table = _table(segmented, treated, chosen)
    moved = {each.treatment: each.moved(segmented) for each in treated if each.treatment != chosen}
    n_missing = int(patterns.counts[rows].sum())
    return table, (_note(table, moved, n_missing, patterns.n_customers, chosen),)


def _is_missing(patterns: PatternTable, level_features: tuple[str, ...]) -> Mask:
    """Say (n_patterns, n_features) which values are missing."""
    codes = np.asarray(patterns.codes)
    is_level = np.array([f.name in level_features for f in patterns.features])
    last = np.array([len(f.levels) - 1 for f in patterns.features])
    return np.asarray((codes < 0) | (is_level & (codes == last)))


def _fit_again(segmented: SegmentedPatterns, is_missing: Mask, treatment: str, seed: int) -> _TreatedSegments:
    from segmentry.cluster import LatentClassModel

    patterns, k = segmented.patterns, segmented.n_segments
    codes = np.asarray(patterns.codes, np.int32)
    kept = np.asarray(~is_missing.any(axis=1) if treatment == "dropped" else np.ones(len(codes), bool))
    own_level = np.array([len(f.levels) for f in patterns.features], np.int32)
    codes = np.where(is_missing, own_level if treatment == "level" else -1, codes)[kept]
    weights = patterns.effective_weight[kept]
    is_ordered = np.array([f.distribution == "ordered" for f in patterns.features])
    if treatment == "level":  # which has no place in an order
        is_ordered &= ~is_missing.any(axis=0)
    distributions = np.where(is_ordered, "ordered", "levels") if is_ordered.any() else None
    model = LatentClassModel(
        k,
        n_init=_STARTS,
        distributions=distributions,
        joined=joined_positions(patterns.features) or None,
        missing_value=-1,
        random_state=seed,
    )
    model.counts_starts = False
    with warnings.catch_warnings():  # warnings about a refit are not about the result's model
        warnings.simplefilter("ignore", SegmentryWarning)
        found = model.fit(codes, sample_weight=weights).predict(codes)
    partner = match_segments(cross_table((found, k), (segmented.labels[kept], k), weights))
    return _TreatedSegments(treatment, kept, np.asarray(partner[found], np.intp))


def _table(segmented: SegmentedPatterns, treated: list[_TreatedSegments], chosen: str) -> pd.DataFrame:
    import pandas as pd

    k, outcomes = segmented.n_segments, segmented.patterns.outcomes
    base = _values(segmented)
    frames = []
    for each in treated:
        found = each.segmented(segmented)
        value, weights = _values(found), found.patterns.sample_weight
        columns = {
            "treatment": each.treatment,
            "is_chosen": each.treatment == chosen,
            "segment": np.repeat(np.arange(1, k + 1), len(outcomes)),
            "share": np.repeat(found.weights / weights.sum(), len(outcomes)),
            "moved": each.moved(segmented),
            "outcome": np.tile([o.name for o in outcomes], k),
            "role": np.tile([o.role for o in outcomes], k),
            "value": value.ravel(),
            "change": (value - base).ravel(),
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)[list(MISSING_COLUMNS)]


def _values(segmented: SegmentedPatterns) -> Floats:
    """Return the rates and means (n_segments, n_outcomes)."""
    if not segmented.patterns.outcomes:
        return np.zeros((segmented.n_segments, 0))
    sums = segmented.sum_by_segment(segmented.patterns.sums)
    weights = segmented.sum_by_segment(segmented.patterns.weight_of_values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weights > 0, sums / weights, np.nan)


def _note(
    table: pd.DataFrame, moved: dict[str, float], n_missing: int, n_customers: int, chosen: str
) -> Note:
    parts = []
    for treatment, share in moved.items():
        text = f"{_TREATMENT_TEXTS[treatment]}, {percent(share)} of customers change segment"
        is_rate = (table["treatment"] == treatment) & (table["role"] == "flags")
        rates = table.loc[is_rate, "change"].abs()
        if rates.notna().any():
            text += f" and no rate changes by more than {points(rates.max()).removeprefix('+')} points"
        parts.append(text)
    return Note(
        "missing",
        (),
        f"{count(n_missing)} customers ({percent(n_missing / n_customers)}) lack the value of a feature, which is "
        f"{_TREATMENT_TEXTS[chosen]}. If they were {'; if they were '.join(parts)}.",
    )
