"""Round edges near the quantiles of a column, and the labels of the ranges between them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

EdgeValue = int | float

GENERATIONS = (1928, 1946, 1955, 1965, 1981, 1997, 2013)
"""First years: silent generation, boomers, younger boomers, X, millennials, Z, alpha (Pew Research Center)."""
AGES = (18, 25, 35, 45, 55, 65, 75)
EDGE_SHARES = (0.10, 0.35, 0.65, 0.90)
"""Shares of customers below each edge of a number: five bands, the outer ones small."""
FIFTHS = (0.2, 0.4, 0.6, 0.8)
_LARGEST_POWER = 308
"""Largest power of ten that is a floating-point number."""
EDGE_TOLERANCE = 0.03
"""The share of customers below a rounded edge differs from the wanted share by at most this much."""


Quantiles = Sequence[tuple[float, float]]
"""Pairs of a share and its quantile, both rising, from the minimum (share 0) to the maximum (share 1)."""


def quantile(quantiles: Quantiles, share: float) -> float:
    """Interpolate the value below which a share of the customers is, between the known quantiles.

    Examples
    --------
    >>> quantile([(0, 0.0), (0.5, 10.0), (1, 30.0)], 0.75)
    20.0
    """
    for (a, low), (b, high) in itertools.pairwise(quantiles):
        if share <= b:
            return low + (high - low) * max(share - a, 0.0) / (b - a)
    return quantiles[-1][1]


def round_edges(
    quantiles: Quantiles, shares: Sequence[float] = EDGE_SHARES, *, whole: bool = False
) -> tuple[EdgeValue, ...]:
    """Find the roundest numbers near the quantiles of given shares.

    Parameters
    ----------
    quantiles
        Known quantiles, minimum and maximum included.
    shares
        Wanted share of customers below each edge.
    whole
        Whether the column holds whole numbers only.

    Examples
    --------
    >>> round_edges([(0, 0), (0.2, 24_117), (0.4, 41_417), (0.8, 79_844), (1, 110_000)], (0.2, 0.4, 0.8))
    (25000, 40000, 80000)
    """
    lowest, highest = quantiles[0][1], quantiles[-1][1]
    edges: set[EdgeValue] = set()
    for share in shares:
        bounds = [quantile(quantiles, share + d) for d in (-EDGE_TOLERANCE, 0.0, EDGE_TOLERANCE)]
        edge = roundest(*bounds, whole=whole)
        if lowest < edge <= highest:
            edges.add(edge)
    return tuple(sorted(edges))


def roundest(low: float, middle: float, high: float, *, whole: bool = False) -> EdgeValue:
    """Find the roundest number from `low` to `high`; among equally round ones, the nearest to `middle`.

    Examples
    --------
    >>> roundest(21_889, 24_117, 26_876), roundest(0.0123, 0.0131, 0.0142), roundest(3, 3, 3)
    (25000, 0.014, 3)
    """
    if whole:
        low, high = math.ceil(low), math.floor(high)
    if not low < high:
        return _as_edge(round(middle) if whole else middle)
    if low <= 0 <= high:
        return 0
    exponent = min(math.floor(math.log10(max(abs(low), abs(high)))) + 1, _LARGEST_POWER)
    for power in range(exponent, exponent - 17, -1):
        for step in (1.0, 0.5, 0.2):
            size = step * 10.0**power
            if size == 0.0 or (whole and size < 1):  # below all numbers that a computer has
                break
            nearest = round(middle / size) * size
            for candidate in (nearest, math.ceil(low / size) * size, math.floor(high / size) * size):
                rounded = float(f"{candidate:.12g}")
                if low <= rounded <= high:
                    return _as_edge(rounded)
    return _as_edge(round(middle) if whole else middle)


def zero_edges(quantiles: Quantiles, zero_share: float) -> tuple[EdgeValue, ...]:
    """Find edges for whole numbers of which many are zero: one level for zero, two or three for the rest.

    Examples
    --------
    >>> zero_edges([(0, 0), (0.35, 0), (0.5, 1), (0.7, 3), (0.9, 8), (1, 20)], 0.35)
    (1, 2, 8)
    """
    shares = [zero_share + (1 - zero_share) * part for part in (0.4, 0.8)]
    return tuple(sorted({1, *(e for e in round_edges(quantiles, shares, whole=True) if e > 1)}))


def range_labels(edges: Sequence[EdgeValue], lowest: EdgeValue, *, years: bool = False) -> list[str]:
    """Label whole-number ranges [edge, next edge); `lowest` is the smallest value.

    Examples
    --------
    >>> range_labels((25000, 40000), 1730)
    ['under 25,000', '25,000–39,999', '40,000 and over']
    >>> range_labels((1, 2, 4), 0)
    ['0', '1', '2–3', '4 and more']
    >>> range_labels((1955, 1981), 1893, years=True)
    ['to 1954', '1955–1980', 'from 1981']
    """
    text: Callable[[EdgeValue], str] = str if years else "{:,}".format
    middle = [text(a) if b - a == 1 else f"{text(a)}–{text(b - 1)}" for a, b in itertools.pairwise(edges)]
    if years:
        return [f"to {edges[0] - 1}", *middle, f"from {edges[-1]}"]
    small = edges[-1] < 100
    first = text(lowest) if edges[0] - lowest == 1 else f"under {text(edges[0])}"
    return [first, *middle, f"{text(edges[-1])} and {'more' if small else 'over'}"]


def zero_labels(edges: Sequence[EdgeValue]) -> list[str]:
    """Label ranges (edge, next edge] of which the first is zero alone.

    Examples
    --------
    >>> zero_labels((0, 50, 1200))
    ['0', 'over 0 to 50', 'over 50 to 1,200', 'over 1,200']
    """
    texts = [f"{e:,}" for e in edges]
    inner = [f"over {a} to {b}" for a, b in itertools.pairwise(texts)]
    return ["0", *inner, f"over {texts[-1]}"]


def merge_thin_ranges(
    edges: Sequence[EdgeValue], counts: Sequence[int], least: float
) -> tuple[EdgeValue, ...]:
    """Drop edges until every range holds at least the share `least`; a thin range joins its thinner neighbour.

    Examples
    --------
    >>> merge_thin_ranges((1946, 1955, 1965), (10, 130, 400, 460), 0.05)
    (1955, 1965)
    """
    kept, sizes = list(edges), list(counts)
    total = sum(sizes)
    while kept and total and min(sizes) < least * total:
        at = sizes.index(min(sizes))
        left = at > 0 and (at == len(kept) or sizes[at - 1] <= sizes[at + 1])
        edge = at - 1 if left else at
        sizes[edge : edge + 2] = [sizes[edge] + sizes[edge + 1]]
        del kept[edge]
    return tuple(kept)


def _as_edge(number: float) -> EdgeValue:
    """A whole number as an integer, another one with 12 digits."""
    return int(number) if float(number).is_integer() and abs(number) < 1e15 else float(f"{number:.12g}")
