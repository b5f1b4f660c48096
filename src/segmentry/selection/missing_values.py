"""What would be different if customers with missing values were treated in another way."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.arrays import Labels
from segmentry.errors import SegmentryWarning
from segmentry.patterns import PatternTable
from segmentry.profiling import Note
from segmentry.text.numbers import format_number

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
_WORDS = {
    "marginalised": "left open",
    "level": "kept as a level of their own",
    "dropped": "dropped",
}


@dataclass(frozen=True)
class _Fit:
    """One treatment: segments of the patterns that it keeps, numbered as the chosen one's."""

    treatment: str
    kept: npt.NDArray[np.bool_]
    labels: Labels

    def moved(self, patterns: PatternTable, chosen: Labels) -> float:
        """The share of the kept customers that are in another segment than with the chosen treatment."""
        weights = patterns.sample_weight[self.kept]
        return float(weights[self.labels != chosen[self.kept]].sum() / weights.sum())


def missing_value_sensitivity(
    patterns: PatternTable, labels: Labels, n_segments: int, level_features: tuple[str, ...], seed: int
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Fit latent classes again with missing values marginalised, as a level, and dropped.

    Parameters
    ----------
    patterns
        The pattern table: -1 is missing, or the last level of the features in `level_features`.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    n_segments
        How many segments there are.
    level_features
        Names of the features whose missing values are a level.
    seed
        Of the random starts.

    Returns
    -------
    table, notes
        A row per treatment, segment and outcome: ``is_chosen``; ``share`` of the segment; ``moved``, the share
        of all customers kept that are in another segment than with the chosen treatment; ``value``, and its
        ``change`` from the chosen one. And the sentence that sums it up. Both are empty where nothing is
        missing, there is one segment, or there are more than `MAX_REFITTED_PATTERNS` patterns.
    """
    import pandas as pd

    nothing = pd.DataFrame(columns=list(MISSING_COLUMNS))
    is_missing = _missing(patterns, level_features)
    rows = np.asarray(is_missing.any(axis=1))
    if not rows.any() or rows.all() or n_segments < 2 or patterns.n_patterns > MAX_REFITTED_PATTERNS:
        return nothing, ()
    chosen = "level" if level_features else "marginalised"
    fits = [
        _Fit(chosen, np.ones(len(rows), bool), labels)
        if treatment == chosen
        else _fit(patterns, labels, n_segments, is_missing, treatment, seed)
        for treatment in TREATMENTS
    ]
    table = _table(patterns, labels, n_segments, fits, chosen)
    moved = {fit.treatment: fit.moved(patterns, labels) for fit in fits if fit.treatment != chosen}
    return table, (_note(table, moved, patterns, rows, chosen),)


def _missing(patterns: PatternTable, level_features: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """(n_patterns, n_features) whether the value is missing."""
    codes = np.asarray(patterns.codes)
    is_level = np.array([f.name in level_features for f in patterns.features])
    last = np.array([len(f.levels) - 1 for f in patterns.features])
    return np.asarray((codes < 0) | (is_level & (codes == last)))


def _fit(
    patterns: PatternTable,
    labels: Labels,
    n_segments: int,
    is_missing: npt.NDArray[np.bool_],
    treatment: str,
    seed: int,
) -> _Fit:
    from segmentry.cluster import LatentClassModel

    codes = np.asarray(patterns.codes, np.int32)
    kept = np.asarray(~is_missing.any(axis=1) if treatment == "dropped" else np.ones(len(codes), bool))
    own_level = np.array([len(f.levels) for f in patterns.features], np.int32)
    codes = np.where(is_missing, own_level if treatment == "level" else -1, codes)[kept]
    weights = patterns.sample_weight[kept]
    model = LatentClassModel(n_segments, n_init=_STARTS, missing_value=-1, random_state=seed)
    with warnings.catch_warnings():  # warnings about a refit are not about the result's model
        warnings.simplefilter("ignore", SegmentryWarning)
        found = model.fit(codes, sample_weight=weights).predict(codes)
    return _Fit(treatment, kept, _renumbered(found, labels[kept], weights, n_segments))


def _renumbered(found: Labels, labels: Labels, weights: npt.NDArray[np.float64], n_segments: int) -> Labels:
    """Number segments as those that share most customers with them (Hungarian method)."""
    from scipy.optimize import linear_sum_assignment

    shared = np.bincount(found * n_segments + labels, weights, minlength=n_segments**2)
    partner = linear_sum_assignment(shared.reshape(n_segments, n_segments), maximize=True)[1]
    return np.asarray(partner[found], np.intp)


def _table(
    patterns: PatternTable, labels: Labels, n_segments: int, fits: list[_Fit], chosen: str
) -> pd.DataFrame:
    import pandas as pd

    base = _values(patterns, next(f for f in fits if f.treatment == chosen), n_segments)
    frames = []
    for fit in fits:
        weights = patterns.sample_weight[fit.kept]
        value = _values(patterns, fit, n_segments)
        share = np.bincount(fit.labels, weights, minlength=n_segments) / weights.sum()
        n_outcomes = len(patterns.outcomes)
        columns = {
            "treatment": fit.treatment,
            "is_chosen": fit.treatment == chosen,
            "segment": np.repeat(np.arange(1, n_segments + 1), n_outcomes),
            "share": np.repeat(share, n_outcomes),
            "moved": fit.moved(patterns, labels),
            "outcome": np.tile([o.name for o in patterns.outcomes], n_segments),
            "role": np.tile([o.role for o in patterns.outcomes], n_segments),
            "value": value.ravel(),
            "change": (value - base).ravel(),
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)[list(MISSING_COLUMNS)]


def _values(patterns: PatternTable, fit: _Fit, n_segments: int) -> npt.NDArray[np.float64]:
    """(n_segments, n_outcomes) rates and means."""
    totals = np.zeros((2, n_segments, len(patterns.outcomes)))
    np.add.at(totals[0], fit.labels, patterns.sums[fit.kept])
    np.add.at(totals[1], fit.labels, patterns.weight_of_values[fit.kept])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(totals[1] > 0, totals[0] / totals[1], np.nan)


def _note(
    table: pd.DataFrame,
    moved: dict[str, float],
    patterns: PatternTable,
    rows: npt.NDArray[np.bool_],
    chosen: str,
) -> Note:
    n_missing = int(patterns.counts[rows].sum())
    parts = []
    for treatment, share in moved.items():
        text = f"{_WORDS[treatment]}, {format_number(share, '.1%')} of customers change segment"
        is_rate = (table["treatment"] == treatment) & (table["role"] == "flags")
        rates = table.loc[is_rate, "change"].abs()
        if rates.notna().any():
            text += f" and no rate changes by more than {format_number(100 * rates.max(), '.1f')} points"
        parts.append(text)
    return Note(
        "missing",
        (),
        f"{format_number(n_missing, ',')} customers ({format_number(n_missing / patterns.n_customers, '.1%')}) lack the value of a feature, which is "
        f"{_WORDS[chosen]}. If they were {'; if they were '.join(parts)}.",
    )
