"""Bands that may have been cut from a number which the table holds, too: an age and its group, an income and its class."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from segmentry.auditing.words import means, words_of
from segmentry.drafting.judged_column import JudgedColumn
from segmentry.drafting.scales import order_texts
from segmentry.sql.aggregates import one_where
from segmentry.sql.table import column

MOST_BANDS = 12
_MOST_PAIRS = 30
_MOST_SHARING = 6
"""A word in the names of more columns says nothing of two of them."""
_MEANINGS = ("age", "income")
_FEWEST_ROWS = 5
"""A value of fewer rows may lie between others by accident."""


def find_bands(columns: Sequence[JudgedColumn]) -> Iterable[tuple[JudgedColumn, JudgedColumn]]:
    """Pair columns of few values with the numbers that these may be bands of, by their names, or by ranges in words.

    Names are paired that have a word or a meaning in common which is not that of many.
    """
    shared = Counter(word for c in columns for word in set(words_of(c.name)))
    bands = [c for c in columns if _may_be_bands(c)]
    numbers = [c for c in columns if _may_be_cut(c)] if bands else []
    places: dict[str, list[int]] = {}
    for place, number in enumerate(numbers):
        for sign in _signs(number, shared):
            places.setdefault(sign, []).append(place)
    pairs = (
        (band, numbers[place])
        for band in bands
        for place in _places(band, shared, places, len(numbers))
        if numbers[place].facts.n_missing <= band.facts.n_missing
    )
    return itertools.islice(pairs, _MOST_PAIRS)


def _places(
    band: JudgedColumn, shared: Counter[str], places: Mapping[str, Sequence[int]], n_numbers: int
) -> Iterable[int]:
    """The places of the numbers that a column may be bands of."""
    if _are_ranges(band):
        return range(n_numbers)
    return sorted({place for sign in _signs(band, shared) for place in places.get(sign, ())})


def _signs(c: JudgedColumn, shared: Counter[str]) -> set[str]:
    """The words of a name that few have, and what it means, by which it belongs to another."""
    words = {w for w in words_of(c.name) if shared[w] <= _MOST_SHARING and not w.isdecimal()}
    return words | {f"({meaning})" for meaning in _MEANINGS if means(c.name, meaning)}


def overlaps(band: JudgedColumn, number: JudgedColumn) -> exp.Expr:
    """The number of pairs of bands that overlap: none where they were cut from the number."""
    spans = [_span(band, value, number) for value, _ in band.facts.top_values]
    pairs = [
        one_where(exp.not_(exp.paren(exp.or_(most < other_least, other_most < least))))
        for (least, most), (other_least, other_most) in itertools.combinations(spans, 2)
    ]
    total: exp.Expr = pairs[0]
    for pair in pairs[1:]:
        total = exp.Add(this=total, expression=pair)
    return total


def _may_be_bands(c: JudgedColumn) -> bool:
    facts = c.facts
    few = 2 <= facts.n_distinct <= MOST_BANDS and len(facts.top_values) == facts.n_distinct
    is_free = c.use == "feature" and c.sense in ("unknown", "who")
    is_target = means(c.name, "target") or means(c.name, "happened")
    return few and is_free and not is_target and all(n >= _FEWEST_ROWS for _, n in facts.top_values)


def _may_be_cut(c: JudgedColumn) -> bool:
    facts = c.facts
    return facts.kind == "number" and c.sql is None and facts.n_distinct > MOST_BANDS and facts.is_finite


def _are_ranges(band: JudgedColumn) -> bool:
    """Whether the values are ranges of numbers; two sides of a bound alone, as `<=50K` and `>50K`, are more often an outcome."""
    texts = [str(v) for v, _ in band.facts.top_values]
    with_numbers = sum(any(sign.isdigit() for sign in text) for text in texts)
    is_scale = band.facts.kind == "text" and len(texts) > 2
    return is_scale and with_numbers >= len(texts) - 1 and order_texts(texts) is not None


def _span(band: JudgedColumn, value: object, number: JudgedColumn) -> tuple[exp.Expr, exp.Expr]:
    """The least and the largest number of a band."""
    is_value = exp.EQ(this=column(band.name), expression=exp.convert(value))
    within = exp.Case(ifs=[exp.If(this=is_value, true=column(number.name))])
    return exp.Min(this=within), exp.Max(this=within.copy())
