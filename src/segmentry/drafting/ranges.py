"""Drafted features that are ranges of numbers: birth years, ages, scales, amounts, dates."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import words_of
from segmentry.drafting import bins
from segmentry.drafting.bins import range_labels, zero_labels
from segmentry.drafting.categories import RARE
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.spelling import plain_column, recipe_sql
from segmentry.drafting.values import is_date_number
from segmentry.drafting.words import readable

MANY_ZEROS = 0.25
"""Share of zeros from which zero is a level of its own."""
MANY_VALUES = 20
"""Numbers with more different values may be taken as numbers; fewer may be codes, and are levels anyway."""
THIN_BAND = 0.05
"""Smallest share of the customers in a band of ages or birth years."""

_NUMBERS_IN_TEXT = "Numbers stored as text: what is no number is read as missing."


def draft_generations(judged: JudgedColumn, name: str) -> DraftedFeature | None:
    """Draft generations from years or dates of birth."""
    facts = judged.facts
    first, last = _years_of(facts)
    edges = [e for e in bins.GENERATIONS if first < e <= last]
    if not edges:
        return draft_ranges(judged, name) if facts.kind == "number" else None
    keys = {"label": _birth_label(facts)} | _year_keys(facts)
    keys |= {"edges": edges, "labels": range_labels(edges, first, years=True)}
    why = (
        "Generations: boomers from 1946 (younger ones from 1955), X from 1965, millennials from 1981, Z from 1997; a "
        f"band under {THIN_BAND:.0%} of the customers joins its neighbour. Alternative: decades."
    )
    bands = {"least": THIN_BAND, "years": True, "lowest": first}
    return DraftedFeature.of(judged, name, keys, why, is_quantity=_is_quantity(facts), **bands)


def _birth_label(facts: ColumnFacts) -> str:
    words = set(words_of(facts.name))
    return "Birth year" if words <= {"year", "birth", "of", "yob"} else readable(facts.name)


def _year_keys(facts: ColumnFacts, sql: str | None = None) -> dict[str, Any]:
    """Key for the column, or for the year of a date, which `sql` may make of a text."""
    if is_date_number(facts):
        year = exp.Floor(this=exp.Div(this=plain_column(facts.name), expression=exp.convert(10_000)))
        return {"sql": recipe_sql(year)}
    if sql is not None:
        return {"sql": f"EXTRACT(YEAR FROM {sql})"}
    if facts.kind != "date":
        return {"column": facts.name}
    return {"sql": recipe_sql(exp.Extract(this=exp.var("YEAR"), expression=plain_column(facts.name)))}


def _years_of(facts: ColumnFacts) -> tuple[int, int]:
    """First and last year of a column of years or dates."""
    if facts.kind == "date" or is_date_number(facts):
        return _year(facts.minimum), _year(facts.maximum)
    if facts.kind == "text":
        years = [int(m[0]) for v, _ in facts.top_values if (m := re.search(r"\d{4}", str(v)))]
        return min(years), max(years)
    return int(facts.minimum or 0), int(facts.maximum or 0)


def _year(date: object) -> int:
    text = str(date)
    return int(text[:4]) if text[:4].isdecimal() else 0


def draft_ages(judged: JudgedColumn, name: str) -> DraftedFeature | None:
    """Draft bands of ten years from ages."""
    facts = judged.facts
    edges = [e for e in bins.AGES if facts.lowest < e <= facts.highest]
    if not edges:
        return draft_ranges(judged, name)
    keys: dict[str, Any] = {"label": readable(facts.name), **judged.reads, "edges": edges}
    if facts.is_whole:
        keys["labels"] = range_labels(edges, int(facts.lowest))
    why = f"Bands of ten years; one under {THIN_BAND:.0%} of the customers joins its neighbour."
    bands = {"least": THIN_BAND, "lowest": int(facts.lowest)}
    return DraftedFeature.of(judged, name, keys, why, is_quantity=_is_quantity(facts), **bands)


def draft_scale(judged: JudgedColumn, name: str) -> DraftedFeature | None:
    """Draft a level for each of a few whole numbers; rare ones join a neighbour."""
    facts = judged.facts
    values = sorted((v, n) for v, n in facts.top_values if isinstance(v, (int, float)))
    if len(values) < 2:
        return None
    edges = bins.merge_thin_ranges([v for v, _ in values[1:]], [n for _, n in values], RARE)
    if not edges:
        return _draft_any(judged, name, values)
    keys: dict[str, Any] = {"label": readable(facts.name), **judged.reads, "edges": list(edges)}
    keys["labels"] = _value_labels([v for v, _ in values], edges)
    why = (
        "Few whole numbers, read as a scale from low to high. Alternative, if they are codes without an order: leave "
        'edges and labels out, and say scale = "nominal".'
    )
    return DraftedFeature.of(judged, name, keys, why)


def _draft_any(
    judged: JudgedColumn, name: str, values: Sequence[tuple[bins.EdgeValue, int]]
) -> DraftedFeature:
    """Draft none or any, where hardly anybody has more than the lowest value."""
    (lowest, n), *more = values
    label = "none" if lowest == 0 else str(lowest)
    keys: dict[str, Any] = {"label": readable(judged.name), **judged.reads, "edges": [more[0][0]]}
    keys["labels"] = [label, "any" if lowest == 0 else f"{more[0][0]} and more"]
    n_more = sum(count for _, count in more)
    why = f"{n:,} customers have {label}; {n_more:,} have more, too few for levels of their own."
    return replace(DraftedFeature.of(judged, name, keys, why), worth=min(judged.worth, 0.1))


def _value_labels(values: Sequence[bins.EdgeValue], edges: Sequence[bins.EdgeValue]) -> list[str]:
    bounds = [values[0], *edges]
    groups = [
        [v for v in values if low <= v and (i + 1 == len(bounds) or v < bounds[i + 1])]
        for i, low in enumerate(bounds)
    ]
    return [str(g[0]) if len(g) == 1 else f"{g[0]}{'–' if g[0] >= 0 else ' to '}{g[-1]}" for g in groups]


def draft_ranges(
    judged: JudgedColumn, name: str, shares: Sequence[float] = bins.EDGE_SHARES
) -> DraftedFeature | None:
    """Draft ranges of a number with round edges; None where it has one value."""
    facts = judged.facts
    keys: dict[str, Any] = {"label": readable(facts.name), **judged.reads}
    cuts = [(0.0, facts.lowest), *facts.quantiles, (1.0, facts.highest)]
    if judged.sql is None and _is_minus_one_a_code(facts):
        return _draft_with_minus_one(judged, name, cuts)
    edges, why = _edges(facts, cuts, shares)
    if not edges:
        return None
    keys["edges"] = list(edges)
    lowest = int(facts.minimum or 0)
    years = facts.is_whole and lowest >= 1500 and facts.highest <= 2100
    is_zero_apart = _is_zero_apart(facts) and not facts.is_whole
    if is_zero_apart:
        keys["closed"] = "right"
        keys["labels"] = zero_labels(edges)
    elif facts.is_whole and all(isinstance(e, int) for e in edges) and lowest >= 0:
        keys["labels"] = range_labels(edges, lowest, years=years)
    start = None if is_zero_apart else lowest
    reasons = (why,) if judged.sql is None or judged.code is not None else (_NUMBERS_IN_TEXT, why)
    shown = {"years": years, "lowest": start}
    return DraftedFeature.of(judged, name, keys, *reasons, is_quantity=_is_quantity(facts), **shown)


def _is_quantity(facts: ColumnFacts) -> bool:
    return facts.n_distinct > MANY_VALUES


def _is_zero_apart(facts: ColumnFacts) -> bool:
    """Whether so many numbers are zero that it is a level of its own."""
    return facts.n_zero >= MANY_ZEROS * facts.n_present and facts.n_negative == 0


def _edges(
    facts: ColumnFacts, cuts: bins.Quantiles, shares: Sequence[float]
) -> tuple[tuple[bins.EdgeValue, ...], str]:
    """Edges of a number, and the comment on them."""
    if _is_zero_apart(facts):
        zeros = facts.n_zero / facts.n_present
        edges = bins.zero_edges(cuts, zeros) if facts.is_whole else _above_zero(cuts, zeros)
        why = f"Zero is a level of its own: {zeros:.0%} of the customers have it. Round edges for the others."
    elif (tied := _share_of_lowest(facts)) >= MANY_ZEROS:
        lowest = int(facts.lowest)
        above = [tied + (1 - tied) * part for part in (0.4, 0.8)]
        further = bins.round_edges(cuts, above, whole=True)
        edges = tuple(sorted({lowest + 1, *(e for e in further if e > lowest + 1)}))
        why = f"{lowest:,} is a level of its own: {tied:.0%} of the customers have it. Round edges for the others."
    else:
        edges = bins.round_edges(cuts, shares, whole=facts.is_whole)
        why = f"Round edges near the quantiles: {_true_sizes(facts, edges) or 'about ' + _band_sizes(shares)} % of the customers."
    if not edges and facts.n_distinct > 1:
        return (
            _edge_beside_mode(facts),
        ), "One value covers nearly all customers; the edge parts the others from it."
    return edges, why


def _share_of_lowest(facts: ColumnFacts) -> float:
    """Share of the customers who have the lowest of whole numbers from 1 up."""
    n = next((n for value, n in facts.top_values if value == facts.minimum), 0)
    return n / facts.n_present if facts.is_whole and facts.lowest >= 1 and facts.lowest < 1000 else 0.0


def _true_sizes(facts: ColumnFacts, edges: Sequence[bins.EdgeValue]) -> str:
    """Percent of the customers in each range, where every value is known; else nothing."""
    if len(facts.top_values) < facts.n_distinct or not edges:
        return ""
    bounds = [-math.inf, *map(float, edges), math.inf]
    sizes = [
        sum(n for v, n in facts.top_values if low <= float(v) < high)
        for low, high in itertools.pairwise(bounds)
    ]
    shares = [f"{100 * n / facts.n_present:.0f}" for n in sizes]
    return f"{', '.join(shares[:-1])} and {shares[-1]}"


def _is_minus_one_a_code(facts: ColumnFacts) -> bool:
    """Whether -1 is the only negative number, so that it stands for something other than a number."""
    n = sum(n for value, n in facts.top_values if value == -1)
    return facts.is_whole and facts.minimum == -1 and 0 < n == facts.n_negative and facts.highest > 1


def _draft_with_minus_one(judged: JudgedColumn, name: str, cuts: bins.Quantiles) -> DraftedFeature:
    """Draft ranges of a number in which -1 is a level of its own."""
    facts = judged.facts
    codes = facts.n_negative / facts.n_present
    shares = [codes + (1 - codes) * part for part in (0.35, 0.65)]
    edges = (0, *(e for e in bins.round_edges(cuts, shares, whole=True) if e > 0))
    inner = range_labels(edges[1:], 0) if len(edges) > 1 else ["0 and over"]
    keys = {"label": readable(facts.name), "column": facts.name, "edges": list(edges)}
    keys["labels"] = ["none (-1)", *inner]
    without = exp.Nullif(this=plain_column(facts.name), expression=exp.convert(-1))
    why = (
        f"-1 is the only negative number ({facts.n_negative:,} customers): read as a code, a level of its own. "
        f"Alternative, if it means that nothing is known: sql = '{recipe_sql(without)}'."
    )
    return DraftedFeature.of(judged, name, keys, why)


def _band_sizes(shares: Sequence[float]) -> str:
    bounds = [0.0, *shares, 1.0]
    sizes = [f"{100 * (b - a):.0f}" for a, b in itertools.pairwise(bounds)]
    return f"{', '.join(sizes[:-1])} and {sizes[-1]}"


def _above_zero(cuts: bins.Quantiles, zeros: float) -> tuple[bins.EdgeValue, ...]:
    shares = [zeros + (1 - zeros) * part for part in (0.4, 0.8)]
    return (0, *(e for e in bins.round_edges(cuts, shares) if e > 0))


def _edge_beside_mode(facts: ColumnFacts) -> bins.EdgeValue:
    """An edge between the most frequent value and the values above it, or below it where it is the largest."""
    common = facts.top_values[0][0] if facts.top_values else facts.minimum
    low, high = facts.lowest, facts.highest
    top = float(common) if isinstance(common, (int, float)) else low
    if top < high:
        edge = top + 1 if facts.is_whole else top + (high - top) / 1e6
        return int(edge) if facts.is_whole else edge
    return int(high) if facts.is_whole else high


def draft_years(judged: JudgedColumn, name: str) -> DraftedFeature | None:
    """Draft years from a date; None where all dates are of one year."""
    facts = judged.facts
    first, last = _years_of(facts)
    if last <= first:
        return None
    step = max(1, -(-(last - first) // 7))
    edges = list(range(first + step, last + 1, step))
    keys = {"label": f"{readable(facts.name)}, year"} | _year_keys(facts, judged.sql)
    keys |= {"edges": edges, "labels": range_labels(edges, first, years=True)}
    is_quantity = facts.kind == "date" and _is_quantity(facts)
    return DraftedFeature.of(
        judged, name, keys, "The year of the date.", is_quantity=is_quantity, years=True, lowest=first
    )
