"""A segmentation without the figures of few customers, nor any from which they could be computed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.errors import DataError
from segmentry.profile import Note, small_cells, withheld_cells, withheld_rows
from segmentry.segmentation import Segment, Segmentation

if TYPE_CHECKING:
    import pandas as pd

_KEYS = {"segment", "group", "outcome", "role", "base_value", "base_mix", "timing", "break_even"}
_MIX = ["mix", "mix_index"]
_CORRECTED = ["corrected", "corrected_se", "corrected_low", "corrected_high"]
_FEATURE_KEYS = {"segment", "feature", "level", "base_share"}


def withhold(result: Segmentation, min_cell: int | None) -> Segmentation:
    """Withhold every figure that rests on fewer customers than `min_cell`, and what would give it away.

    Nothing is changed where `min_cell` is None. The patterns are withheld as a whole, with the map that is
    drawn of them. Figures that stay are those of the complete table.

    Parameters
    ----------
    result
        A segmentation whose outcomes and features are complete.
    min_cell
        The smallest number of customers that may be shown, from 2.

    Raises
    ------
    DataError
        `min_cell` is not a whole number from 2, or a segment has fewer customers than that.
    """
    if min_cell is None:
        return result
    _check(result, min_cell)
    reduced, n_rows, n_cells = reduce_tables(result, min_cell)
    has_means = result.method == "k-means" and n_cells > 0  # means of codes give a yes/no level's share away
    withheld = replace(
        reduced,
        min_cell=min_cell,
        notes=(*reduced.notes, _note(min_cell, n_rows, n_cells, has_model=not has_means)),
        patterns=None,
        labels=None,
        certainty=None,
        population=None,
    )
    return replace(withheld, core=None) if has_means else withheld


def reduce_tables(result: Segmentation, least: int) -> tuple[Segmentation, int, int]:
    """Return the segmentation with tables, notes and segments without small counts, and how many are withheld.

    These are rows of outcomes and cells of features. What only the report shows and cannot be reduced is left out.
    """
    rows, bases = _hidden_outcomes(result, least)
    features, n_cells = _features(result, least)
    reduced = replace(
        result,
        features=features,
        outcomes=_outcomes(result.outcomes, rows, bases, least),
        targeting=_targeting(result.targeting, rows, bases),
        strata=_strata(result.strata, rows),
        missing=result.missing.iloc[:0],
        splits=result.splits.iloc[:0],
        histograms=result.histograms.iloc[:0],
        migration=_migration(result.migration, least),
        insights=None,
        selection=_selection(result.selection, result.n_customers, least),
        segments=_without_rare_patterns(result, least),
        notes=_notes(result),
    )
    return reduced, len(rows), n_cells


def _check(result: Segmentation, min_cell: int) -> None:
    if not isinstance(min_cell, int) or isinstance(min_cell, bool) or min_cell < 2:
        raise DataError(f"min_cell {min_cell!r}: must be a whole number of customers from 2")
    for segment in result.segments:
        if segment.size < min_cell:
            raise DataError(
                f"min_cell {min_cell}: segment {segment.id} ({segment.name}) has {segment.size} customers; "
                "ask for fewer segments, put it together with another, or lower min_cell"
            )


def _hidden_outcomes(result: Segmentation, min_cell: int) -> tuple[set[tuple[int, str]], set[str]]:
    """(segment, outcome) of the rows to withhold, and the outcomes whose base is small, too."""
    sizes = np.array([s.size for s in result.segments])
    exposed = {c.name for g in result.recipe.outcomes if g.exposure is not None for c in g.columns}
    rows: set[tuple[int, str]] = set()
    bases: set[str] = set()
    for name, table in result.outcomes.groupby("outcome", sort=False):
        n = table["n"].to_numpy(np.int64)
        is_flag = table["role"].iloc[0] == "flags"  # a mean is no count: its customers alone must be enough
        hits = _hits(table["value"], n) if is_flag else n
        counts = np.column_stack([hits, n - hits, sizes - n])
        is_exempt = np.array([False, False, str(name) not in exposed])
        withheld = withheld_rows(counts, min_cell, is_exempt)
        rows |= {(int(s), str(name)) for s in table["segment"][withheld]}
        totals = counts.sum(axis=0)[~is_exempt]
        if ((totals > 0) & (totals < min_cell)).any():
            bases.add(str(name))
    return rows, bases


def _hits(share: pd.Series[float], n: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.rint(np.nan_to_num(share) * n).astype(np.int64)


def _outcomes(
    table: pd.DataFrame, rows: set[tuple[int, str]], bases: set[str], min_cell: int
) -> pd.DataFrame:
    n = table["n"].to_numpy(np.int64)
    have_any = _hits(table["any_share"], n)
    few = small_cells(have_any, min_cell) | small_cells(n - have_any, min_cell)
    table = table.assign(any_share=table["any_share"].mask(few))  # no other figure holds these counts
    table = _blanked(table, _is_in(table, rows), _KEYS)
    names = {name for _, name in rows}
    table.loc[table["outcome"].isin(names), _CORRECTED] = np.nan
    touched = table["is_withheld"].groupby([table["segment"], table["group"]]).transform("any")
    is_unknown = table["outcome"].isin(bases)
    open_group = is_unknown.groupby(table["group"]).transform("any")
    table.loc[touched | open_group, _MIX] = np.nan
    table.loc[open_group, "base_mix"] = np.nan
    table.loc[is_unknown, "base_value"] = np.nan
    return table


def _targeting(table: pd.DataFrame, rows: set[tuple[int, str]], bases: set[str]) -> pd.DataFrame:
    if not len(table) or not {"segment", "outcome"} <= set(table):
        return table
    is_mine = _is_in(table, rows | {(int(s), name) for name in bases for s in table["segment"].unique()})
    table = _blanked(table, is_mine, _KEYS).drop(columns="is_withheld")
    if "decision" in table:
        table.loc[is_mine, "decision"] = "withheld"
    return table


def _strata(table: pd.DataFrame, rows: set[tuple[int, str]]) -> pd.DataFrame:
    """Only the findings, of outcomes of which nothing is withheld: their figures hold counts of levels."""
    if not len(table):
        return table
    names = {name for _, name in rows}
    kept = table[~table["outcome"].isin(names)].reset_index(drop=True)
    everything = np.ones(len(kept), bool)
    return _blanked(kept, everything, {"segment"}).drop(columns="is_withheld")


def _features(result: Segmentation, min_cell: int) -> tuple[pd.DataFrame, int]:
    """The features with small cells withheld; the customers without a known level are a cell of their own."""
    import pandas as pd

    sizes = np.array([s.size for s in result.segments])
    frames = []
    for _, table in result.features.groupby("feature", sort=False):
        counts = _level_counts(result, table)
        n_levels = counts.shape[1]
        all_counts = np.column_stack([counts, sizes - counts.sum(axis=1)])
        is_exempt = np.arange(n_levels + 1) == n_levels
        withheld = withheld_cells(all_counts, min_cell, is_exempt)
        frame = _blanked(table, withheld[:, :-1].ravel(), _FEATURE_KEYS)
        if withheld.all():
            frame["base_share"] = np.nan
        frames.append(frame)
    features = pd.concat(frames, ignore_index=True)
    return features, int(features["is_withheld"].sum())


def _level_counts(result: Segmentation, table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """(n_segments, n_levels) customers, not weights, of one feature."""
    n_segments = len(result.segments)
    n_levels = len(table) // n_segments
    patterns, labels = result.patterns, result.labels
    if patterns is None or labels is None or patterns.weights is None:
        return table["count"].to_numpy(np.float64).reshape(n_segments, n_levels).astype(np.int64)
    position = [f.name for f in patterns.features].index(str(table["feature"].iloc[0]))
    codes = np.asarray(patterns.codes[:, position])
    known = codes >= 0
    cells = labels[known] * n_levels + codes[known]
    flat = np.bincount(cells, patterns.counts[known], minlength=n_segments * n_levels)
    return flat.reshape(n_segments, n_levels).astype(np.int64)


def _selection(table: pd.DataFrame, n_customers: int, min_cell: int) -> pd.DataFrame:
    if "smallest" not in table:
        return table
    return table.assign(smallest=table["smallest"].where(table["smallest"] * n_customers >= min_cell))


def _migration(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """The table of migration without small counts."""
    if not len(table):
        return table
    counts = table.pivot_table(index="previous_segment", columns="segment", values="customers", fill_value=0)
    withheld = withheld_cells(np.rint(counts.to_numpy(np.float64)).astype(np.int64), least)
    row = counts.index.get_indexer(table["previous_segment"])
    column = counts.columns.get_indexer(table["segment"])
    hidden = withheld[row, column]
    return table.assign(customers=table["customers"].mask(hidden), share=table["share"].mask(hidden))


def _without_rare_patterns(result: Segmentation, min_cell: int) -> tuple[Segment, ...]:
    """Segments without their most frequent combination of levels, where few customers have it."""
    if result.patterns is None or result.labels is None:
        return result.segments
    counts = result.patterns.counts
    largest = [int(counts[result.labels == s.id - 1].max(initial=0)) for s in result.segments]
    return tuple(
        s if n >= min_cell else replace(s, typical=()) for s, n in zip(result.segments, largest, strict=True)
    )


def _notes(result: Segmentation) -> tuple[Note, ...]:
    """The notes without those that count customers."""
    return tuple(n for n in result.notes if n.kind in ("timing", "reversal"))


def _note(min_cell: int, n_rows: int, n_cells: int, *, has_model: bool) -> Note:
    model = "" if has_model else ", and the model, whose means would give levels away"
    text = (
        f"Figures of fewer than {min_cell} customers are withheld, and as many others as it takes that they "
        f"cannot be computed: {n_rows} figures of outcomes and {n_cells} of features, all patterns{model}."
    )
    return Note("withheld", (), text)


def _is_in(table: pd.DataFrame, rows: set[tuple[int, str]]) -> npt.NDArray[np.bool_]:
    pairs = zip(table["segment"], table["outcome"], strict=True)
    return np.array([(int(s), str(name)) in rows for s, name in pairs], bool)


def _blanked(table: pd.DataFrame, is_mine: npt.NDArray[np.bool_], keys: set[str]) -> pd.DataFrame:
    """The table with the numbers of some rows missing; a new column says which."""
    table = table.assign(is_withheld=is_mine)
    for name in table.columns:
        if name in keys or name == "is_withheld" or table[name].dtype.kind not in "iufb":
            continue
        if table[name].dtype.kind == "b":
            table[name] = table[name] & ~is_mine
        else:
            table[name] = table[name].astype(np.float64).mask(is_mine)
    return table
