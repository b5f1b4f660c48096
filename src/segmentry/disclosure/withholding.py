"""A segmentation without the figures of few customers, nor any from which they could be computed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segmentry.disclosure.suppression import small_cells, withheld_cells, withheld_rows
from segmentry.engine import LoggedQuery
from segmentry.errors import DataError
from segmentry.profiling import Note, adjust_p_values, id_notes, reversal_notes, segment_names, unique_names
from segmentry.segmentation import Segment, Segmentation
from segmentry.selection import Pair

if TYPE_CHECKING:
    import pandas as pd

_KEYS = {"segment", "group", "outcome", "role", "base_value", "base_mix", "timing", "break_even"}
_MIX = ["mix", "mix_index"]
_CORRECTED = ["corrected", "corrected_se", "corrected_low", "corrected_high"]
_FEATURE_KEYS = {"segment", "feature", "level", "base_share"}
_SHRUNKEN = ["shrunken_rate", "expected_profit", "expected_low", "expected_high", "probability_pays"]
_COSTS = ["cost", "inertia", "lower_bound", "cost_gap"]


def withhold(result: Segmentation, min_cell: int | None) -> Segmentation:
    """Withhold every figure that rests on fewer customers than `min_cell`, and what would give it away.

    Nothing is changed where `min_cell` is None. The patterns are withheld as a whole, with the map that is
    drawn of them. Figures that stay are those of the complete table; what would depend on withheld ones is
    made anew of those that are shown (ranks, adjusted p-values, names), or withheld as well.

    Parameters
    ----------
    result
        A segmentation whose outcomes and features are complete.
    min_cell
        The smallest number of customers that may be shown, from 2.

    Raises
    ------
    DataError
        `min_cell` is not a whole number from 2, a segment has fewer customers than that, or so has a level
        of a feature, whose share the model would tell.
    """
    if min_cell is None:
        return result
    _check(result, min_cell)
    reduced, n_rows, n_cells = reduce_tables(result, min_cell)
    # a centre is its segment's means or most frequent levels, the costs are sums of distances to centres
    has_centres = result.method in ("k-modes", "k-means") and n_cells > 0
    withheld = replace(
        reduced,
        segments=_renamed(result, reduced),
        min_cell=min_cell,
        notes=(*reduced.notes, _note(min_cell, n_rows, n_cells, has_model=not has_centres)),
        queries=without_rows(reduced.queries),
        evidence=reduced.evidence
        and replace(reduced.evidence, pairs=tuple(without_few(p, min_cell) for p in reduced.evidence.pairs)),
        patterns=None,
        labels=None,
        certainty=None,
        population=None,
    )
    if not has_centres:
        return withheld
    selection = withheld.selection
    costs = [name for name in _COSTS if name in selection]
    selection = selection.assign(**{n: selection[n].mask(selection["k"] == result.choice.k) for n in costs})
    return replace(withheld, core=None, selection=selection)


def without_rows(queries: tuple[LoggedQuery, ...]) -> tuple[LoggedQuery, ...]:
    """Return the queries without how many rows they gave, which counts patterns and values of few customers."""
    return tuple(replace(query, rows=None) for query in queries)


def without_few(pair: Pair, least: int) -> Pair:
    """Return a pair of segments with numbers of customers below `least` as 0."""
    if 0 < pair.n_between < least:
        pair = replace(pair, n_between=0.0, share_between=0.0)
    return replace(pair, exchanged=0.0, share_exchanged=0.0) if 0 < pair.exchanged < least else pair


def reduce_tables(result: Segmentation, least: int) -> tuple[Segmentation, int, int]:
    """Return the segmentation with tables, notes and segments without small counts, and how many are withheld.

    These are rows of outcomes and cells of features. What only the report shows and cannot be reduced is left out.
    """
    rows, bases = _hidden_outcomes(result, least)
    features, n_cells = _features(result, least)
    outcomes = _outcomes(result.outcomes, rows, bases, least)
    strata = _strata(result.strata, rows, features)
    reduced = replace(
        result,
        features=features,
        outcomes=outcomes,
        n_comparisons=int(outcomes["p_adjusted"].notna().sum()) if rows else result.n_comparisons,
        targeting=_targeting(result.targeting, rows, bases),
        strata=strata,
        missing=result.missing.iloc[:0],
        splits=result.splits.iloc[:0],
        histograms=result.histograms.iloc[:0],
        migration=_migration(result.migration, least),
        insights=None,
        findings=(),
        selection=_selection(result.selection, result.n_customers, least),
        segments=_without_rare_patterns(result, features, least),
        notes=_notes(result, strata, least),
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
    if result.method != "given":
        _check_levels(result, min_cell)


def _check_levels(result: Segmentation, min_cell: int) -> None:
    """Raise DataError where few customers have a level: the shares of a model add up to how many."""
    for name, table in result.features.groupby("feature", sort=False):
        totals = _level_counts(result, table).sum(axis=0)
        for level, n in zip(table["level"], totals.tolist(), strict=False):
            if 0 < n < min_cell:
                raise DataError(
                    f"min_cell {min_cell}: features.{name}: {level!r} has {n} customer{'s' if n > 1 else ''}, whom the "
                    "model would count; put it together with another level in the recipe, or lower min_cell"
                )


def _hidden_outcomes(result: Segmentation, min_cell: int) -> tuple[set[tuple[int, str]], set[str]]:
    """(segment, outcome) of the rows to withhold, and the outcomes whose base is small, too."""
    sizes = np.array([s.size for s in result.segments])
    exposed = {c.name for g in result.recipe.outcomes if g.exposure is not None for c in g.columns}
    rows: set[tuple[int, str]] = set()
    bases: set[str] = set()
    for name, table in result.outcomes.groupby("outcome", sort=False):
        n = table["n"].to_numpy(np.int64)
        is_flag = table["role"].iloc[0] == "flags"
        hits = _hits(table["value"], n) if is_flag else _contributors(table, n, min_cell)
        counts = np.column_stack([hits, n - hits, sizes - n])
        is_exempt = np.array([False, not is_flag, str(name) not in exposed])
        withheld = withheld_rows(counts, min_cell, is_exempt)
        rows |= {(int(s), str(name)) for s in table["segment"][withheld]}
        totals = counts.sum(axis=0)[~is_exempt]
        if ((totals > 0) & (totals < min_cell)).any():
            bases.add(str(name))
    return rows, bases


def _contributors(table: pd.DataFrame, n: npt.NDArray[np.int64], least: int) -> npt.NDArray[np.int64]:
    """Customers whom a mean or a total is of: those with any, as all others have 0.

    Where it is not known how many have any: all with a value, of counts at most as many as are counted.
    """
    total = table["total"].to_numpy(np.float64)
    most = np.where((table["role"] == "counts") & (total >= 0), np.minimum(np.ceil(total), n), n)
    is_known = table["any_share"].notna().to_numpy() & (total >= 0)
    have_any = np.where(is_known, _hits(table["any_share"], n), most).astype(np.int64)
    return np.where(n < least, n, have_any)


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
    if rows:  # a p-value adjusted among withheld ones would tell between which of the others these are
        table["p_adjusted"] = adjust_p_values(table["p_value"].to_numpy(np.float64))
    return table


def _targeting(table: pd.DataFrame, rows: set[tuple[int, str]], bases: set[str]) -> pd.DataFrame:
    if not len(table) or not {"segment", "outcome"} <= set(table):
        return table
    is_mine = _is_in(table, rows | {(int(s), name) for name in bases for s in table["segment"].unique()})
    table = _blanked(table, is_mine, _KEYS).drop(columns="is_withheld")
    table.loc[is_mine, "decision"] = "withheld"
    is_shrunken = table["outcome"].isin({name for _, name in rows} | bases)  # towards withheld rates, too
    table.loc[is_shrunken, _SHRUNKEN] = np.nan
    table["is_in_best_set"] = table["is_in_best_set"].astype(object).mask(is_shrunken, None)
    return table


def _strata(table: pd.DataFrame, rows: set[tuple[int, str]], features: pd.DataFrame) -> pd.DataFrame:
    """Only the findings, of outcomes and features of which nothing is withheld: their figures hold counts of levels."""
    if not len(table):
        return table
    hidden = {name for _, name in rows} | set(features.loc[features["is_withheld"], "feature"])
    kept = table[~table["outcome"].isin(hidden) & ~table["feature"].isin(hidden)].reset_index(drop=True)
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
    # ranks with gaps would tell between which of the others a withheld level is
    features["rank"] = features.groupby("segment")["v_test"].rank(ascending=False, method="first")
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


def _without_rare_patterns(
    result: Segmentation, features: pd.DataFrame, min_cell: int
) -> tuple[Segment, ...]:
    """Segments without their most frequent combination of levels, where few customers have it or a level is withheld."""
    if result.patterns is None or result.labels is None:
        return result.segments
    counts, patterns = result.patterns.counts, result.patterns
    hidden = features[features["is_withheld"]]
    cells = set(zip(hidden["segment"], hidden["feature"], hidden["level"], strict=True))
    made = []
    for s in result.segments:
        mine = np.flatnonzero(result.labels == s.id - 1)
        codes = patterns.codes[mine[patterns.sample_weight[mine].argmax()]].tolist() if len(mine) else []
        levels = [
            (s.id, f.name, f.levels[c]) for f, c in zip(patterns.features, codes, strict=False) if c >= 0
        ]
        is_shown = int(counts[mine].max(initial=0)) >= min_cell and not cells & set(levels)
        made.append(s if is_shown else replace(s, typical=()))
    return tuple(made)


def _renamed(result: Segmentation, reduced: Segmentation) -> tuple[Segment, ...]:
    """Segments whose names were made of levels, named by the levels that are shown."""
    if result.method == "given":
        return reduced.segments
    labels, k = {f.name: f.title for f in result.recipe.features}, len(result.segments)
    made = segment_names(result.features, k, labels)
    anew = segment_names(reduced.features, k, labels)
    names = [n if s.name == m else s.name for s, m, n in zip(reduced.segments, made, anew, strict=True)]
    unique = unique_names(names)
    return tuple(replace(s, name=n) for s, n in zip(reduced.segments, unique, strict=True))


def _notes(result: Segmentation, strata: pd.DataFrame, least: int) -> tuple[Note, ...]:
    """The notes without those that count few customers, or may; and reversals of what is shown."""
    timing = tuple(n for n in result.notes if n.kind == "timing")
    return (*id_notes(result.cleaning, least), *timing, *reversal_notes(strata, *_called(result)))


def _called(result: Segmentation) -> tuple[dict[str, str], dict[str, str]]:
    """What outcomes and features are called."""
    outcomes = {c.name: c.label for g in result.recipe.outcomes for c in g.columns}
    return outcomes, {f.name: f.title for f in (*result.recipe.features, *result.recipe.bands)}


def _note(min_cell: int, n_rows: int, n_cells: int, *, has_model: bool) -> Note:
    model = "" if has_model else ", and the model, whose centres would give levels away"
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
