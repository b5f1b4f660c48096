"""Rules for outcomes, targeting and strata: whole rows are withheld, and figures that are made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segmentry.arrays import Floats, Integers, Mask
from segmentry.disclosure.known import (
    KNOWN_DESIGN,
    KNOWN_OUTCOMES,
    KNOWN_STRATA,
    KNOWN_TARGETING,
    blanked,
)
from segmentry.disclosure.suppression import small_cells, withheld_rows
from segmentry.profiling import SegmentedPatterns, adjust_p_values, decision_of, own_intervals
from segmentry.segmentation import Segmentation

if TYPE_CHECKING:
    import pandas as pd

_MIX = ["mix", "mix_index"]
_CORRECTED = ["corrected", "corrected_se", "corrected_low", "corrected_high"]
_METHOD = "BCH"
"""Method of corrected values, without the remark that some lie outside the possible range."""
_SHRUNKEN = ["shrunken_rate", "expected_profit", "expected_low", "expected_high", "probability_pays"]


@dataclass(frozen=True)
class HiddenOutcomes:
    """Which figures of outcomes are withheld.

    Attributes
    ----------
    rows
        Segment and outcome of every withheld row.
    bases
        Outcomes that few of all customers have, or lack: all their figures are withheld.
    """

    rows: frozenset[tuple[int, str]]
    bases: frozenset[str]

    @property
    def outcomes(self) -> set[str]:
        """Outcomes with a withheld row."""
        return {name for _, name in self.rows}

    def is_in(self, table: pd.DataFrame) -> Mask:
        """Which rows of a table are of a withheld segment and outcome."""
        pairs = zip(table["segment"], table["outcome"], strict=True)
        return np.array([(int(s), str(name)) in self.rows for s, name in pairs], bool)


def hidden_outcomes(result: Segmentation, floor: int) -> HiddenOutcomes:
    """Find the rows to withhold: for each outcome, in the table of customers who did, who did not, and without a value."""
    sizes = np.array([s.size for s in result.segments])
    exposed = {c.name for g in result.recipe.outcomes if g.exposure is not None for c in g.columns}
    rows: set[tuple[int, str]] = set()
    bases: set[str] = set()
    for name, table in result.outcomes.groupby("outcome", sort=False):
        n = table["n"].to_numpy(np.int64)
        is_flag = table["role"].iloc[0] == "flags"
        hits = _hits(table["value"], n) if is_flag else _contributors(table, n, floor)
        counts = np.column_stack([hits, n - hits, sizes - n])
        is_exempt = np.array([False, not is_flag, str(name) not in exposed])
        withheld = withheld_rows(counts, floor, is_exempt)
        rows |= {(int(s), str(name)) for s in table["segment"][withheld]}
        if small_cells(counts.sum(axis=0)[~is_exempt], floor).any():
            bases.add(str(name))
    return HiddenOutcomes(frozenset(rows), frozenset(bases))


def shown_outcomes(result: Segmentation, hidden: HiddenOutcomes, floor: int) -> pd.DataFrame:
    """Return the table of outcomes without withheld rows, and without mixes, bases and corrected values that rest on them.

    Intervals of amounts are those by each segment's own values where a row of the amount is withheld: else they would tell of its
    values, which are part of the shape of all.
    """
    table = _with_own_intervals(result, hidden.outcomes)
    n = table["n"].to_numpy(np.int64)
    have_any = _hits(table["any_share"], n)
    few = small_cells(have_any, floor) | small_cells(n - have_any, floor)
    table = table.assign(any_share=table["any_share"].mask(few))  # no other figure holds these counts
    table = blanked(table, hidden.is_in(table), KNOWN_OUTCOMES)
    is_touched = table["outcome"].isin(hidden.outcomes)
    table.loc[is_touched, _CORRECTED] = np.nan
    table["correction"] = table["correction"].mask(is_touched & (table["correction"] != ""), _METHOD)
    table["leads"] = table["leads"].mask(is_touched, "value")
    touched = table["is_withheld"].groupby([table["segment"], table["group"]]).transform("any")
    is_unknown = table["outcome"].isin(hidden.bases)
    open_group = is_unknown.groupby(table["group"]).transform("any")
    table.loc[touched | open_group, _MIX] = np.nan
    table.loc[open_group, "base_mix"] = np.nan
    table.loc[is_unknown, "base_value"] = np.nan
    if hidden.rows:  # p-values adjusted together with withheld ones would tell between which others these lie
        table["p_adjusted"] = adjust_p_values(table["p_value"].to_numpy(np.float64))
    return table


def _with_own_intervals(result: Segmentation, outcomes: set[str]) -> pd.DataFrame:
    table = result.outcomes.copy()
    if result.patterns is None or result.labels is None:
        return table
    segmented = SegmentedPatterns(result.patterns.as_shown(), result.labels, len(result.segments))
    amounts = table.loc[table["role"] != "flags", "outcome"].unique()
    for name in outcomes & set(amounts):
        rows = table["outcome"] == name
        order = table.loc[rows, "segment"].to_numpy(np.int64) - 1
        numbers = _numbers_of(result.design, name)
        for column, values in own_intervals(segmented, name, numbers).items():
            table.loc[rows, column] = values[order]
    return table


def _numbers_of(design: pd.DataFrame, outcome: str) -> Floats | None:
    """(n_segments,) customers that intervals of an outcome count on by the sample's design; None where it is not known."""
    if not len(design):
        return None
    mine = design[(design["outcome"] == outcome) & (design["segment"] > 0)]
    return mine.sort_values("segment")["n_effective"].to_numpy(np.float64)


def shown_design(table: pd.DataFrame, hidden: HiddenOutcomes, shares: Integers) -> pd.DataFrame:
    """Return the table of standard errors without withheld rows; of all customers none where few have the outcome, or lack it.

    `shares` has the segments whose share of all customers is withheld.
    """
    if not len(table):
        return table
    is_base = (table["segment"] == 0) & table["outcome"].isin(hidden.outcomes | hidden.bases)
    is_share = (table["outcome"] == "") & table["segment"].isin(shares)
    is_withheld = hidden.is_in(table) | (is_base | is_share).to_numpy()
    return blanked(table, is_withheld, KNOWN_DESIGN).drop(columns="is_withheld")


def shown_targeting(table: pd.DataFrame, hidden: HiddenOutcomes, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the table of targeting without withheld rows, and without what rests on rates shrunken towards withheld ones.

    Intervals of their campaigns are those of the shown `outcomes`, and decisions are made by them.
    """
    if not len(table) or not {"segment", "outcome"} <= set(table):
        return table.iloc[:0]
    is_mine = hidden.is_in(table) | table["outcome"].isin(hidden.bases).to_numpy()
    table = blanked(table, is_mine, KNOWN_TARGETING).drop(columns="is_withheld")
    table.loc[is_mine, "decision"] = "withheld"
    is_shrunken = table["outcome"].isin(hidden.outcomes | hidden.bases)
    table = _by_own_intervals(table, (is_shrunken & ~is_mine).to_numpy(), outcomes)
    table.loc[is_shrunken, _SHRUNKEN] = np.nan
    table["is_in_best_set"] = table["is_in_best_set"].astype(object).mask(is_shrunken, None)
    return table


def _by_own_intervals(table: pd.DataFrame, rows: Mask, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the outcomes' own intervals, and the decisions by them, in some rows."""
    own = table[["segment", "outcome"]].merge(outcomes, on=["segment", "outcome"], how="left")
    revenue = (table["profit_high"] - table["profit_low"]) / (table["high"] - table["low"])
    for end in ("low", "high"):
        table.loc[rows, end] = own[end].to_numpy()[rows]
        earned = table["profit_per_contact"] + revenue * (table[end] - table["rate"])
        table.loc[rows, f"profit_{end}"] = earned[rows]
    ends = table.loc[rows, ["low", "high", "break_even"]].to_numpy(np.float64)
    table.loc[rows, "decision"] = [decision_of(*(float(v) for v in row)) for row in ends]
    return table


def shown_strata(table: pd.DataFrame, hidden: HiddenOutcomes, features: pd.DataFrame) -> pd.DataFrame:
    """Return only the findings, of outcomes and features without withheld figures: the figures tell counts of levels."""
    if not len(table):
        return table
    names = hidden.outcomes | set(features.loc[features["is_withheld"], "feature"])
    kept = table[~table["outcome"].isin(names) & ~table["feature"].isin(names)].reset_index(drop=True)
    return blanked(kept, np.ones(len(kept), bool), KNOWN_STRATA).drop(columns="is_withheld")


def _contributors(table: pd.DataFrame, n: Integers, floor: int) -> Integers:
    """Count the customers who contribute to a mean or a total: those with more than 0.

    Where their number is not known, all customers with a value count; for an outcome of counts, at most its total.
    """
    total = table["total"].to_numpy(np.float64)
    most = np.where((table["role"] == "counts") & (total >= 0), np.minimum(np.ceil(total), n), n)
    is_known = table["any_share"].notna().to_numpy() & (total >= 0)
    have_any = np.where(is_known, _hits(table["any_share"], n), most).astype(np.int64)
    return np.where(n < floor, n, have_any)


def _hits(share: pd.Series[float], n: Integers) -> Integers:
    return np.rint(np.nan_to_num(share) * n).astype(np.int64)
