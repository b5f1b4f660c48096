"""What is read off a result: the one place to change where the product says it elsewhere."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

import segmentry as sg
from truths.cells import Found
from truths.tables import Codes, Floats

LEFT_OUT_P = "left_out_p"
"""Column of `features`: p-value, not adjusted, of the feature against segments that the other features form."""


class NotThereError(Exception):
    """The product does not say this yet."""


def verdict_of(result: sg.Segmentation) -> Found:
    """Return the verdict, the number of segments, and the stability of the least stable one."""
    verdict = str(result.verdict)
    return {
        "verdict": verdict,
        "is_none": verdict == "none",
        "is_natural": verdict == "natural",
        "is_one": result.choice.k == 1,
        "k": result.choice.k,
        "best_by_bic": result.choice.best_by_bic,
        "lowest": lowest_of(result),
    }


def lowest_of(result: sg.Segmentation) -> float | None:
    """Return the stability of the least stable segment as reported; None without evidence."""
    return None if result.evidence is None else float(result.evidence.stability.lowest)


def left_out_p_values(result: sg.Segmentation) -> pd.Series[float]:
    """Return per feature the p-value of the test that leaves it out."""
    if LEFT_OUT_P not in result.features:
        raise NotThereError(f"the table of features has no column {LEFT_OUT_P}")
    return result.features.groupby("feature")[LEFT_OUT_P].first()


def segments_of(result: sg.Segmentation, codes: Codes) -> Codes:
    """Return the segment (n,), from 0, of customers with these codes, as the pattern table has it."""
    assert result.patterns is not None
    assert result.labels is not None
    patterns = np.asarray(result.patterns.codes, np.int64)
    rows, place = np.unique(np.vstack([patterns, codes]), axis=0, return_inverse=True)
    segment = np.zeros(len(rows), np.int64)
    place = place.ravel()
    segment[place[: len(patterns)]] = result.labels
    return segment[place[len(patterns) :]]


def given_numbers(result: sg.Segmentation) -> dict[int, int]:
    """Return which number each given segment has in the column that it was given by."""
    return {one.id: int(re.sub(r"\D", "", str(one.label))) for one in result.segments}


def partners(labels: Codes, others: Codes, k: int, weights: Floats | None = None) -> tuple[Codes, Floats]:
    """Match two partitions by their overlap; return the partner of each label, and their Jaccard similarity."""
    size = max(k, int(others.max()) + 1)
    overlap = np.zeros((k, size))
    np.add.at(overlap, (labels, others), 1.0 if weights is None else weights)
    partner = linear_sum_assignment(overlap, maximize=True)[1]
    shared = overlap[np.arange(k), partner]
    union = overlap.sum(axis=1) + overlap.sum(axis=0)[partner] - shared
    return np.asarray(partner), np.divide(shared, union, out=np.zeros(k), where=union > 0)


def leading_intervals(table: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the ends of the interval of the figure that the page shows first."""
    is_corrected = table["leads"].to_numpy() == "corrected"
    low, high = (np.where(is_corrected, table[f"corrected_{end}"], table[end]) for end in ("low", "high"))
    return low.astype(float), high.astype(float)


def named_set(result: sg.Segmentation, outcome: str) -> tuple[list[int], dict[str, Any]]:
    """Return the segments that a campaign is told to contact, and the row that tells its profit; none and an empty one."""
    assert result.insights is not None
    gains = result.insights.gains
    steps = gains[gains["outcome"] == outcome]
    best = steps[steps["is_best"]]
    if best.empty:
        return [], {}
    row = best.iloc[0].to_dict()
    return [int(s) for s in steps.loc[steps["step"] <= row["step"], "segment"]], row
